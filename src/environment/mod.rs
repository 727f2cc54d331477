//! The environment as a parameter: every variable the program reads or sets, and how values are read.

mod near_miss;
pub mod variable;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::{Error, Result};
use variable::Variable;

/// The environment of one call. An empty variable counts as unset, everywhere.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    lookup: &'a dyn Fn(&str) -> Option<OsString>,
    names: &'a dyn Fn() -> Vec<OsString>,
}

impl<'a> Environment<'a> {
    /// An environment that asks `lookup`, such as [`std::env::var_os`].
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { lookup, names: &Vec::new }
    }

    /// The same environment, which can also say the names of all variables that have a value.
    #[must_use]
    pub fn with_names(self, names: &'a dyn Fn() -> Vec<OsString>) -> Self {
        Self { names, ..self }
    }

    /// Whether `variable` has a value.
    pub(crate) fn is_set(self, variable: &Variable) -> bool {
        self.raw(variable).is_some()
    }

    /// Says which variables were probably meant to be `variable`, if any: the client's id, its secret or the region.
    pub(crate) fn near_miss(self, variable: &Variable) -> Option<String> {
        near_miss::advice(&(self.names)(), variable)
    }

    /// The value, which may not be UTF-8.
    pub(crate) fn raw(self, variable: &Variable) -> Option<OsString> {
        (self.lookup)(variable.name).filter(|value| !value.is_empty())
    }

    /// The value as text.
    ///
    /// # Errors
    /// The value is not UTF-8; the error names the variable, never the value.
    pub(crate) fn text(self, variable: &Variable) -> Result<Option<String>> {
        let Some(value) = self.raw(variable) else { return Ok(None) };
        value.into_string().map(Some).map_err(|_| {
            Error::usage(format!("the value of {} is not UTF-8", variable.name))
                .cause("its value was probably copied from something that is not text")
                .fix("set the variable again")
        })
    }

    /// The value as a path.
    pub(crate) fn path(self, variable: &Variable) -> Option<PathBuf> {
        self.raw(variable).map(PathBuf::from)
    }

    /// The value as yes or no: `1`, `true`, `yes`, `on` and their opposites, in any case.
    ///
    /// # Errors
    /// The value is neither yes nor no.
    pub(crate) fn flag(self, variable: &Variable) -> Result<Option<bool>> {
        let Some(value) = self.text(variable)? else { return Ok(None) };
        match value.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Ok(Some(true)),
            "0" | "false" | "no" | "off" => Ok(Some(false)),
            _ => Err(Error::usage(format!("{} is neither true nor false", variable.name))
                .fix("write true or false")),
        }
    }
}
