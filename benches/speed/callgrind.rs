//! Instructions, as callgrind counts them.

use std::process::{Command, Stdio};

/// Whether there is a callgrind to ask.
pub fn is_there() -> bool {
    crate::timing::is_there("valgrind")
}

/// The instructions of `command`, from its first in the dynamic loader to its last.
pub fn instructions(command: &Command) -> u32 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(command.get_program()).args(command.get_args()).env_clear();
    valgrind.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = valgrind.stdin(Stdio::null()).output().expect("valgrind starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let count = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.unwrap_or_else(|| panic!("callgrind did not count: {said}"))
}
