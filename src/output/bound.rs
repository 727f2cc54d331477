//! The private directory of one pipeline block: token, headers file, curl config.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::format::{Answer, curl_config, header};
use crate::error::{Error, Result};
use crate::settings::variable;
use crate::sys::PrivateDir;
use crate::time::Timestamp;

/// The version of the agreement with `vars/withGenesysToken.groovy`: flags, lines and error line.
pub const STEP_PROTOCOL: u32 = 1;

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
    dir: PrivateDir,
}

impl Bound {
    /// Makes the directory `path`, which must not exist, and writes everything into it; leaves nothing behind on failure.
    ///
    /// # Errors
    /// It exists, or can't be made or written.
    pub fn create(path: &Path, answer: &Answer, carry: Option<&Path>, now: Timestamp) -> Result<Self> {
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
            io::ErrorKind::AlreadyExists => Error::usage(format!("{} exists already", path.display()))
                .hint("give --dir a name of its own for each block"),
            _ => refuse(error),
        })?;
        let bound = Self { dir };
        bound.fill(answer, carry, now).map_err(|error| {
            bound.remove();
            refuse(error)
        })?;
        Ok(bound)
    }

    /// The `NAME=value` lines for the block's environment. None is secret.
    pub fn lines(&self, answer: &Answer) -> String {
        let path = |name| self.dir.path().join(name).display().to_string();
        let files = [
            (variable::TOKEN_FILE, path(TOKEN)),
            (variable::HEADERS_FILE, path(HEADERS)),
            (variable::CURL_CONFIG, path(CURLRC)),
            (variable::EXPIRES_AT, answer.expires_at.map(Timestamp::rfc3339).unwrap_or_default()),
            (variable::REGION, answer.region.clone().unwrap_or_default()),
            (variable::API_REGION, answer.api_url.clone().unwrap_or_default()),
        ];
        files.iter().flat_map(|(name, value)| [name, "=", value, "\n"]).collect()
    }

    fn fill(&self, answer: &Answer, carry: Option<&Path>, now: Timestamp) -> io::Result<()> {
        let useful_until = answer.expires_at.unwrap_or_else(|| now.plus(UNKNOWN_LIFE));
        self.dir.write_new(MARKER, useful_until.rfc3339().as_bytes())?;
        self.dir.write_new(TOKEN, format!("{}\n", answer.token.expose()).as_bytes())?;
        self.dir.write_new(HEADERS, header(&answer.token).as_bytes())?;
        self.dir.write_new(CURLRC, curl_config(&answer.token).as_bytes())?;
        if let Some(program) = carry {
            let bin = PrivateDir::create(&self.dir.path().join(BIN))?;
            // Copies the mode as well, so it stays executable.
            fs::copy(program, bin.path().join(PROGRAM))?;
        }
        Ok(())
    }

    /// Removes what we write and nothing else, through no link. The marker goes last, so that a removal cut short is
    /// taken up again by a later one.
    pub fn remove(&self) {
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

/// Removes the directories that killed builds left beside ours: ours by marker and owner, no links, and of no
/// use for more than a day.
fn prune(parent: &Path, now: Timestamp) {
    let Ok(siblings) = fs::read_dir(parent) else { return };
    for sibling in siblings.flatten() {
        // Opening checks owner and mode, and follows no link.
        let Ok(dir) = PrivateDir::open(&sibling.path()) else { continue };
        let Ok(marker) = dir.read(MARKER, MARKER_LIMIT) else { continue };
        let until = std::str::from_utf8(&marker).ok().and_then(|text| Timestamp::parse_rfc3339(text.trim()));
        if until.is_some_and(|until| now.since(until) > LEFT_BEHIND) {
            Bound { dir }.remove();
        }
    }
}
