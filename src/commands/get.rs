//! `get`: prints a valid token.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::print::print;
use super::provide::provide;
use crate::cli::GetArgs;
use crate::error::{Error, Result};
use crate::platform::{temporary_file, without_path};
use crate::settings::GetSettings;
use crate::world::World;

pub(super) fn run(args: &GetArgs, world: &mut World) -> Result<u8> {
    let GetSettings { token, format, output } = GetSettings::resolve(args, world)?;
    let text = provide(token, world)?.render(format, world.clock.now());
    match &output {
        Some(path) => write_private(path, text.expose())?,
        None => print(world, text.expose())?,
    }
    Ok(0)
}

/// How the name of the file begins while it is being written, as `tempfile` has it.
const TEMPORARY_PREFIX: &str = ".tmp";

/// Atomically, and for the caller alone: a reader sees the old file or the new one, whole.
fn write_private(path: &Path, text: &str) -> Result<()> {
    let refuse = |error: std::io::Error| {
        Error::internal(format!("cannot write {}: {error}", path.display()))
            .hint("check that its directory can be written and that the disk has room")
    };
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Error::usage(format!("--output {} is no regular file", path.display()))
            .hint("name a file; without --output the answer goes to stdout"));
    }
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let write = || {
        let mut file = temporary_file(dir, TEMPORARY_PREFIX)?;
        file.write_all(text.as_bytes())?;
        file.persist(path).map_err(|failed| failed.error)
    };
    write().map(drop).map_err(|error| refuse(without_path(error)))
}
