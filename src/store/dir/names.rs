//! The names of files that hold no record.

/// How the name of a file begins while it is being written.
pub const TEMPORARY_PREFIX: &str = ".writing-";

/// How the name of an entry's lock file ends.
pub(super) const LOCK_SUFFIX: &str = ".lock";
