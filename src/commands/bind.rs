//! `bind`: writes a token, a headers file and a curl config into a new private directory for one block.

use std::path::Path;

use super::print::{print, write_all};
use super::provide::provide_by_credential;
use crate::bound::{BoundDir, answer_lines, entry_line, error_line, features_line, helper_line};
use crate::cache::BuildShare;
use crate::cli::BindArgs;
use crate::error::{Error, Result};
use crate::output::{Redactor, TokenOf};
use crate::settings::BindSettings;
use crate::world::World;

pub(super) fn run(args: &BindArgs, world: &mut World) -> Result<i32> {
    match bind(args, world) {
        Err(error) if args.for_step.is_some() => Ok(answer_step(&error, world)),
        other => other.map(|()| 0),
    }
}

/// Puts an error into the one answer that the step reads. Returns the exit code.
pub(super) fn answer_step(error: &Error, world: &mut World) -> i32 {
    let line = error_line(error);
    match print(world, &Redactor::new(world.environment).redact(&line)) {
        Ok(()) => 0,
        // The step gets no answer, but the exit code.
        Err(_) => error.category.exit_code(),
    }
}

fn bind(args: &BindArgs, world: &mut World) -> Result<()> {
    let BindSettings { token, dir, carry_helper, asks_for_features, build } =
        BindSettings::resolve(args, world)?;
    let (cache_key, region) = token.cached_as();
    let timeout = token.request.timeout;
    let build = build
        .map(|build| BuildShare::new(&cache_key, &token.client.client.secret, &build.offered, build.clock));
    let (answer, entry) = provide_by_credential(token, build.as_ref(), world).inspect_err(|_| {
        if let Some(entry) = build.as_ref().and_then(BuildShare::forgotten) {
            // Best effort: the next agent asks the API host as well.
            let _ = write_all(world.stdout, &entry_line(&entry));
        }
    })?;
    let of = TokenOf::new(&cache_key, region, &answer.token);
    let tells_program = asks_for_features && cfg!(windows);
    let program = if carry_helper || tells_program {
        let program = world.machine.program();
        Some(program.map_err(|error| {
            Error::internal(format!("cannot find this program to hand it on: {error}"))
                .cause("it may have been replaced while it ran")
                .fix("try again")
        })?)
    } else {
        None
    };
    // On Windows a program of another name is copied, so that commands find it under its own.
    let is_renamed = |program: &Path| tells_program && !program.ends_with("genesys-token.exe");
    let carried = program.as_deref().filter(|program| carry_helper || is_renamed(program));
    let is_carried = carried.is_some();
    let bound = BoundDir::create(&dir, &answer, carried, world.clock, timeout)?;
    let mut lines = answer_lines(bound.path(), &answer, &of);
    if asks_for_features {
        lines.push_str(&features_line());
    }
    if let Some(program) = program.filter(|_| tells_program) {
        lines.push_str(&helper_line(bound.path(), &program, is_carried));
    }
    if let Some(entry) = entry {
        lines.push_str(&entry_line(&entry));
    }
    write_all(world.stdout, &lines).map_err(|error| {
        // No caller knows of the directory, so none would remove it.
        bound.remove();
        Error::internal(format!("cannot write the answer: {error}"))
            .cause("stdout is closed or on a full disk")
            .fix("make room, or let something read stdout, and bind again: the directory was removed")
    })
}
