//! The private directory of one pipeline block: token, headers file, curl config.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::format::{Answer, curl_config, header};
use crate::error::{Error, Result};
use crate::settings::variable;
use crate::sys;
use crate::time::Timestamp;

/// The bare token.
const TOKEN: &str = "token";
/// One header line, for `curl -H @file`.
const HEADERS: &str = "headers";
/// A config, for `curl -K`.
const CURLRC: &str = "curlrc";
/// Tells that a directory is ours, and until when it is of use.
const MARKER: &str = ".genesys-token";
/// Where the program itself is carried along.
const BIN: &str = "bin";
/// What it is called there.
const PROGRAM: &str = if cfg!(windows) { "genesys-token.exe" } else { "genesys-token" };
/// A token of unknown life is taken to be of use for this long.
const UNKNOWN_LIFE: Duration = Duration::from_secs(86_400);
/// A directory is pruned this long after its token ended: the block that made it is surely over.
const LEFT_BEHIND: Duration = Duration::from_secs(86_400);
/// A marker holds one time.
const MARKER_LIMIT: usize = 64;

/// A private directory with a token in it.
#[derive(Debug)]
pub struct Bound {
    dir: PathBuf,
}

impl Bound {
    /// Makes `dir`, which must not exist, and writes everything into it; leaves nothing behind on failure.
    ///
    /// # Errors
    /// It exists, or can't be made or written.
    pub fn create(dir: &Path, answer: &Answer, carry: Option<&Path>, now: Timestamp) -> Result<Self> {
        let refuse = |error: io::Error| {
            Error::internal(format!("cannot bind to {}: {error}", dir.display()))
                .hint("check that its parent can be written and that the disk has room")
        };
        // The body may change its directory, and the answer is lines.
        let dir_absolute = std::path::absolute(dir).map_err(refuse)?;
        if dir_absolute.to_str().is_none_or(|text| text.contains(['\n', '\r'])) {
            return Err(Error::usage("the value of --dir has a line break, or is not UTF-8")
                .hint("the answer is lines of NAME=value; choose a plain name"));
        }
        if let Some(parent) = dir_absolute.parent() {
            fs::create_dir_all(parent).map_err(refuse)?;
            prune(parent, now);
        }
        private_dir(&dir_absolute).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Error::usage(format!("{} exists already", dir.display()))
                .hint("give --dir a name of its own for each block"),
            _ => refuse(error),
        })?;
        let bound = Self { dir: dir_absolute };
        bound.fill(answer, carry, now).map_err(|error| {
            bound.remove();
            refuse(error)
        })?;
        Ok(bound)
    }

    /// The `NAME=value` lines for the block's environment. None is secret.
    pub fn lines(&self, answer: &Answer) -> String {
        let path = |name| self.dir.join(name).display().to_string();
        let files = [
            ("GENESYS_TOKEN_FILE", path(TOKEN)),
            ("GENESYS_HEADERS_FILE", path(HEADERS)),
            ("GENESYS_CURL_CONFIG", path(CURLRC)),
            (variable::EXPIRES_AT, answer.expires_at.map(Timestamp::rfc3339).unwrap_or_default()),
            (variable::REGION, answer.region.clone().unwrap_or_default()),
            (variable::API_REGION, answer.api_url.clone().unwrap_or_default()),
        ];
        files.iter().flat_map(|(name, value)| [name, "=", value, "\n"]).collect()
    }

    fn fill(&self, answer: &Answer, carry: Option<&Path>, now: Timestamp) -> io::Result<()> {
        let useful_until = answer.expires_at.unwrap_or_else(|| now.plus(UNKNOWN_LIFE));
        self.write(MARKER, &useful_until.rfc3339())?;
        self.write(TOKEN, &format!("{}\n", answer.token.expose()))?;
        self.write(HEADERS, &header(&answer.token))?;
        self.write(CURLRC, &curl_config(&answer.token))?;
        if let Some(program) = carry {
            private_dir(&self.dir.join(BIN))?;
            // Copies the mode as well, so it stays executable.
            fs::copy(program, self.dir.join(BIN).join(PROGRAM))?;
        }
        Ok(())
    }

    fn write(&self, name: &str, content: &str) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(self.dir.join(name))?.write_all(content.as_bytes())
    }

    /// Removes what we write and nothing else. The marker goes last, so that a removal cut short is taken up
    /// again by a later one.
    fn remove(&self) {
        for name in [TOKEN, HEADERS, CURLRC] {
            let _ = fs::remove_file(self.dir.join(name));
        }
        let _ = fs::remove_file(self.dir.join(BIN).join(PROGRAM));
        let _ = fs::remove_dir(self.dir.join(BIN));
        let _ = fs::remove_file(self.dir.join(MARKER));
        let _ = fs::remove_dir(&self.dir);
    }
}

fn private_dir(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Removes the directories that killed builds left beside ours: ours by marker and owner, no links, and of no
/// use for more than a day.
fn prune(parent: &Path, now: Timestamp) {
    let Ok(siblings) = fs::read_dir(parent) else { return };
    for sibling in siblings.flatten() {
        let dir = sibling.path();
        // Opening checks owner and mode, and follows no link.
        let Ok(private) = sys::PrivateDir::open(&dir) else { continue };
        let Ok(marker) = private.read(MARKER, MARKER_LIMIT) else { continue };
        let until = std::str::from_utf8(&marker).ok().and_then(|text| Timestamp::parse_rfc3339(text.trim()));
        if until.is_some_and(|until| now.since(until) > LEFT_BEHIND) {
            Bound { dir }.remove();
        }
    }
}
