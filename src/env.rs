//! The environment as a parameter.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::{Error, Result};

/// Looks variables up. An empty variable counts as unset, everywhere.
pub struct Env<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl<'a> Env<'a> {
    /// An environment that asks `lookup`, such as [`std::env::var_os`].
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self(lookup)
    }

    /// The raw value.
    pub fn os(&self, name: &str) -> Option<OsString> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// The value as text.
    ///
    /// # Errors
    /// It is not UTF-8; the error names the variable, never the value.
    pub fn text(&self, name: &str) -> Result<Option<String>> {
        let Some(value) = self.os(name) else { return Ok(None) };
        value.into_string().map(Some).map_err(|_| {
            Error::usage(format!("the value of {name} is not UTF-8"))
                .hint("set it anew; what was copied there is probably not text")
        })
    }

    /// The value as a path.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.os(name).map(PathBuf::from)
    }

    /// The value as yes or no: `1`, `true`, `yes`, `on` and their opposites, in any case.
    ///
    /// # Errors
    /// Neither yes nor no.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        let Some(value) = self.text(name)? else { return Ok(None) };
        match value.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Ok(Some(true)),
            "0" | "false" | "no" | "off" => Ok(Some(false)),
            _ => Err(Error::usage(format!("{name} is neither true nor false")).hint("write true or false")),
        }
    }
}
