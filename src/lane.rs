//! Lanes: tokens of one client that exist beside each other on purpose.
//!
//! Genesys Cloud allows 300 requests a minute per token, so a wide export or a large apply may need one of its own.

use std::fmt;

use crate::error::{Error, Result};

/// The name of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane(String);

impl Lane {
    /// Characters.
    pub const MAX_LEN: usize = 64;

    /// Parses the value of the flag or variable `source`.
    ///
    /// # Errors
    /// A usage error for anything but 1 to 64 characters of `A-Z a-z 0-9 . _ -`.
    pub fn parse(text: &str, source: &str) -> Result<Self> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if (1..=Self::MAX_LEN).contains(&text.len()) && text.chars().all(is_allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::usage(format!("the value of {source} is not the name of a lane"))
            .fix("write 1 to 64 letters, digits, dots, underscores and hyphens"))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_has_1_to_64_plain_characters() {
        for name in ["a", "Export-2.part_7", &"x".repeat(64)] {
            assert_eq!(Lane::parse(name, "--lane").unwrap().as_str(), name);
        }
        for text in ["", " ", "a b", "a/b", "ä", "a\n", &"x".repeat(65)] {
            let error = Lane::parse(text, "--lane").unwrap_err();
            assert_eq!(error.message, "the value of --lane is not the name of a lane", "{text:?}");
        }
    }
}
