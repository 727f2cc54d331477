//! The pages at the root of the repository and in docs/: every block works or is what the program prints, and every
//! name and every link exists. The commands on the pages are a Unix shell's.

#![cfg(unix)]

#[path = "../harness/mod.rs"]
mod harness;

mod categories;
mod checks;
mod commands;
mod dependencies;
mod fleet;
mod links;
mod messages;
mod names;
mod outputs;
mod pages;
mod scene;
mod variables;
mod versions;
mod windows;

use std::panic::{AssertUnwindSafe, catch_unwind};

use checks::{CHECKS, Check, How};
use pages::{Block, blocks};

/// The language of the blocks that `RecipesTest` and `DocsTest` run in their pipeline double. They leave none out.
const PIPELINE: &str = "groovy";

fn checks_of(block: &Block) -> Vec<&'static Check> {
    CHECKS.iter().filter(|check| check.is_of(block)).collect()
}

#[test]
fn every_block_has_exactly_one_check() {
    for block in blocks().iter().filter(|block| block.language != PIPELINE) {
        let found = checks_of(block).len();
        assert_eq!(found, 1, "{block} has {found} checks in tests/docs/checks.rs, and needs one");
    }
}

#[test]
fn every_check_has_exactly_one_block() {
    let blocks = blocks();
    for check in CHECKS {
        let found = blocks.iter().filter(|block| check.is_of(block)).count();
        assert_eq!(found, 1, "{found} blocks of {} contain {:?}", check.page, check.contains);
    }
}

#[test]
fn every_block_works_or_is_what_the_program_prints() {
    let blocks = blocks();
    let fails = |block: &&Block| {
        checks_of(block).iter().any(|check| match check.how {
            How::Run(run) => catch_unwind(AssertUnwindSafe(|| run(block))).is_err(),
            How::NotHere(reason) => {
                println!("{block} is not run: {reason}");
                false
            }
        })
    };
    let failed: Vec<String> = blocks.iter().filter(fails).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "these blocks failed, for the reasons above: {failed:#?}");
}
