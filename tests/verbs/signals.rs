//! `exec` around real commands: signals, and the limit on core dumps.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::script;
use crate::harness::Scene;

/// A running `exec -- sh -c SCRIPT`, in a process group of its own.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    fn start(scene: &Scene, script: &str) -> Self {
        Self::with_stdin(scene, script, Stdio::null())
    }

    /// Waits for the script's first line. Signals that the tests' own parent ignores, as `nohup` does, have their default action again. The shell may
    /// report on stderr which of its children a signal ended.
    fn with_stdin(scene: &Scene, script: &str, stdin: Stdio) -> Self {
        let call = scene.exec(["sh", "-c", script]).arg("-q").under(["env", "--default-signal"]);
        let mut command = call.into_command();
        command.process_group(0).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut running = Self { child, stdout };
        assert_eq!(running.line(), "ready\n");
        running
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("text");
        line
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn signal_group(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).expect("the group exists");
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the process exists");
    }

    /// Waits for its end, and returns its exit code.
    fn exit_code(&mut self) -> Option<i32> {
        self.child.wait().expect("the program ends").code()
    }
}

#[test]
fn term_reaches_the_command_at_most_once_even_when_the_whole_group_gets_it() {
    let scene = Scene::new();
    // Every signal is answered before the next is sent: two that wait at once would count as one.
    let script = "trap 'echo term' TERM; trap 'echo usr1' USR1; trap 'exit 7' USR2; echo ready; \
                  while :; do sleep 0.05; done";
    let mut running = Running::start(&scene, script);
    running.signal_group(Signal::TERM);
    assert_eq!(running.line(), "term\n");
    for _ in 0..2 {
        running.signal_group(Signal::TERM);
        running.signal_group(Signal::USR1);
        assert_eq!(running.line(), "usr1\n");
    }
    running.signal(Signal::USR2);
    assert_eq!(running.exit_code(), Some(7));
    let mut rest = String::new();
    running.stdout.read_to_string(&mut rest).expect("text");
    assert_eq!(rest, "");
}

#[test]
fn every_forwarded_signal_reaches_the_command() {
    for signal in [Signal::HUP, Signal::INT, Signal::QUIT, Signal::USR1, Signal::USR2, Signal::TERM] {
        let scene = Scene::new();
        let script = "trap 'exit 9' HUP INT QUIT USR1 USR2 TERM; echo ready; while :; do sleep 0.05; done";
        let mut running = Running::start(&scene, script);
        running.signal(signal);
        assert_eq!(running.exit_code(), Some(9), "{signal:?}");
    }
}

#[test]
fn signals_that_were_blocked_before_do_not_hang_the_call_and_stay_blocked_for_the_command() {
    let scene = Scene::new();
    let mask = ["grep", "SigBlk", "/proc/self/status"];
    let blocking = ["env", "--block-signal=CHLD", "--block-signal=TERM"];
    let direct = Command::new(blocking[0]).args(&blocking[1..]).args(mask).output().expect("it starts");
    let direct = String::from_utf8(direct.stdout).expect("text");
    assert!(direct.starts_with("SigBlk:") && !direct.contains("0000000000000000"), "{direct}");
    scene.exec(mask).arg("-q").under(blocking).stdout(direct).success();
}

#[test]
fn a_signal_that_was_ignored_stays_ignored_for_the_command() {
    let scene = Scene::new();
    let last_digit = "sed -n 's/^SigIgn:.*\\(.\\)$/\\1/p' /proc/self/status";
    let ignoring = ["env", "--ignore-signal=HUP", "--ignore-signal=INT", "--ignore-signal=QUIT"];
    // One bit for each signal, from the first.
    scene.exec(["sh", "-c", last_digit]).arg("-q").under(ignoring).stdout("7\n").success();
}

#[test]
fn a_signal_that_was_ignored_reaches_a_command_that_handles_it_all_the_same() {
    for (name, signal) in [("INT", Signal::INT), ("QUIT", Signal::QUIT), ("HUP", Signal::HUP)] {
        let scene = Scene::new();
        // A shell can't handle what was ignored before. The alarm ends a command that the signal never reaches.
        let handle = format!(
            "$| = 1; $SIG{{{name}}} = sub {{ exit 9 }}; alarm 20; print qq(ready\\n); sleep 1 while 1"
        );
        let call = scene.exec(["perl", "-e", &handle]).arg("-q");
        let mut command = call.under(["env", &format!("--ignore-signal={name}")]).into_command();
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut running = Running { child, stdout };
        assert_eq!(running.line(), "ready\n");
        running.signal(signal);
        assert_eq!(running.exit_code(), Some(9), "{name}");
    }
}

