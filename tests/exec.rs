//! `exec` around real commands: environment, masking, order, signals, exit codes.

mod harness;

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::{Call, Done, PROGRAM};
use loopback_login_server::{Behaviour, CLIENT_ID, CLIENT_SECRET, LoginServer};
use rustix::process::{Pid, Signal};
use tempfile::TempDir;

struct Place {
    server: LoginServer,
    cache: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { server: LoginServer::start(Behaviour::default()), cache: tempfile::tempdir().unwrap() }
    }

    fn call(&self) -> Call {
        Call::new("exec", &self.server, self.cache.path())
    }

    /// `exec -- sh -c SCRIPT`.
    fn script(&self, script: &str) -> Done {
        self.call().args(["-q", "--", "sh", "-c", script]).run()
    }

    fn token(&self) -> String {
        Call::new("get", &self.server, self.cache.path()).run().token().to_owned()
    }
}

#[test]
fn the_command_gets_the_token_and_not_the_credential() {
    let place = Place::new();
    let token = place.token();
    let done = place.call().args(["-q", "--no-masking", "--", "env"]).run();
    assert!(done.stdout.contains(&format!("GENESYSCLOUD_ACCESS_TOKEN={token}\n")));
    assert!(done.stdout.contains("GENESYSCLOUD_REGION=us-east-1\n"));
    assert!(done.stdout.contains("GENESYSCLOUD_API_REGION=http://127.0.0.1:"));
    assert!(done.stdout.contains("GENESYS_TOKEN_EXPIRES_AT=20"));
    assert!(!done.stdout.contains("OAUTHCLIENT") && !done.stdout.contains(CLIENT_SECRET));
}

#[test]
fn the_credential_stays_when_it_is_asked_to_and_is_masked_too() {
    let place = Place::new();
    let done = place.call().args(["--keep-credentials", "--", "env"]).run();
    assert!(done.stdout.contains(&format!("GENESYSCLOUD_OAUTHCLIENT_ID={CLIENT_ID}")));
    assert!(done.stdout.contains("GENESYSCLOUD_OAUTHCLIENT_SECRET=****\n"));
}

#[test]
fn a_kept_credential_with_a_newline_is_masked_without_it_too() {
    let place = Place::new();
    let call = place.call().credential(CLIENT_ID, &format!("{CLIENT_SECRET}\n"));
    let script = r#"printf '%s' "$GENESYSCLOUD_OAUTHCLIENT_SECRET""#;
    let done = call.args(["--keep-credentials", "--", "sh", "-c", script]).run();
    assert_eq!((done.code, done.stdout.as_str()), (0, "****\n"));
}

#[test]
fn a_call_inside_the_command_never_takes_the_token_of_a_block_around_it() {
    let place = Place::new();
    let outer = place.cache.path().join("outer");
    std::fs::write(&outer, "outer-token\n").unwrap();
    let names = ["GENESYS_TOKEN_FILE", "GENESYS_HEADERS_FILE", "GENESYS_CURL_CONFIG"];
    let call = names.iter().fold(place.call(), |call, name| call.env(name, &outer));
    let script = format!("{PROGRAM} get; env | grep -c -e _FILE= -e _CONFIG=");
    let done = call.args(["--", "sh", "-c", &script]).run();
    assert_eq!(done.stdout, "0\n");
    assert!(done.stderr.contains("no client id"), "{done:?}");
}

