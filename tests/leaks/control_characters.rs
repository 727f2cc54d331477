//! Messages that quote what a caller gave: no terminal's escape, and no line that the program did not write.

use std::fs;
use std::path::Path;
use std::process::Child;

use genesys_token::cli;
use genesys_token::environment::variable;

use crate::files;
use crate::harness::{Call, Done, Scene};

/// As a text, a path or a word of anything.
const HOSTILE: &str = "/no/such\nforged: line\r\u{1b}[31mred\u{9b}31m\u{202e}thgir";

/// What must not be seen, in stdout or stderr.
#[track_caller]
fn check(what: &str, done: &Done) {
    for text in [&done.stdout, &done.stderr] {
        let is_raw = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.contains(is_raw), "{what}: {done:?}");
        assert!(!text.lines().any(|line| line.starts_with("forged")), "{what}: {done:?}");
    }
}

/// Every call at once, then what each of them has printed.
#[track_caller]
fn check_all(calls: &[(String, Call)]) {
    assert!(calls.len() > 10, "{}", calls.len());
    for some in calls.chunks(16) {
        let started: Vec<(&String, Child)> =
            some.iter().map(|(what, call)| (what, call.clone().spawn())).collect();
        for (what, child) in started {
            check(what, &Done::from(child.wait_with_output().expect("the program ends")));
        }
    }
}

/// `verb` with what it requires.
fn call(scene: &Scene, verb: &str) -> Call {
    let call = scene.call(verb).env("GENESYS_TOKEN_TIMEOUT", "2s");
    match verb {
        "exec" => call.command(["true"]),
        "bind" => call.arg("--dir").arg(scene.path("block")),
        "completions" => call.arg("bash"),
        _ => call,
    }
}

#[test]
fn no_value_of_any_flag_reaches_stderr_raw() {
    let scene = Scene::new();
    let mut calls = Vec::new();
    for verb in cli::command().get_subcommands() {
        let name = verb.get_name();
        for flag in verb.get_arguments().filter_map(clap::Arg::get_long) {
            let value = format!("--{flag}={HOSTILE}");
            calls.push((format!("{name} --{flag}"), call(&scene, name).arg(&value)));
            // Without the variable that says the same, and with the flag twice.
            let call = call(&scene, name).without("GENESYS_TOKEN_CACHE_DIR").args([&value, &value]);
            calls.push((format!("{name} --{flag} twice"), call));
        }
        for words in [HOSTILE.to_owned(), format!("--{HOSTILE}"), format!("-{HOSTILE}")] {
            calls.push((format!("{name} {words:?}"), call(&scene, name).arg(words)));
        }
    }
    check_all(&calls);
}

#[test]
fn no_value_of_any_variable_reaches_stderr_raw() {
    let scene = Scene::new();
    let mut calls = Vec::new();
    for verb in ["get", "bind", "exec", "doctor", "status", "clear"] {
        for variable in variable::ALL {
            let hostile = call(&scene, verb).env(variable.name, HOSTILE);
            let call = hostile.clone().without("GENESYS_TOKEN_CACHE_DIR");
            calls.push((format!("{verb} {}", variable.name), hostile));
            calls.push((format!("{verb} {} alone", variable.name), call));
        }
    }
    check_all(&calls);
}

#[test]
fn no_word_of_the_command_line_reaches_stderr_raw() {
    let scene = Scene::new();
    let mut calls = vec![("no verb".to_owned(), scene.call(HOSTILE))];
    for masking in ["--no-masking", "-q"] {
        for command in [HOSTILE, "/proc\n/forged: line", "/dev/\u{1b}[31m"] {
            calls.push((command.to_owned(), scene.exec([command]).arg(masking)));
        }
        let dir = scene.path("a\nforged: directory");
        fs::create_dir_all(&dir).expect("a directory");
        calls.push(("a directory".to_owned(), scene.exec([dir.to_str().expect("UTF-8")]).arg(masking)));
        let file = dir.join("\u{1b}[31m");
        fs::write(&file, "").expect("a file");
        calls.push(("no program".to_owned(), scene.exec([file.to_str().expect("UTF-8")]).arg(masking)));
    }
    check_all(&calls);
}

/// `visible` is what a path in a message goes through. `std` has no other way to show one, so this finds the next.
#[test]
fn every_path_in_a_message_is_made_visible() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut raw = Vec::new();
    for file in files(&src) {
        let text = fs::read_to_string(&file).expect("a source file");
        for (number, line) in text.lines().enumerate().filter(|(_, line)| line.contains(".display()")) {
            // `bind` answers with a path as it is, one that it has checked.
            let is_answer = file.ends_with("bound/step.rs");
            if !line.contains("visible(") && !is_answer {
                raw.push(format!("{}:{}: {line}", file.display(), number + 1));
            }
        }
    }
    assert!(raw.is_empty(), "{raw:#?}");
}
