//! `get`: prints a valid token.

use super::print::print;
use super::provide::provide;
use crate::cli::GetArgs;
use crate::error::Result;
use crate::output::write_output;
use crate::settings::GetSettings;
use crate::world::World;

pub(super) fn run(args: &GetArgs, world: &mut World) -> Result<i32> {
    let GetSettings { token, format, output, timeout } = GetSettings::resolve(args, world)?;
    let text = provide(token, world)?.render(format, world.clock.now());
    match &output {
        Some(path) => write_output(path, text.expose(), world.clock, timeout)?,
        None => print(world, text.expose())?,
    }
    Ok(0)
}