#[test]
fn the_token_is_masked_in_every_usual_form() {
    let place = Place::new();
    let token = place.token();
    let done = place.script(
        "echo raw $GENESYSCLOUD_ACCESS_TOKEN; echo err $GENESYSCLOUD_ACCESS_TOKEN >&2;
         for before in '' x xx; do printf %s \"$before$GENESYSCLOUD_ACCESS_TOKEN\" | base64 -w0; echo; done;
         half=$(printf %.40s $GENESYSCLOUD_ACCESS_TOKEN); printf %s $half;
         printf '%s end' ${GENESYSCLOUD_ACCESS_TOKEN#$half}",
    );
    assert_eq!(done.code, 0);
    assert!(done.stdout.starts_with("raw ****\n") && done.stdout.ends_with("**** end"), "{done:?}");
    assert_eq!(done.stderr, "err ****\n");
    for before in ["", "x", "xx"] {
        let encoded = STANDARD.encode(format!("{before}{token}"));
        assert!(!done.stdout.contains(&encoded[4..encoded.len() - 4]));
    }
}

#[test]
fn a_prompt_without_a_newline_is_seen_at_once() {
    let place = Place::new();
    let script = "printf 'go on? '; read answer; echo $answer";
    let mut child = place.call().args(["-q", "--", "sh", "-c", script]).stdin_pipe().start();
    let mut prompt = [0; 7];
    child.stdout.as_mut().unwrap().read_exact(&mut prompt).unwrap();
    assert_eq!(&prompt, b"go on? ");
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"yes\n").unwrap();
    assert_eq!(Done::from(child.wait_with_output().unwrap()).stdout, "yes\n");
}

#[test]
fn binary_input_and_output_pass_untouched() {
    let place = Place::new();
    // Every byte value, a megabyte of them, in at stdin and out at stdout.
    let bytes: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let mut child = place.call().args(["-q", "--", "cat"]).stdin_pipe().start();
    let mut stdin = child.stdin.take().unwrap();
    let input = bytes.clone();
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &input));
    assert_eq!(child.wait_with_output().unwrap().stdout, bytes);
    writer.join().unwrap().unwrap();
}

#[test]
fn stdout_and_stderr_into_one_file_keep_their_order() {
    let place = Place::new();
    let script = "i=0; while [ $i -lt 200 ]; do echo $i; echo $i >&2; i=$((i+1)); done";
    let whole = format!("exec {PROGRAM} exec -q -- sh -c '{script}' 2>&1");
    let done = Call::shell(&whole, &place.server, place.cache.path()).run();
    let expected: String = (0..200).map(|i: u32| i.to_string() + "\n").map(|line| line.repeat(2)).collect();
    assert_eq!(done.stdout, expected);
}

#[test]
fn exit_codes_are_a_shell_s() {
    let place = Place::new();
    assert_eq!(place.script("exit 42").code, 42);
    assert_eq!(place.script("kill -TERM $$").code, 128 + 15);
    let missing = place.call().args(["--", "no-such-command-here"]).run();
    assert_eq!(missing.code, 127);
    assert!(missing.stderr.contains("no such command on PATH"), "{}", missing.stderr);
    assert_eq!(place.call().args(["--", "/etc/passwd"]).run().code, 126);
    assert_eq!(place.call().args(["--no-masking", "--", "no-such-command-here"]).run().code, 127);
}

#[test]
fn a_refused_credential_never_starts_the_command() {
    let place = Place::new();
    let call = place.call().credential(CLIENT_ID, &"w".repeat(43));
    let done = call.args(["--", "sh", "-c", "echo started"]).run();
    assert_eq!((done.code, done.stdout.as_str()), (4, ""));
}

#[test]
fn a_secret_from_stdin_is_a_usage_error_since_the_command_owns_it() {
    let place = Place::new();
    let done = place.call().args(["--client-secret-file", "-", "--", "cat"]).stdin("secret").run();
    assert_eq!(done.code, 2);
    assert!(!done.stderr.contains("cat"));
}

#[test]
fn a_grandchild_that_holds_the_output_open_does_not_hold_the_call() {
    let place = Place::new();
    let before = Instant::now();
    let done = place.script("sleep 600 & echo done");
    assert_eq!((done.code, done.stdout.as_str()), (0, "done\n"));
    // Not a measure of speed: without the drain's end this would last ten minutes.
    assert!(before.elapsed() < Duration::from_secs(300));
}

