//! Writing the directory of a block, and removing what killed builds left.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::time::Duration;

use super::files::{BIN, CURLRC, HEADERS, MARKER, PRIVATE, PROGRAM, TOKEN};
use crate::error::{Error, Result};
use crate::output::{Answer, curl_config, header};
use crate::platform::{Dir, Directory as _, PrivateDir, PrivateDirectory as _};
use crate::secret::visible;
use crate::time::{Clock, Timestamp};

/// How long a token of unknown lifetime is assumed to be of use.
const UNKNOWN_LIFETIME: Duration = Duration::from_hours(24);
/// A directory is pruned this long after its token ended: the block that made it is surely over.
const LEFT_BEHIND: Duration = Duration::from_hours(24);
/// Pruning takes a millisecond, unless the parent is full of other directories.
const PRUNING: Duration = Duration::from_secs(1);
/// Bytes. A marker holds one time.
const MAX_MARKER_LEN: usize = 64;

/// A private directory with a token in it.
#[derive(Debug)]
pub(crate) struct BoundDir {
    parent: Dir,
    name: OsString,
    dir: PrivateDir,
}

impl BoundDir {
    /// Creates the directory `path`, which must not exist, and writes everything into it, with a copy of the program
    /// `carried`. Leaves nothing behind on failure. Prunes directories beside it that killed builds left, as long as the
    /// call may take.
    ///
    /// # Errors
    /// It exists, or can't be created or written.
    pub(crate) fn create(
        path: &Path,
        answer: &Answer,
        carried: Option<&Path>,
        clock: &dyn Clock,
        timeout: Duration,
    ) -> Result<Self> {
        let refuse = |error: io::Error| {
            Error::internal(format!("cannot bind to {}: {error}", visible(path.display())))
                .fix("name a directory whose parent can be written, on a disk with room")
        };
        // The body may change its directory, and the answer is lines.
        let absolute = std::path::absolute(path).map_err(refuse)?;
        if absolute.to_str().is_none_or(|text| text.contains(['\n', '\r'])) {
            return Err(Error::usage("the value of --dir has a line break, or is not UTF-8")
                .cause("the answer is lines of NAME=value")
                .fix("choose a plain name"));
        }
        let exists = || {
            Error::usage(format!("{} already exists", visible(path.display())))
                .fix("use a new directory name in --dir for each block")
        };
        let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
            return Err(exists());
        };
        let parent = Dir::open_or_create(parent).map_err(refuse)?;
        let now = clock.now();
        let until = clock.elapsed() + PRUNING.min(timeout.saturating_sub(clock.elapsed()));
        prune(&parent, now, &|| clock.elapsed() >= until);
        let dir = parent.create_private(name).map_err(|error| {
            parent.remove_created();
            match error.kind() {
                io::ErrorKind::AlreadyExists => exists(),
                _ => refuse(error),
            }
        })?;
        let bound = Self { parent, name: name.to_owned(), dir };
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
            self.dir.create_dir(BIN)?.copy_program(PROGRAM, program)?;
        }
        Ok(())
    }

    /// Removes it, with everything that [`BoundDir::create`] wrote.
    pub(crate) fn remove(&self) {
        remove_contents(&self.dir);
        let _ = self.parent.remove_dir(&self.name);
        self.parent.remove_created();
    }
}

/// Removes what is in a block's directory by the names that we know and nothing else, through no link. The marker goes
/// last, and stays beside what is not ours, so that a later call finds the directory again.
fn remove_contents(dir: &PrivateDir) {
    for name in [TOKEN, HEADERS, CURLRC, PRIVATE] {
        let _ = dir.remove(name);
    }
    if let Ok(bin) = dir.open_dir(BIN) {
        for name in [PROGRAM, PRIVATE] {
            let _ = bin.remove(name);
        }
    }
    let _ = dir.remove_dir(BIN);
    if dir.names().is_ok_and(|names| names == [MARKER]) {
        let _ = dir.remove(MARKER);
    }
}

/// Removes the directories in `parent` that killed builds left: ours by marker and owner, no links, and of no use for
/// more than a day. Goes on until `is_over`.
fn prune(parent: &Dir, now: Timestamp, is_over: &dyn Fn() -> bool) {
    let mut siblings = parent.names().unwrap_or_default();
    // Each time from another one on, so that all have their turn where there are too many for one call.
    let first = usize::try_from(now.0).unwrap_or(0) % siblings.len().max(1);
    siblings.rotate_left(first);
    for name in siblings.iter().map(OsStr::new).take_while(|_| !is_over()) {
        // Opening checks owner and mode, and follows no link.
        let Ok(dir) = parent.open_private(name) else { continue };
        let Ok(marker) = dir.read(MARKER, MAX_MARKER_LEN) else { continue };
        let until = std::str::from_utf8(&marker).ok().and_then(|text| Timestamp::parse_rfc3339(text.trim()));
        if until.is_some_and(|until| now.since(until) > LEFT_BEHIND) {
            remove_contents(&dir);
            let _ = parent.remove_dir(name);
        }
    }
}
