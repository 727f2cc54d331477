//! Which file a command names: the one that a shell of Windows would run. Starting a process looks for `.exe` alone.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

/// What can be started: programs, and batch files by `cmd.exe`. Other types of `PATHEXT` need an interpreter.
const STARTABLE: [&str; 4] = [".com", ".exe", ".bat", ".cmd"];

/// Where programs lie, and which endings they have.
pub(super) struct Search {
    directories: Vec<PathBuf>,
    endings: Vec<String>,
}

impl Search {
    /// As the variables `PATH` and `PATHEXT` say. The current directory is searched only where `PATH` names it: what a
    /// build checks out is not to take the place of a tool.
    pub(super) fn new(path: Option<&OsStr>, endings: Option<&OsStr>) -> Self {
        let directories = path.map(env::split_paths).into_iter().flatten();
        let directories = directories.filter(|directory| !directory.as_os_str().is_empty()).collect();
        let named = endings.map(|endings| endings.to_string_lossy().to_lowercase()).unwrap_or_default();
        let named = named.split(';').map(str::trim);
        let mut endings: Vec<String> =
            named.filter(|ending| STARTABLE.contains(ending)).map(str::to_owned).collect();
        if endings.is_empty() {
            endings = STARTABLE.map(str::to_owned).to_vec();
        }
        Self { directories, endings }
    }

    /// What `program` may be called: by its own name if that says what it is, then with each ending.
    fn names(&self, program: &OsStr) -> impl Iterator<Item = OsString> {
        let extension = Path::new(program).extension().map(|it| format!(".{}", it.to_string_lossy()));
        let is_whole =
            extension.is_some_and(|it| STARTABLE.iter().any(|ending| it.eq_ignore_ascii_case(ending)));
        let whole = is_whole.then(|| program.to_owned());
        let with_ending = self.endings.iter().map(|ending| {
            let mut name = program.to_owned();
            name.push(ending);
            name
        });
        whole.into_iter().chain(with_ending)
    }
}

/// The file that `program` names.
///
/// # Errors
/// `NotFound`; `IsADirectory`; `Unsupported` for a file that needs an interpreter, such as a script of PowerShell.
pub(super) fn find(program: &OsStr, search: &Search) -> io::Result<PathBuf> {
    let is_path = program.to_string_lossy().contains(['\\', '/', ':']);
    let here = [PathBuf::new()];
    let directories = if is_path { &here[..] } else { &search.directories };
    let files = directories.iter().flat_map(|directory| {
        search.names(program).map(move |name| directory.join(name)).filter(|file| file.is_file())
    });
    if let Some(file) = files.into_iter().next() {
        return Ok(file);
    }
    let mut others = directories.iter().map(|directory| directory.join(program));
    Err(match others.find(|other| other.exists()) {
        Some(other) if other.is_dir() && is_path => io::ErrorKind::IsADirectory.into(),
        Some(other) if other.is_file() => io::ErrorKind::Unsupported.into(),
        _ => io::ErrorKind::NotFound.into(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Files of two directories on the search path.
    fn find_in(files: &[&str], endings: &str, program: &str) -> io::Result<String> {
        let dir = tempfile::tempdir().expect("a directory");
        for name in ["one", "two"] {
            fs::create_dir(dir.path().join(name)).expect("a directory");
        }
        for file in files {
            fs::write(dir.path().join(file), "").expect("a file");
        }
        let path = env::join_paths([dir.path().join("one"), dir.path().join("two")]).expect("a path");
        let search = Search::new(Some(&path), Some(OsStr::new(endings)));
        let program = program.replace("DIR", dir.path().to_str().expect("UTF-8"));
        let found = find(OsStr::new(&program), &search)?;
        let name = found.strip_prefix(dir.path()).expect("it is in the directory");
        Ok(name.to_str().expect("UTF-8").replace('\\', "/"))
    }

    #[test]
    fn a_bare_name_is_the_first_program_or_batch_file_on_the_path() {
        for (files, program, found) in [
            (&["one/gc.cmd", "two/gc.exe"][..], "gc", "one/gc.cmd"),
            (&["one/gc.cmd", "one/gc.exe"], "gc", "one/gc.exe"),
            (&["two/gc.BAT"], "gc.BAT", "two/gc.BAT"),
            (&["one/gc", "two/gc.exe"], "gc", "two/gc.exe"),
            (&["one/gc-1.2.exe"], "gc-1.2", "one/gc-1.2.exe"),
            (&["two/gc.cmd"], r"DIR\two\gc", "two/gc.cmd"),
            (&["two/gc.exe"], r"DIR\two\gc.exe", "two/gc.exe"),
        ] {
            assert_eq!(find_in(files, ".COM;.EXE;.BAT;.CMD;.VBS", program).unwrap(), found, "{program}");
        }
        assert_eq!(find_in(&["one/gc.cmd", "one/gc.exe"], ".CMD;.EXE", "gc").unwrap(), "one/gc.cmd");
        assert_eq!(find_in(&["one/gc.exe"], "", "gc").unwrap(), "one/gc.exe");
    }

    #[test]
    fn what_can_not_be_started_is_told_from_what_is_missing() {
        for (files, program, kind) in [
            (&["one/gc.ps1"][..], "gc.ps1", io::ErrorKind::Unsupported),
            (&["one/gc.vbs"], "gc", io::ErrorKind::NotFound),
            (&["one/gc.exe"], "terraform", io::ErrorKind::NotFound),
            (&[], r"DIR\one", io::ErrorKind::IsADirectory),
            (&[], "one", io::ErrorKind::NotFound),
        ] {
            let error = find_in(files, ".EXE;.VBS", program).unwrap_err();
            assert_eq!(error.kind(), kind, "{program}");
        }
    }
}
