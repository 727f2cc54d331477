//! What a user of Windows does about it.

pub(crate) const NOT_EXECUTABLE: &str =
    "let this user run the file: icacls FILE shows who may, and AppLocker or antivirus may forbid it";
pub(crate) const NO_PROGRAM: &str = "the file may be no program for this machine, or its memory is used up";
pub(crate) const TOO_FEW_PROCESSES: &str = "run fewer processes beside this one";
pub(crate) const TOO_FEW_FILES: &str = "run fewer processes beside this one";
pub(crate) const TOO_LARGE_A_FILE: &str = "name a directory on a disk that takes larger files";
pub(crate) const OUTPUT_NOT_WRITTEN: &str = "make room, or run fewer processes beside this one";
