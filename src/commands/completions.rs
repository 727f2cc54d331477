//! `completions`: a shell's completions, from the same definitions as the help.

use super::print::print;
use crate::cli::{self, CompletionsArgs};
use crate::error::Result;
use crate::world::World;

pub(super) fn run(args: &CompletionsArgs, world: &mut World) -> Result<i32> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(), cli::NAME, &mut script);
    print(world, &String::from_utf8_lossy(&script))?;
    Ok(0)
}
