//! `get`: prints a valid token.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::{World, answer, obtain};
use crate::cli::GetArgs;
use crate::error::{Error, Result};

pub fn run(args: &GetArgs, world: &mut World) -> Result<u8> {
    let token = obtain::credential_or_bound(&args.ask, world)?;
    let text = token.render(args.format.unwrap_or_default(), world.clock.now());
    match &args.output {
        Some(path) => write_private(path, text.expose())?,
        None => answer(world, text.expose())?,
    }
    Ok(0)
}

/// Atomically, and for the caller alone: whoever looks sees the old file or the new one, whole.
fn write_private(path: &Path, text: &str) -> Result<()> {
    let refuse = |error: std::io::Error| {
        // Tempfile names its own file too, which tells the user nothing.
        let error = std::io::Error::from(error.kind());
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
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(refuse)?;
    file.write_all(text.as_bytes()).map_err(refuse)?;
    file.persist(path).map_err(|failed| refuse(failed.error))?;
    Ok(())
}
