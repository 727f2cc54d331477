//! One file per verb, and the dispatch to them.

mod bind;
mod clear;
mod completions;
mod doctor;
mod evict;
mod exec;
mod expect_org;
mod explain;
mod fleet;
mod get;
mod invalidate;
mod man;
mod print;
mod provide;
mod provide_bound;
mod regions;
mod revoke;
mod status;
mod usage;
mod whoami;

use std::ffi::OsString;

use crate::cli::{self, LogArgs, Verb};
use crate::output::report_error;
use crate::world::World;

/// Runs the program and returns its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, world: &mut World) -> i32 {
    let args: Vec<OsString> = args.into_iter().collect();
    let verb = match cli::parse(&args) {
        Ok(verb) => verb,
        Err(problem) => return usage::answer(&args, &problem, world),
    };
    let outcome = match &verb {
        Verb::Get(args) => get::run(args, world),
        Verb::Bind(args) => bind::run(args, world),
        Verb::Exec(args) => exec::run(args, world),
        Verb::Doctor(args) => doctor::run(args, world),
        Verb::Status(args) => status::run(args, world),
        Verb::Whoami(args) => whoami::run(args, world),
        Verb::Invalidate(args) => invalidate::run(args, world),
        Verb::Revoke(args) => revoke::run(args, world),
        Verb::Clear(args) => clear::run(args, world),
        Verb::Regions(args) => regions::run(args, world),
        Verb::Completions(args) => completions::run(args, world),
        Verb::Man => man::run(world),
    };
    outcome.unwrap_or_else(|error| {
        let formats = log_args(&verb).map(LogArgs::error_formats).unwrap_or_default();
        report_error(&error, formats, world);
        error.category.exit_code()
    })
}

fn log_args(verb: &Verb) -> Option<&LogArgs> {
    match verb {
        Verb::Get(args) => Some(&args.token.client.log),
        Verb::Bind(args) => Some(&args.token.client.log),
        Verb::Exec(args) => Some(&args.token.client.log),
        Verb::Doctor(args) => Some(&args.client.log),
        Verb::Status(args) => Some(&args.log),
        Verb::Whoami(args) => Some(&args.token.client.log),
        Verb::Invalidate(args) => Some(&args.client.log),
        Verb::Revoke(args) => Some(&args.client.log),
        Verb::Clear(args) => Some(&args.log),
        Verb::Regions(_) | Verb::Completions(_) | Verb::Man => None,
    }
}
