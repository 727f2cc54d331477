//! A wall clock that is ahead or behind: libfaketime gives each process its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::call::Call;

/// The library.
pub struct Faketime {
    library: PathBuf,
}

impl Faketime {
    pub fn new() -> Self {
        let mut command = Command::new("faketime");
        command.args(["-f", "+0", "sh", "-c", "printf %s \"$LD_PRELOAD\""]);
        let output = command.output().expect("faketime is installed: see tests/install-tools");
        Self { library: String::from_utf8(output.stdout).expect("UTF-8").trim().into() }
    }

    /// Lets the command have a clock that is ahead by so many seconds.
    pub fn skew(&self, command: &mut Command, seconds: i64) {
        command.env("LD_PRELOAD", &self.library).env("FAKETIME", format!("{seconds:+}s"));
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }

    /// `call` with a clock that is off by what `file` says at the moment when the program reads the time.
    pub fn by(&self, file: &Path, call: Call) -> Call {
        call.env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }
}

/// Sets the clock of every process that reads `file`, by `+25h` or `-1d`. The file is never half-written.
pub fn set(file: &Path, by: &str) {
    let new = file.with_extension("new");
    fs::write(&new, format!("{by}\n")).expect("it can be written");
    fs::rename(new, file).expect("it can be renamed");
}

/// Removes what the library leaves in the shared memory when its process is killed.
pub fn remove_leftovers(pid: u32) {
    for name in [format!("faketime_shm_{pid}"), format!("sem.faketime_sem_{pid}")] {
        // It may have been killed before it came so far.
        let _ = fs::remove_file(Path::new("/dev/shm").join(name));
    }
}
