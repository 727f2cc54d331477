//! Verbs, flags and variables: what the pages name is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::harness::Call;
use crate::pages::{Page, pages, read, root};

/// Flags of other programs that a page names without the program before them.
const FLAGS_OF_OTHERS: [(&str, &str); 3] =
    [("--access-token", "gc"), ("--clientSecret", "Archy"), ("--build-arg", "docker")];

/// Variables that are not ours, and who has them.
const VARIABLES_OF_OTHERS: [(&str, &str); 4] = [
    ("GENESYS_CLIENT_ID", "jenkins/casc.yaml"),
    ("GENESYS_CLIENT_SECRET", "jenkins/casc.yaml"),
    ("GENESYSCLOUD_TOKEN_POOL_SIZE", "Genesys' Terraform provider"),
    ("GENESYS_TOKEN", "the recipe with tokenVariable, which may name any"),
];

/// Inline code that quotes a message, and reads like a call.
const MESSAGES: [&str; 2] = ["genesys-token gave no answer", "there is no genesys-token on this agent"];

/// The variable by which a block calls the program.
const HELPER: &str = "\"$GENESYS_TOKEN_HELPER\"";

fn help(args: &[&str]) -> String {
    let done = Call::bare(args[0]).args(&args[1..]).run();
    assert_eq!(done.code, 0, "{args:?}: {done:?}");
    done.stdout
}

fn verbs() -> Vec<String> {
    let help = help(&["--help"]);
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let lines = commands.expect("the help lists the verbs").lines();
    lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// `--flags` in a text.
fn flags(text: &str) -> BTreeSet<String> {
    let is_of_flag = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let words = text.split(|c: char| !is_of_flag(c));
    words.filter(|word| word.len() > 2 && word.starts_with("--")).map(str::to_owned).collect()
}

/// Commands and inline code, line by line. What the program prints has no language.
fn code(page: &Page) -> Vec<String> {
    let blocks = page.blocks();
    let commands = blocks.iter().filter(|block| !block.language.is_empty());
    let lines =
        commands.flat_map(|block| block.text.lines()).map(|line| line.replace(HELPER, "genesys-token"));
    page.spans().into_iter().chain(lines).collect()
}

/// Each call of the program in a line of code: its verb, and its own arguments.
fn calls(code: &str) -> Vec<(&str, &str)> {
    let begins = |before: &str| before.is_empty() || before.ends_with([' ', '\'', '"', '(']);
    let found = code.match_indices("genesys-token ").filter(|(at, _)| begins(&code[..*at]));
    found
        .filter_map(|(at, call)| {
            let rest = code[at + call.len()..].trim_start();
            let (verb, arguments) = rest.split_once(' ').unwrap_or((rest, ""));
            let verb = verb.trim_end_matches(['\'', '"', ')', ';']);
            let is_word = !verb.is_empty() && verb.bytes().all(|byte| byte.is_ascii_lowercase());
            let own =
                arguments.split([' ', '\t']).take_while(|word| !matches!(*word, "--" | "|" | "||" | "&&"));
            let length = own.map(|word| word.len() + 1).sum::<usize>().min(arguments.len());
            is_word.then_some((verb, &arguments[..length]))
        })
        .collect()
}

#[test]
fn every_verb_and_every_flag_of_it_is_in_its_help() {
    let verbs = verbs();
    let mut seen = BTreeSet::new();
    for page in pages() {
        let code = code(&page);
        for (verb, arguments) in
            code.iter().filter(|code| !MESSAGES.contains(&code.as_str())).flat_map(|code| calls(code))
        {
            assert!(verbs.iter().any(|known| known == verb), "{}: there is no verb {verb}", page.path);
            let known = flags(&help(&[verb, "--help"]));
            for flag in flags(arguments) {
                assert!(known.contains(&flag), "{}: {verb} has no {flag}", page.path);
            }
            seen.insert(verb.to_owned());
        }
    }
    for verb in ["get", "bind", "exec", "doctor", "status", "invalidate", "revoke", "clear", "regions"] {
        assert!(seen.contains(verb), "no page calls {verb}");
    }
}

#[test]
fn every_flag_that_stands_alone_is_one_of_the_program_or_a_named_one_of_others() {
    let ours: BTreeSet<String> = verbs().iter().flat_map(|verb| flags(&help(&[verb, "--help"]))).collect();
    let spans: Vec<String> = pages().iter().flat_map(Page::spans).collect();
    let alone = spans.iter().filter(|span| span.starts_with("--"));
    let named: BTreeSet<String> = alone.flat_map(|span| flags(span)).collect();
    for flag in &named {
        let is_other = FLAGS_OF_OTHERS.iter().any(|(other, _)| other == flag);
        assert!(
            ours.contains(flag) != is_other,
            "{flag} is in no verb's help, or is, and is named as another's"
        );
    }
    for (other, program) in FLAGS_OF_OTHERS {
        assert!(named.contains(other), "no page names {program}'s {other} any more");
    }
}

/// Whole names that begin with `GENESYS`.
fn variables(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let is_variable = |word: &&str| {
        word.starts_with("GENESYS")
            && !word.ends_with('_')
            && word.bytes().all(|byte| !byte.is_ascii_lowercase())
    };
    words.filter(is_variable).map(str::to_owned).collect()
}

/// The texts of all files below a directory.
fn sources(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![read(&path)] }).collect()
}

