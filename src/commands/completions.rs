//! `completions`: a shell's completions, from the same definitions as the help.

use super::{World, answer};
use crate::cli::{self, CompletionsArgs};
use crate::error::Result;

pub fn run(args: &CompletionsArgs, world: &mut World) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(), cli::NAME, &mut script);
    answer(world, &String::from_utf8_lossy(&script))?;
    Ok(0)
}
