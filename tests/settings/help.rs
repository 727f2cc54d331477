//! The help of the program and of each verb.

use genesys_token::cli;
use genesys_token::environment::variable;

use super::*;

/// The help of `verb`, one line for each flag.
fn help_by_flag(verb: &str) -> Vec<String> {
    let help = genesys_token().verb(verb).args(["--help"]).any_stdout().success().stdout;
    help.split("\n\n").map(|entry| entry.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Whether `line` is the help of `--flag`, which may stand behind a heading or its short form.
fn is_about(line: &str, flag: &str) -> bool {
    let is_flag = |name: &str| name.split(['.', '[']).next() == Some(flag);
    line.split(' ').take(2).any(|word| word.strip_prefix("--").is_some_and(is_flag))
}

/// The variables of the registry that `line` names.
fn variables_in(line: &str) -> Vec<&str> {
    let words = line.split(|c: char| !c.is_ascii_uppercase() && c != '_');
    words.filter(|word| variable::ALL.iter().any(|variable| variable.name == *word)).collect()
}

#[test]
fn help_and_version_are_answers() {
    for flag in ["--help", "-h", "--version", "-V"] {
        let done = genesys_token().verb(flag).any_stdout().success();
        assert!(done.stdout.contains("genesys-token"), "{flag}: {done:?}");
    }
    for verb in ["get", "bind", "exec", "regions", "completions", "man"] {
        let done = genesys_token().verb(verb).args(["--help"]).any_stdout().success();
        assert!(done.stdout.contains(&format!("\nUsage: genesys-token {verb}")), "{verb}: {done:?}");
    }
}

#[test]
fn the_help_of_each_verb_names_the_variables_of_its_flags() {
    let mut named = Vec::new();
    for command in cli::command().get_subcommands() {
        let verb = command.get_name();
        let help = help_by_flag(verb);
        let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
        for flag in shown.filter_map(|arg| arg.get_long()) {
            let line = help.iter().find(|line| is_about(line, flag));
            let line = line.unwrap_or_else(|| panic!("--{flag} is not in the help of {verb}: {help:#?}"));
            let of_flag = variable::ALL.iter().filter(|variable| variable.flag == Some(flag));
            let expected: Vec<&str> = of_flag.map(|variable| variable.name).collect();
            assert_eq!(variables_in(line), expected, "{verb}: {line}");
            named.extend(expected);
        }
    }
    for variable in variable::ALL.iter().filter(|variable| variable.flag.is_some()) {
        assert!(named.contains(&variable.name), "no verb has the flag of {variable:?}");
    }
}