#[test]
fn every_variable_is_in_the_man_page_the_step_s_help_or_the_source() {
    let man = help(&["man"]).replace("\\-", "-");
    let texts = [man, read("vars/withGenesysToken.txt")].into_iter().chain(sources(&root().join("src")));
    let ours: BTreeSet<String> = texts.flat_map(|text| variables(&text)).collect();
    let named: BTreeSet<String> = pages().iter().flat_map(|page| variables(&page.text)).collect();
    for variable in &named {
        let is_other = VARIABLES_OF_OTHERS.iter().any(|(other, _)| other == variable);
        assert!(
            ours.contains(variable) != is_other,
            "{variable} is nowhere, or is, and is named as another's"
        );
    }
    for (other, whose) in VARIABLES_OF_OTHERS {
        assert!(named.contains(other), "no page names {other} of {whose} any more");
    }
    assert!(named.len() > 15, "{named:?}");
}

#[test]
fn every_target_that_is_named_is_in_the_makefile() {
    let makefile = read("Makefile");
    let code: Vec<String> = pages().iter().flat_map(code).collect();
    let commands = code.iter().filter_map(|line| line.trim_start_matches("$ ").strip_prefix("make "));
    let targets: BTreeSet<&str> = commands.filter_map(|rest| rest.split_whitespace().next()).collect();
    for target in &targets {
        let rule = format!("{target}:");
        assert!(makefile.lines().any(|line| line.starts_with(&rule)), "there is no {target}");
    }
    assert!(targets.is_superset(&["demo", "test", "bench"].into()), "{targets:?}");
}

#[test]
fn every_fuzz_target_has_its_figures_and_says_what_holds() {
    let targets = fs::read_dir(root().join("fuzz/fuzz_targets")).expect("there are targets");
    let mut named: Vec<String> = targets
        .map(|target| target.expect("an entry").path())
        .map(|path| format!("| `{}` |", path.file_stem().expect("a name").display()))
        .collect();
    named.sort();
    let page = read("docs/reliability.md");
    let rows = |section: &str| -> Vec<String> {
        let table = page.split(section).nth(1).expect("the table is there");
        let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
        rows.filter_map(|row| named.iter().find(|name| row.starts_with(name.as_str())).cloned()).collect()
    };
    for section in ["| target | executions |", "| target | what holds |"] {
        assert_eq!(rows(section), named, "{section}");
    }
}
