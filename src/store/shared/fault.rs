//! Why a shared store could not be used.

use std::fmt;

use super::refusal::Refusal;

/// Characters of what a store says that are shown.
const MAX_DETAIL_LEN: usize = 100;

/// Why a shared store could not be used. `Display` is what the line on stderr says behind `not shared: `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreFault {
    /// Its settings name a file that can't be used. Nothing was asked.
    Unusable(String),
    /// Its name has no address.
    NoAddress(String),
    /// It can't be connected to.
    Unreachable(String),
    /// TLS failed.
    Tls(String),
    /// It did not answer in time.
    Slow,
    /// It closed the connection.
    Closed,
    /// What it answers is not what it was asked.
    Foreign,
    /// It refuses a command.
    Refused {
        /// The command.
        command: &'static str,
        /// The first word of its answer.
        code: String,
        /// The rest.
        detail: String,
    },
    /// Other machines changed the records each time.
    Contended,
    /// Its lease has no end, or is nothing that a lease could be.
    ForeignLease,
    /// The machine that has the lease brought nothing.
    NoAnswer,
    /// Another call found it of no use, a moment ago.
    Earlier(String),
}

impl StoreFault {
    /// What it means, if the store refuses a command.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused { code, detail, .. } => Some(Refusal::of(code, detail)),
            _ => None,
        }
    }

    /// The refusal of `command` by these words of the store.
    pub(crate) fn refused(command: &'static str, code: &str, detail: &str) -> Self {
        Self::Refused { command, code: plain(code), detail: plain(detail) }
    }
}

/// A store's words, fit for a log.
fn plain(text: &str) -> String {
    text.chars().filter(|c| *c == ' ' || c.is_ascii_graphic()).take(MAX_DETAIL_LEN).collect()
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(why) => f.write_str(why),
            Self::NoAddress(why) => write!(f, "its name was not found: {why}"),
            Self::Unreachable(why) => write!(f, "it can't be reached: {why}"),
            Self::Tls(why) => write!(f, "TLS failed: {why}"),
            Self::Slow => f.write_str("it did not answer in time"),
            Self::Closed => f.write_str("it closed the connection"),
            Self::Foreign => f.write_str("what answers there is no Redis or Valkey"),
            Self::Contended => f.write_str("other machines were faster each time"),
            Self::ForeignLease => f.write_str("the lease there is none of ours"),
            Self::NoAnswer => f.write_str("another machine asks the login server, and brings nothing"),
            Self::Earlier(reason) => f.write_str(reason),
            Self::Refused { command, code, detail } => match Refusal::of(code, detail).words(command) {
                Some(words) => f.write_str(&words),
                None => write!(f, "it refuses {command}: {code} {detail}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_is_there_instead() {
        for (code, detail, words) in [
            ("MOVED", "3999 127.0.0.1:6381", "it is a cluster, whose redirects are not followed"),
            (
                "READONLY",
                "You can't write against a read only replica.",
                "it is a replica, which can't be written",
            ),
            ("NOPERM", "User x has no permissions to run the 'set' command", "it denies SET"),
            ("NOPERM", "No permissions to access a key", "it denies SET for names of this prefix"),
            ("ERR", "unknown command 'MULTI'", "it does not know SET, as a proxy or a Sentinel does not"),
            ("ERR", "max number of clients reached", "it has too many clients"),
            ("ERR", "DB index is out of range", "it has no such database"),
            (
                "ERR",
                "SELECT is not allowed in cluster mode",
                "it is a cluster, whose redirects are not followed",
            ),
            ("ERR", "\u{1b}[31mno", "it refuses SET: ERR [31mno"),
        ] {
            assert_eq!(StoreFault::refused("SET", code, detail).to_string(), words);
        }
    }
}
