//! `bind`: writes a token, a headers file and a curl config into a new private directory for one block.

use super::{World, answer, obtain, write_whole};
use crate::cli::BindArgs;
use crate::error::{Error, Result};
use crate::output::bound::{Bound, STEP_PROTOCOL};
use crate::output::discreet::Unsaid;

pub fn run(args: &BindArgs, world: &mut World) -> Result<u8> {
    let bound = match args.for_step {
        Some(version) if version != STEP_PROTOCOL => Err(Error::usage(format!(
            "the step speaks protocol {version}, and this genesys-token {} speaks {STEP_PROTOCOL}",
            env!("CARGO_PKG_VERSION")
        ))
        .hint("use a program and a library of the same release")),
        _ => bind(args, world),
    };
    match bound {
        Err(error) if args.for_step.is_some() => Ok(tell_step(&error, world)),
        other => other.map(|()| 0),
    }
}

/// Tells the step of an error in the one answer that it reads, so that it needs no second `sh`.
pub fn tell_step(error: &Error, world: &mut World) -> u8 {
    let error_line = format!("GENESYS_TOKEN_ERROR={}\n", error.to_json());
    match answer(world, &Unsaid::new(&world.env).struck_out_of(&error_line)) {
        Ok(()) => 0,
        // The step can't be told; the exit code can.
        Err(_) => error.category.exit_code(),
    }
}

fn bind(args: &BindArgs, world: &mut World) -> Result<()> {
    let token = obtain::credential(&args.ask, world)?;
    let program = if args.carry_helper {
        let program = std::env::current_exe();
        Some(program.map_err(|error| {
            Error::internal(format!("cannot find this program to copy it: {error}"))
                .hint("it may have been replaced while it ran; try again")
        })?)
    } else {
        None
    };
    let bound = Bound::create(&args.dir, &token, program.as_deref(), world.clock.now())?;
    write_whole(world.stdout, &bound.lines(&token)).map_err(|error| {
        // Nobody would know of the directory, so nobody would remove it.
        bound.remove();
        Error::internal(format!("cannot write the answer: {error}"))
            .hint("nobody reads stdout, or it is on a full disk; the directory is removed again")
    })
}
