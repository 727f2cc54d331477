//! Names on the pages: verbs and flags of the program, targets of the Makefile and of the fuzzers.

use std::collections::BTreeSet;
use std::fs;

use crate::harness::genesys_token;
use crate::pages::{Page, pages, read, repository};

/// Flags of other programs that a page names without the program.
const FLAGS_OF_OTHERS: [(&str, &str); 3] =
    [("--access-token", "gc"), ("--clientSecret", "Archy"), ("--build-arg", "docker")];

/// Inline code that quotes a message but looks like a call.
const MESSAGES: [&str; 2] = ["genesys-token gave no answer", "there is no genesys-token on this agent"];

/// How a block in a container calls the program.
const HELPER: &str = "\"$GENESYS_TOKEN_HELPER\"";

/// What the program prints on stdout when it is asked for help.
pub(crate) fn help(args: &[&str]) -> String {
    genesys_token().verb(args[0]).args(&args[1..]).any_stdout().success().stdout
}

pub(crate) fn verbs() -> Vec<String> {
    let help = help(&["--help"]);
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let lines = commands.expect("the help lists the verbs").lines();
    lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// The `--flags` in a text.
fn flags(text: &str) -> BTreeSet<String> {
    let is_of_flag = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let words = text.split(|c: char| !is_of_flag(c));
    words.filter(|word| word.len() > 2 && word.starts_with("--")).map(str::to_owned).collect()
}

/// Commands and inline code, line by line. A block without a language is output.
fn code(page: &Page) -> Vec<String> {
    let blocks = page.blocks();
    let commands = blocks.iter().filter(|block| !block.language.is_empty());
    let lines =
        commands.flat_map(|block| block.text.lines()).map(|line| line.replace(HELPER, "genesys-token"));
    page.spans().into_iter().chain(lines).collect()
}

/// The calls of the program in a line of code: their verbs, and their arguments before `--` or a pipe.
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
fn every_verb_on_a_page_exists_and_its_help_has_every_flag() {
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
fn every_flag_without_a_verb_is_in_a_help_or_in_the_list_of_others() {
    let ours: BTreeSet<String> = verbs().iter().flat_map(|verb| flags(&help(&[verb, "--help"]))).collect();
    let spans: Vec<String> = pages().iter().flat_map(Page::spans).collect();
    let alone = spans.iter().filter(|span| span.starts_with("--"));
    let named: BTreeSet<String> = alone.flat_map(|span| flags(span)).collect();
    for flag in &named {
        let is_other = FLAGS_OF_OTHERS.iter().any(|(other, _)| other == flag);
        assert!(
            ours.contains(flag) != is_other,
            "{flag} has to be either in the help of a verb or in the list of others"
        );
    }
    for (other, program) in FLAGS_OF_OTHERS {
        assert!(named.contains(other), "no page names {program}'s {other} any more");
    }
}

#[test]
fn every_make_target_on_a_page_is_in_the_makefile() {
    let makefile = read("Makefile");
    let code: Vec<String> = pages().iter().flat_map(code).collect();
    let commands = code.iter().filter_map(|line| line.trim_start_matches("$ ").strip_prefix("make "));
    let targets: BTreeSet<&str> = commands.filter_map(|rest| rest.split_whitespace().next()).collect();
    for target in &targets {
        let rule = format!("{target}:");
        assert!(makefile.lines().any(|line| line.starts_with(&rule)), "the Makefile has no target {target}");
    }
    assert!(targets.is_superset(&["demo", "test", "bench"].into()), "{targets:?}");
}

#[test]
fn every_fuzz_target_has_its_figures_and_its_property() {
    let targets = fs::read_dir(repository().join("fuzz/fuzz_targets")).expect("there are targets");
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

#[test]
fn every_mutant_that_is_left_out_is_explained() {
    let config = read(".cargo/mutants.toml");
    let left_out: Vec<String> = config
        .lines()
        .filter_map(|line| line.trim().strip_prefix('\'')?.strip_suffix("',"))
        .map(|pattern| format!("| `{}` |", pattern.replace('\\', "")))
        .collect();
    let page = read("docs/reliability.md");
    let rows = page.split("| left out | why no test fails |").nth(1).expect("the table is there");
    let rows = rows.lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut explained = 0;
    for row in rows {
        assert!(left_out.iter().any(|name| row.starts_with(name)), "not left out: {row}");
        explained += 1;
    }
    assert_eq!(explained, left_out.len(), "{left_out:?}");
}