/// Starts `exec -- sh -c SCRIPT` in a process group of its own and waits for its first line.
fn ready(place: &Place, script: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    ready_with(place, script, Stdio::null())
}

/// The same with this stdin. Signals that whoever started the tests ignores, as `nohup` does, are not ignored.
fn ready_with(place: &Place, script: &str, stdin: Stdio) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = Command::new("env");
    command.args(["--default-signal", PROGRAM, "exec", "-q", "--", "sh", "-c", script]);
    command.env_clear().envs(place.call().environment());
    command.process_group(0).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = command.spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    (child, reader)
}

#[test]
fn term_reaches_the_command_at_most_once_also_when_the_whole_group_gets_it() {
    let place = Place::new();
    // Every signal is answered before the next is sent: two that wait at once would count as one.
    let script = "trap 'echo term' TERM; trap 'echo usr1' USR1; trap 'exit 7' USR2; echo ready; \
                  while :; do sleep 0.05; done";
    let (mut child, mut output) = ready(&place, script);
    let pid = Pid::from_child(&child);
    let mut said = String::new();
    rustix::process::kill_process_group(pid, Signal::TERM).unwrap();
    output.read_line(&mut said).unwrap();
    for _ in 0..2 {
        rustix::process::kill_process_group(pid, Signal::TERM).unwrap();
        rustix::process::kill_process_group(pid, Signal::USR1).unwrap();
        output.read_line(&mut said).unwrap();
    }
    rustix::process::kill_process(pid, Signal::USR2).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(7));
    output.read_to_string(&mut said).unwrap();
    assert_eq!(said, "term\nusr1\nusr1\n");
}

#[test]
fn signals_that_a_careless_parent_blocked_do_not_hang_the_call_and_stay_blocked_for_the_command() {
    let place = Place::new();
    let blocked = |command: &mut Command| {
        let output = command.env_clear().envs(place.call().environment()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let mask = ["grep", "SigBlk", "/proc/self/status"];
    let block = ["--block-signal=CHLD", "--block-signal=TERM"];
    let plain = blocked(Command::new("env").args(block).args(mask));
    let through = blocked(Command::new("env").args(block).args([PROGRAM, "exec", "-q", "--"]).args(mask));
    assert_eq!(plain, through);
    assert!(!plain.contains("0000000000000000"), "{plain}");
}

#[test]
fn the_other_signals_reach_the_command_too() {
    for signal in [Signal::HUP, Signal::INT, Signal::QUIT, Signal::USR1, Signal::USR2, Signal::TERM] {
        let place = Place::new();
        let script = "trap 'exit 9' HUP INT QUIT USR1 USR2 TERM; echo ready; while :; do sleep 0.05; done";
        let (mut child, _output) = ready(&place, script);
        rustix::process::kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(9), "{signal:?}");
    }
}

#[test]
fn a_killed_call_leaves_no_command_behind() {
    let place = Place::new();
    // The command gets our stdin as it is: the write end of a pipe, whose end comes when its last holder is gone.
    let (mut held, stdin) = std::io::pipe().unwrap();
    let (mut child, _output) = ready_with(&place, "echo ready; exec sleep 600", stdin.into());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(held.read_to_end(&mut Vec::new()).unwrap(), 0);
}

#[test]
fn core_dumps_are_as_before_for_the_command() {
    let place = Place::new();
    // In blocks of 512 bytes. The soft limit alone: the hard one may be lower than that, and then both are.
    let inner = "ulimit -S -c; grep core /proc/$PPID/limits";
    let script = format!("ulimit -S -c 2048; ulimit -S -c; exec {PROGRAM} exec -q -- sh -c '{inner}'");
    let done = Call::shell(&script, &place.server, place.cache.path()).run();
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!((lines[0], lines[1]), ("2048", "2048"), "{done:?}");
    let ours: Vec<&str> = lines[2].split_whitespace().collect();
    assert_eq!(ours[..5], ["Max", "core", "file", "size", "1"], "{done:?}");
}
