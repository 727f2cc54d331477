//! What holds for any input at all. The fuzzers in `fuzz/` drive the same files with the same kinds of bytes; here they
//! are driven by generators, and by what the fuzzers found worth keeping.

mod answer;
mod entry;
mod inputs;
mod mask;
#[cfg(unix)]
mod quoting;
mod refusal;
mod region;
mod retry_after;
mod scope;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

type Property = fn(&[u8]);

/// Each property, under the name of its fuzz target.
const PROPERTIES: &[(&str, Property)] = &[
    ("answer", answer::holds),
    ("entry", entry::holds),
    ("mask", mask::holds),
    #[cfg(unix)]
    ("quoting", quoting::holds),
    ("refusal", refusal::holds),
    ("region", region::holds),
    ("retry_after", retry_after::holds),
    ("scope", scope::holds),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_token_comes_only_from_an_answer_that_has_one(data in inputs::answer()) {
        answer::holds(&data);
    }

    #[test]
    fn only_an_intact_file_is_opened(data in inputs::entry()) {
        entry::holds(&data);
    }

    #[test]
    fn any_stream_is_masked_as_a_naive_filter_masks_it(data in inputs::mask()) {
        mask::holds(&data);
    }

    #[test]
    fn a_refusal_is_sorted_by_the_contract_and_shows_nothing_that_was_sent(data in inputs::refusal()) {
        refusal::holds(&data);
    }

    #[test]
    fn a_region_is_only_what_names_one(data in inputs::region()) {
        region::holds(&data);
    }

    #[test]
    fn retry_after_is_read_as_the_rfc_says(data in inputs::retry_after()) {
        retry_after::holds(&data);
    }

    #[test]
    fn scopes_are_read_as_the_rfc_says(data in inputs::scope()) {
        scope::holds(&data);
    }
}

#[cfg(unix)]
proptest! {
    // A curl for each.
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn sh_and_curl_read_back_what_was_quoted(data in inputs::quoting()) {
        quoting::holds(&data);
    }
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The files in a directory, in order.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

#[test]
fn every_input_that_was_kept_holds() {
    for (name, holds) in PROPERTIES {
        let kept = files(&fuzz().join("corpus").join(name));
        assert!(!kept.is_empty(), "{name} has no corpus");
        for input in kept {
            println!("{}", input.display());
            holds(&fs::read(input).expect("a file"));
        }
    }
}

#[cfg(unix)]
#[test]
fn every_property_is_fuzzed() {
    let targets = files(&fuzz().join("fuzz_targets"));
    let targets: BTreeSet<&str> = targets
        .iter()
        .map(|target| target.file_stem().and_then(|stem| stem.to_str()).expect("a name"))
        .collect();
    assert_eq!(targets, PROPERTIES.iter().map(|(name, _)| *name).collect());
}
