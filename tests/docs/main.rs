//! The README and the pages in docs/: every block in them is run, or is what a run prints, and every name and every
//! link in them leads somewhere.

#[path = "../harness/mod.rs"]
mod harness;

mod accounts;
mod commands;
mod dependencies;
mod links;
mod names;
mod outputs;
mod pages;
mod scene;

use std::panic::{AssertUnwindSafe, catch_unwind};

use accounts::{ACCOUNTS, Account, How};
use pages::{Block, blocks};

/// Blocks in this language are run in the pipeline double, by `RecipesTest` and `DocsTest`, which leave none out.
const PIPELINE: &str = "groovy";

fn accounts_of(block: &Block) -> Vec<&'static Account> {
    ACCOUNTS.iter().filter(|account| account.is_of(block)).collect()
}

#[test]
fn every_block_has_exactly_one_account() {
    for block in blocks().iter().filter(|block| block.language != PIPELINE) {
        let found = accounts_of(block).len();
        assert_eq!(found, 1, "{block} has {found} accounts in tests/docs/accounts.rs, and needs one");
    }
}

#[test]
fn every_account_is_of_exactly_one_block() {
    let blocks = blocks();
    for account in ACCOUNTS {
        let found = blocks.iter().filter(|block| account.is_of(block)).count();
        assert_eq!(found, 1, "{found} blocks of {} say {:?}", account.page, account.says);
    }
}

#[test]
fn every_block_does_or_is_what_a_run_gives() {
    let blocks = blocks();
    let is_false = |block: &&Block| {
        accounts_of(block).iter().any(|account| match account.how {
            How::Run(run) => catch_unwind(AssertUnwindSafe(|| run(block))).is_err(),
            How::NotHere(reason) => {
                println!("{block} is not run: {reason}");
                false
            }
        })
    };
    let failed: Vec<String> = blocks.iter().filter(is_false).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "not so, for the reasons above: {failed:#?}");
}
