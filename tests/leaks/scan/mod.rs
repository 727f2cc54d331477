//! A scan of every verb in every outcome. Each row is a call, its exit code, and where the token may be seen.

mod bind;
mod doctor;
mod evict;
mod exec;
mod failures;
mod get;
mod offline;
mod whoami;

use genesys_token::cli;

use crate::trace::Destination;
use crate::watched_scene::{Seen, WatchedScene};

/// The outcomes of a verb, one after the other in a scene of their own.
type Outcomes = fn(&WatchedScene);

const VERBS: [(&str, Outcomes); 12] = [
    ("get", get::outcomes),
    ("bind", bind::outcomes),
    ("exec", exec::outcomes),
    ("doctor", doctor::outcomes),
    ("status", offline::status),
    ("whoami", whoami::outcomes),
    ("invalidate", evict::invalidate),
    ("revoke", evict::revoke),
    ("clear", offline::clear),
    ("regions", offline::regions),
    ("completions", offline::completions),
    ("man", offline::man),
];

const STDOUT: Seen = Seen::Token(Destination::Stdout);
const FILES: Seen = Seen::Token(Destination::Answer);
const COMMAND: Seen = Seen::Token(Destination::Environment);

#[test]
fn the_scan_has_every_verb() {
    let definitions = cli::command();
    let names = definitions.get_subcommands().map(clap::Command::get_name);
    assert_eq!(names.collect::<Vec<_>>(), VERBS.map(|(name, _)| name));
}

#[test]
fn no_verb_leaks_a_secret_or_a_token_in_any_outcome() {
    let failed: Vec<&str> = std::thread::scope(|scope| {
        let scans = VERBS.map(|(verb, outcomes)| (verb, scope.spawn(move || outcomes(&WatchedScene::new()))));
        scans.into_iter().filter_map(|(verb, scan)| scan.join().err().map(|_| verb)).collect()
    });
    assert!(failed.is_empty(), "see the panics above: {failed:?}");
}
