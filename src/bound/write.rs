//! Writing the directory of a block, and removing what killed builds left.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::files::{BIN, CURLRC, HEADERS, MARKER, PROGRAM, TOKEN};
use crate::error::{Error, Result};
use crate::output::{Answer, curl_config, header};
use crate::platform::{PrivateDir, PrivateDirectory as _};
use crate::time::Timestamp;

/// How long a token of unknown lifetime is assumed to be of use.
const UNKNOWN_LIFETIME: Duration = Duration::from_hours(24);
/// A directory is pruned this long after its token ended: the block that made it is surely over.
const LEFT_BEHIND: Duration = Duration::from_hours(24);
/// Bytes. A marker holds one time.
const MAX_MARKER_LEN: usize = 64;

/// A private directory with a token in it.
#[derive(Debug)]
pub(crate) struct BoundDir {
    dir: PrivateDir,
}

impl BoundDir {
    /// Creates the directory `path`, which must not exist, and writes everything into it, with a copy of the program
    /// `carried`. Leaves nothing behind on failure. Prunes directories beside it that killed builds left.
    ///
    /// # Errors
    /// It exists, or can't be created or written.
    pub(crate) fn create(
        path: &Path,
        answer: &Answer,
        carried: Option<&Path>,
        now: Timestamp,
    ) -> Result<Self> {
        let refuse = |error: io::Error| {
            Error::internal(format!("cannot bind to {}: {error}", path.display()))
                .hint("check that its parent can be written and that the disk has room")
        };
        // The body may change its directory, and the answer is lines.
        let absolute = std::path::absolute(path).map_err(refuse)?;
        if absolute.to_str().is_none_or(|text| text.contains(['\n', '\r'])) {
            return Err(Error::usage("the value of --dir has a line break, or is not UTF-8")
                .hint("the answer is lines of NAME=value; choose a plain name"));
        }
        if let Some(parent) = absolute.parent() {
            fs::create_dir_all(parent).map_err(refuse)?;
            prune(parent, now);
        }
        let dir = PrivateDir::create(&absolute).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Error::usage(format!("{} already exists", path.display()))
                .hint("use a new directory name in --dir for each block"),
            _ => refuse(error),
        })?;
        let bound = Self { dir };
        bound.fill(answer, carried, now).map_err(|error| {
            bound.remove();
            refuse(error)
        })?;
        Ok(bound)
    }

    /// Where it is; absolute.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    fn fill(&self, answer: &Answer, carried: Option<&Path>, now: Timestamp) -> io::Result<()> {
        let useful_until = answer.expires_at.unwrap_or_else(|| now.plus(UNKNOWN_LIFETIME));
        self.dir.write_new(MARKER, useful_until.rfc3339().as_bytes())?;
        self.dir.write_new(TOKEN, format!("{}\n", answer.token.expose()).as_bytes())?;
        self.dir.write_new(HEADERS, header(&answer.token).as_bytes())?;
        self.dir.write_new(CURLRC, curl_config(&answer.token).as_bytes())?;
        if let Some(program) = carried {
            let bin = PrivateDir::create(&self.dir.path().join(BIN))?;
            // Copies the mode as well, so it stays executable.
            fs::copy(program, bin.path().join(PROGRAM))?;
        }
        Ok(())
    }

    /// Removes what [`BoundDir::create`] writes and nothing else, through no link. The marker goes last, so that a
    /// later call resumes a removal that was cut short.
    pub(crate) fn remove(&self) {
        for name in [TOKEN, HEADERS, CURLRC] {
            let _ = self.dir.remove(name);
        }
        if let Ok(bin) = self.dir.open_dir(BIN) {
            let _ = bin.remove(PROGRAM);
        }
        let _ = self.dir.remove_dir(BIN);
        let _ = self.dir.remove(MARKER);
        let _ = fs::remove_dir(self.dir.path());
    }
}

/// Removes the directories in `parent` that killed builds left: ours by marker and owner, no links, and of no use for
/// more than a day.
fn prune(parent: &Path, now: Timestamp) {
    let Ok(siblings) = fs::read_dir(parent) else { return };
    for sibling in siblings.flatten() {
        // Opening checks owner and mode, and follows no link.
        let Ok(dir) = PrivateDir::open(&sibling.path()) else { continue };
        let Ok(marker) = dir.read(MARKER, MAX_MARKER_LEN) else { continue };
        let until = std::str::from_utf8(&marker).ok().and_then(|text| Timestamp::parse_rfc3339(text.trim()));
        if until.is_some_and(|until| now.since(until) > LEFT_BEHIND) {
            BoundDir { dir }.remove();
        }
    }
}
