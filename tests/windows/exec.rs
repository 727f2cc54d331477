//! `exec`: exit codes, programs and their arguments, console events, and what a kill leaves.

use std::env;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use loopback_login_server::CLIENT_ID;

use crate::UNDER_WINE;
use crate::harness::{Call, Scene, skipped};

/// The variable that has the path of the program that `tests/windows/command.c` becomes.
const COMMAND: &str = "COMMAND_PROGRAM";
/// The variable that is set where there is a console, from which Ctrl-C can come.
const HAS_CONSOLE: &str = "HAS_CONSOLE";
/// More than a process of Wine takes to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// The path of the command of these tests.
pub(crate) fn command() -> Option<String> {
    let command = env::var(COMMAND).ok();
    if command.is_none() {
        skipped("exec", "COMMAND_PROGRAM is not set");
    }
    command
}

/// `exec -- COMMAND WORDS…`, without the line on stderr.
pub(crate) fn exec(scene: &Scene, command: &str, words: &[&str]) -> Call {
    scene.exec([]).command([&[command], words].concat()).arg("-q")
}

/// Waits until `condition` holds.
#[track_caller]
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process has the file for itself, as `wait` keeps it.
fn is_held(ready: &Path) -> bool {
    ready.exists() && File::options().write(true).open(ready).is_err()
}

#[test]
fn exit_codes_of_32_bits_are_passed_on() {
    let Some(command) = command() else { return };
    let scene = Scene::new();
    for code in [0_u32, 1, 255, 256, 70_000, 3_221_225_477] {
        for masking in [&[][..], &["--no-masking"]] {
            exec(&scene, &command, &["exit", &code.to_string()]).args(masking).exit(code.cast_signed());
        }
    }
}

/// What the C library of a program takes apart, and what cmd.exe does.
const ARGUMENTS: [&str; 9] = [
    "plain",
    "two words",
    "",
    r#"a "quoted" word"#,
    r"C:\ends with\",
    "%PATH%",
    "a&b|c<d>e",
    "^caret^",
    "!x! ü €",
];

#[test]
fn a_program_gets_its_arguments_as_they_are() {
    let Some(command) = command() else { return };
    let scene = Scene::new();
    let words: Vec<&str> = ["arguments"].into_iter().chain(ARGUMENTS).collect();
    exec(&scene, &command, &words).stdout_exactly(ARGUMENTS.join("\n") + "\n").success();
}

/// A directory with `tool.cmd`, which prints its arguments.
fn with_batch_file(scene: &Scene, command: &str) -> PathBuf {
    let bin = scene.path("bin with a space");
    fs::create_dir(&bin).expect("a directory");
    fs::write(bin.join("tool.cmd"), format!("@\"{command}\" arguments %*\r\n")).expect("a file");
    fs::write(bin.join("script.ps1"), "exit 0\r\n").expect("a file");
    bin
}

fn on_path(call: Call, bin: &Path) -> Call {
    let system = env::var_os("PATH").expect("there is a PATH");
    let path = env::join_paths([bin.to_owned()].into_iter().chain(env::split_paths(&system)));
    call.env("PATH", path.expect("a path"))
}

#[test]
fn a_batch_file_is_found_by_its_bare_name_and_gets_its_arguments_as_they_are() {
    let Some(command) = command() else { return };
    let scene = Scene::new();
    let bin = with_batch_file(&scene, &command);
    let mut arguments = ARGUMENTS.to_vec();
    if env::var_os(UNDER_WINE).is_some() {
        skipped(
            "a percent sign in an argument of a batch file",
            "Wine's cmd.exe takes it apart in its own way",
        );
        arguments.retain(|argument| !argument.contains('%'));
    }
    for tool in ["tool", "tool.cmd"] {
        on_path(exec(&scene, tool, &arguments), &bin).stdout_exactly(arguments.join("\n") + "\n").success();
    }
}

#[test]
fn what_can_not_be_started_or_quoted_is_refused() {
    let Some(command) = command() else { return };
    let scene = Scene::new();
    let bin = with_batch_file(&scene, &command);
    for (tool, word, code, said) in [
        ("tool", "two\r\nlines", 126, "an argument can't be quoted for it"),
        ("script.ps1", "", 126, "it is no program"),
        ("missing", "", 127, "no such command on PATH"),
        (r".\missing.exe", "", 127, "no such file"),
    ] {
        let done = on_path(exec(&scene, tool, &[word]), &bin).any_stderr().exit(code);
        assert!(done.stderr.contains(said), "{tool}: {done:?}");
    }
}

#[test]
fn a_rejected_credential_never_starts_the_command() {
    let scene = Scene::new();
    let call = exec(&scene, "cmd", &["/d", "/c", "echo started"]).credential(CLIENT_ID, &"w".repeat(43));
    call.stderr("genesys-token: error: * refused client 1111…5555: invalid_client\n  …\n").exit(4);
}

#[test]
fn a_kill_at_any_moment_leaves_neither_the_command_nor_what_it_started_nor_half_a_file() {
    let Some(command) = command() else { return };
    for number in 0..50_u32 {
        let scene = Scene::new();
        let ready = scene.path("ready");
        let of_child = scene.path("ready.child");
        let masking = if number % 2 == 0 { &[][..] } else { &["--no-masking"] };
        let call = exec(&scene, &command, &["tree", &ready.display().to_string()]).args(masking);
        let mut call = call.into_command();
        let mut process = call.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        // Spread over its whole way; the last ones come when the command and its child surely run.
        if number < 40 {
            thread::sleep(Duration::from_millis(u64::from(number) * 16));
        } else {
            wait_until("the command runs", || is_held(&ready));
            assert!(is_held(&of_child));
        }
        process.kill().expect("it is ours");
        process.wait().expect("it ends");
        wait_until("the command is gone", || !is_held(&ready) && !is_held(&of_child));
        // No call takes what a killed writer leaves for an entry.
        scene.get().fetched_or_reused().success();
        assert!(!is_held(&ready) && !is_held(&of_child), "nobody has started it since");
    }
}

#[test]
fn what_the_command_leaves_running_goes_on_after_a_normal_end() {
    let Some(command) = command() else { return };
    for masking in [&[][..], &["--no-masking"]] {
        let scene = Scene::new();
        let ready = scene.path("ready");
        let mut call =
            exec(&scene, &command, &["leave", &ready.display().to_string()]).args(masking).into_command();
        assert!(call.stdout(Stdio::null()).status().expect("it starts").success());
        assert!(is_held(&ready), "it runs");
        fs::write(scene.path("ready.end"), "").expect("a file");
        wait_until("it ends", || !is_held(&ready));
    }
}

#[test]
fn ctrl_c_reaches_the_command_whose_last_words_and_code_are_passed_on() {
    let Some(command) = command() else { return };
    if env::var_os(HAS_CONSOLE).is_none() {
        return skipped("Ctrl-C", "there is no console");
    }
    for masking in ["--no-cache", "--no-masking"] {
        let scene = Scene::new();
        let ready = scene.path("ready").display().to_string();
        let call =
            exec(&scene, &command, &["wait", &ready]).arg(masking).under([&command, "interrupt", &ready]);
        let mut process =
            call.into_command().stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut printed = String::new();
        process.stdout.take().expect("a pipe").read_to_string(&mut printed).expect("text");
        let code = process.wait().expect("it ends").code();
        assert_eq!((printed.as_str(), code), ("cleaned up\r\n", Some(3)), "{masking}");
    }
}
