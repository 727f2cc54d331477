//! What holds for any input at all. The fuzzers in `fuzz/` drive the same files; here they are driven by generators and by
//! the inputs that the fuzzers kept.

mod answer_failure;
mod base_url;
mod entry;
mod inputs;
mod mask;
mod offer;
#[cfg(unix)]
mod quoting;
mod region;
mod retry_after;
mod scope;
mod shared_records;
mod sharing_client;
mod token_response;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

type Property = fn(&[u8]);

/// Each property, under the name of its fuzz target.
const PROPERTIES: &[(&str, Property)] = &[
    ("answer_failure", answer_failure::holds),
    ("base_url", base_url::holds),
    ("entry", entry::holds),
    ("mask", mask::holds),
    ("offer", offer::holds),
    #[cfg(unix)]
    ("quoting", quoting::holds),
    ("region", region::holds),
    ("retry_after", retry_after::holds),
    ("scope", scope::holds),
    ("shared_records", shared_records::holds),
    ("token_response", token_response::holds),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_failure_has_the_class_of_its_answer_and_shows_nothing_that_was_sent(data in inputs::answer_failure()) {
        answer_failure::holds(&data);
    }

    #[test]
    fn a_base_url_leads_where_a_credential_may_go(data in inputs::base_url()) {
        base_url::holds(&data);
    }

    #[test]
    fn only_an_intact_record_opens(data in inputs::entry()) {
        entry::holds(&data);
    }

    #[test]
    fn any_stream_is_masked_as_a_naive_filter_masks_it(data in inputs::mask()) {
        mask::holds(&data);
    }

    #[test]
    fn only_an_intact_entry_of_a_living_token_is_taken_from_an_offer(data in inputs::offer()) {
        offer::holds(&data);
    }

    #[test]
    fn only_a_spelling_of_a_region_names_it(data in inputs::region()) {
        region::holds(&data);
    }

    #[test]
    fn retry_after_is_parsed_by_rfc_9110(data in inputs::retry_after()) {
        retry_after::holds(&data);
    }

    #[test]
    fn scopes_are_parsed_by_rfc_6749(data in inputs::scope()) {
        scope::holds(&data);
    }

    #[test]
    fn only_a_sealed_record_that_is_in_time_is_taken_from_a_shared_cache(data in inputs::shared_records()) {
        shared_records::holds(&data);
    }

    #[test]
    fn a_token_comes_only_from_a_response_that_has_one(data in inputs::token_response()) {
        token_response::holds(&data);
    }
}

#[cfg(unix)]
proptest! {
    // Each case starts a curl.
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn sh_and_curl_read_back_what_was_quoted(data in inputs::quoting()) {
        quoting::holds(&data);
    }
}

fn fuzz_dir() -> PathBuf {
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
fn every_property_holds_for_every_kept_input() {
    for (name, holds) in PROPERTIES {
        let kept = files(&fuzz_dir().join("corpus").join(name));
        assert!(!kept.is_empty(), "{name} has no corpus");
        for input in kept {
            println!("{}", input.display());
            holds(&fs::read(input).expect("a file"));
        }
    }
}

#[cfg(unix)]
#[test]
fn every_property_has_a_fuzz_target() {
    let targets = files(&fuzz_dir().join("fuzz_targets"));
    let targets: std::collections::BTreeSet<&str> = targets
        .iter()
        .map(|target| target.file_stem().and_then(|stem| stem.to_str()).expect("a name"))
        .collect();
    assert_eq!(targets, PROPERTIES.iter().map(|(name, _)| *name).collect());
}
