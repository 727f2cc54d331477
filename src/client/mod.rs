//! Who is asking: the credential of an OAuth client.
//!
//! Two kinds of checks, kept apart. Parsing runs on every call and refuses what no credential can contain.
//! Linting looks at length and shape and only ever warns, since Genesys may change both; a cache hit has
//! proved the credential and skips it.

mod credential;
mod lint;
mod parse;
mod shape;

pub use credential::{Client, ClientId, ClientSecret};
pub(crate) use lint::{Finding, Severity};
pub(crate) use parse::Normalization;
pub(crate) use shape::is_placeholder;
