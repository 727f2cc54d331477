//! The names in a block's directory.

/// The bare token.
pub(super) const TOKEN: &str = "token";
/// One header line, for `curl -H @file`.
pub(super) const HEADERS: &str = "headers";
/// A config, for `curl -K`.
pub(super) const CURLRC: &str = "curlrc";
/// Not written by `bind`: a script's own file with a secret, such as Archy's options, has this name, and so has a program
/// that is not checked yet.
pub(super) const PRIVATE: &str = "private";
/// Marks a directory as ours, and holds the time until which it is of use.
pub(super) const MARKER: &str = ".genesys-token";
/// The directory of the carried program.
pub(super) const BIN: &str = "bin";
/// The carried program.
pub(super) const PROGRAM: &str = if cfg!(windows) { "genesys-token.exe" } else { "genesys-token" };