#[test]
fn as_process_1_it_reaps_orphans_and_keeps_the_commands_own_exit_code() {
    let scene = Scene::new();
    let is_root = rustix::process::getuid().is_root();
    let mut container = vec!["unshare", "--pid", "--fork", "--mount-proc"];
    container.extend((!is_root).then_some("--map-root-user"));
    // The orphans are reaped when their processes are gone, and not only over.
    let script = "for code in 0 1 7; do sh -c \"sh -c 'exit $code' & echo \\$!\"; done > \"$0\"
         tries=0
         for orphan in $(cat \"$0\"); do
           while [ -e /proc/$orphan ]; do
             tries=$((tries + 1)); [ $tries -lt 200 ] || { echo \"$orphan is left\"; exit 1; }
             sleep 0.05
           done
         done
         echo $(wc -l < \"$0\") orphans, parent $PPID; exit 3";
    let list = scene.path("orphans");
    let call = scene.exec(["sh", "-c", script, list.to_str().expect("UTF-8")]).arg("-q").under(container);
    call.stdout("3 orphans, parent 1\n").exit(3);
}

/// A shell in a terminal of its own, which `script` makes, with job control.
struct Session {
    child: Child,
    /// What the terminal has shown and is not yet read over.
    stdout: BufReader<ChildStdout>,
}

impl Session {
    fn start(scene: &Scene, commands: &str) -> Self {
        // A terminal that hangs is over in time.
        let in_terminal = ["timeout", "30", "script", "-qec"];
        let commands = format!("bash -m -c '{commands}'");
        let mut call = script(scene, "").into_command();
        let environment: Vec<_> =
            call.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
        call = Command::new(in_terminal[0]);
        call.args(&in_terminal[1..]).arg(commands).arg("/dev/null").env_clear().envs(environment);
        call.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = call.spawn().expect("script starts");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, stdout }
    }

    fn types(&mut self, keys: &str) {
        // A session that is over reads nothing; what it has shown says why.
        let _ = self.child.stdin.as_mut().expect("a pipe").write_all(keys.as_bytes());
    }

    /// Reads lines until one contains `expected`.
    #[track_caller]
    fn shows(&mut self, expected: &str) {
        let mut seen = Vec::new();
        loop {
            let mut line = Vec::new();
            self.stdout.read_until(b'\n', &mut line).expect("a pipe");
            let line = String::from_utf8_lossy(&line).into_owned();
            let is_expected = line.contains(expected);
            assert!(!line.is_empty(), "no {expected:?} in {seen:?}");
            seen.push(line);
            if is_expected {
                return;
            }
        }
    }
}

#[test]
fn a_call_in_the_background_can_be_brought_to_the_foreground_stopped_continued_and_interrupted() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let started = scene.path("started");
    let started = started.to_str().expect("UTF-8");
    let command = format!(r#"sh -c "echo > {started}; exec sed -u s/^/got:/""#);
    let mut session = Session::start(
        &scene,
        &format!(
            r#""$GENESYS_TOKEN" exec -q -- {command} &
               until [ -e {started} ]; do sleep 0.05; done; fg; echo stopped $?; fg; echo ended $?"#
        ),
    );
    session.types("one\n");
    session.shows("got:one");
    // Ctrl-Z.
    session.types("\u{1a}");
    session.shows("stopped 14");
    session.types("two\n");
    session.shows("got:two");
    // Ctrl-C.
    session.types("\u{3}");
    session.shows("ended 130");
    assert!(session.child.wait().expect("the session ends").success());
}

#[test]
fn a_call_in_the_foreground_can_be_stopped_and_continued() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let command = r#"sh -c "echo ready; read line; echo got \$line""#;
    let mut session = Session::start(
        &scene,
        &format!(r#""$GENESYS_TOKEN" exec -q -- {command}; echo stopped $?; fg; echo ended $?"#),
    );
    session.shows("ready");
    session.types("\u{1a}");
    session.shows("stopped 148");
    session.types("one\n");
    session.shows("got one");
    session.shows("ended 0");
    assert!(session.child.wait().expect("the session ends").success());
}

#[test]
fn a_killed_call_leaves_no_command_behind() {
    let scene = Scene::new();
    // The command gets our stdin as it is: the write end of a pipe, whose end comes when its last holder is gone.
    let (mut held, stdin) = std::io::pipe().expect("a pipe");
    let mut running = Running::with_stdin(&scene, "echo ready; exec sleep 600", stdin.into());
    running.child.kill().expect("it runs");
    assert_eq!(running.exit_code(), None);
    assert_eq!(held.read_to_end(&mut Vec::new()).expect("the pipe ends"), 0);
}

#[test]
fn the_program_writes_no_core_dump_and_the_command_keeps_the_callers_limit() {
    let scene = Scene::new();
    // In blocks of 512 bytes. The soft limit alone: the hard one may be lower than that, and then both are.
    let inner = "ulimit -S -c; grep core /proc/$PPID/limits";
    let outer =
        format!(r#"ulimit -S -c 2048; ulimit -S -c; exec "$GENESYS_TOKEN" exec -q -- sh -c '{inner}'"#);
    let done = script(&scene, &outer).stdout("2048\n2048\nMax core file size *\n").success();
    let limit: Vec<&str> = done.stdout.lines().last().unwrap_or_default().split_whitespace().collect();
    assert_eq!(limit[..5], ["Max", "core", "file", "size", "1"], "{done:?}");
}
