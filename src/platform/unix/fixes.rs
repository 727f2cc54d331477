//! What a user of Unix does about it.

pub(crate) const NOT_EXECUTABLE: &str = "make the file executable: chmod +x";
pub(crate) const NO_PROGRAM: &str =
    "the file may be no program for this machine, or ulimit -a too low for one more";
pub(crate) const TOO_FEW_PROCESSES: &str =
    "raise the limit, which ulimit -a shows, or run fewer processes beside this one";
pub(crate) const TOO_FEW_FILES: &str = "raise the limit, which ulimit -n shows";
pub(crate) const TOO_LARGE_A_FILE: &str = "raise ulimit -f";
pub(crate) const OUTPUT_NOT_WRITTEN: &str = "make room, or raise the limits that ulimit -a shows";
