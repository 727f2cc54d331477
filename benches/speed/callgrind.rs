//! Instruction counts, by callgrind.

use std::process::{Command, Stdio};

pub(crate) fn is_installed() -> bool {
    crate::timing::is_installed("valgrind")
}

/// The number of instructions that `command` executes, including the dynamic loader's.
pub(crate) fn instructions(command: &Command) -> u32 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(command.get_program()).args(command.get_args()).env_clear();
    valgrind.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = valgrind.stdin(Stdio::null()).output().expect("valgrind starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let count = stderr.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.unwrap_or_else(|| panic!("callgrind printed no count: {stderr}"))
}
