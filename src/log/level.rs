//! How much to say.

/// How much to say on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Errors only.
    Quiet,
    /// The line about the answer, warnings, and what is waited for.
    Normal,
    /// How each request ended.
    Verbose,
    /// Everything that is no secret: every decision with its reason.
    Debug,
}
