//! `exec` around real commands: environment, masking, order, signals, exit codes.

mod harness;

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};
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
    let call = place.call().args(["-q", "--", "sh", "-c", script]);
    let mut command = call.into_command();
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = command.spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    (child, reader)
}

const COUNTING: &str = "n=0; trap 'n=$((n+1))' TERM HUP INT QUIT USR1 USR2; trap 'echo $n; exit 7' WINCH; \
                        echo ready; while :; do sleep 0.05; done";

#[test]
fn term_reaches_the_command_at_most_once_also_when_the_whole_group_gets_it() {
    let place = Place::new();
    let (mut child, mut output) = ready(&place, COUNTING);
    let pid = Pid::from_child(&child);
    for _ in 0..3 {
        rustix::process::kill_process_group(pid, Signal::TERM).unwrap();
    }
    // Long enough for all of them to be handed on, were they.
    std::thread::sleep(Duration::from_millis(300));
    rustix::process::kill_process(pid, Signal::WINCH).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(7));
    let mut counted = String::new();
    output.read_to_string(&mut counted).unwrap();
    assert_eq!(counted, "1\n");
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
    let (mut child, mut output) = ready(&place, "echo ready; exec sleep 600");
    child.kill().unwrap();
    child.wait().unwrap();
    // The end of file comes when the last process that holds the pipe is gone.
    assert_eq!(output.read_to_end(&mut Vec::new()).unwrap(), 0);
}

#[test]
fn core_dumps_are_as_before_for_the_command() {
    let place = Place::new();
    let script = format!("ulimit -c; exec {PROGRAM} exec -q -- sh -c 'ulimit -c'");
    let done = Call::shell(&script, &place.server, place.cache.path()).run();
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(lines[0], lines[1]);
}
