//! What must never be seen: the secret, the token and the Basic header, whatever is said and wherever it is written.

#[path = "../harness/mod.rs"]
mod harness;

mod errors;
#[cfg(target_os = "linux")]
mod hunt;
mod panic;
#[cfg(target_os = "linux")]
mod scene;
#[cfg(target_os = "linux")]
mod trace;

use std::fs;
use std::path::{Path, PathBuf};

use harness::Call;
use loopback_login_server::{Answer, Behaviour, CLIENT_ID, Certificate, LoginServer};
use tempfile::TempDir;

fn dir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn server() -> LoginServer {
    LoginServer::start(Behaviour::default())
}

/// Every file below `dir`.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

mod the_log {
    use super::*;

    #[test]
    fn names_the_client_by_its_ends_only() {
        let (server, dir) = (server(), dir());
        let done = Call::new("get", &server, dir.path()).args(["-vv"]).run();
        assert!(!done.stderr.contains(CLIENT_ID), "{done:?}");
    }

    #[test]
    fn of_tls_keys_is_not_written() {
        let dir = dir();
        let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        let keys = dir.path().join("keys");
        let call = Call::new("get", &server, &dir.path().join("cache")).env("SSLKEYLOGFILE", &keys);
        assert_eq!(call.run().token(), server.tokens()[0]);
        assert!(!keys.exists());
    }
}

mod the_cache {
    use super::*;

    #[test]
    fn holds_no_words_of_a_refusal() {
        let (error, description) = ("invalid_client".to_owned(), "client not found".to_owned());
        let answer = Answer::OAuthError { status: 400, error, description };
        let (server, dir) = (LoginServer::start(Behaviour::answering(answer)), dir());
        assert_eq!(Call::new("get", &server, dir.path()).run().code, 4);
        let files: Vec<Vec<u8>> =
            files(dir.path()).iter().map(|path| fs::read(path).expect("a file")).collect();
        assert!(files.iter().any(|content| !content.is_empty()), "it is noted");
        assert!(!files.iter().any(|content| content.windows(9).any(|text| text == b"not found")));
    }

    #[cfg(unix)]
    #[test]
    fn is_closed_to_others_and_holds_no_rests() {
        use std::os::unix::fs::PermissionsExt as _;
        let (server, dir) = (server(), dir());
        let cache = dir.path().join("cache");
        assert_eq!(Call::new("get", &server, &cache).run().code, 0);
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o7777;
        assert_eq!(mode(&cache), 0o700);
        for path in files(&cache) {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            assert!(!name.starts_with(".writing-"), "{name}");
        }
    }
}

mod the_search {
    use super::*;
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD_NO_PAD;
    use harness::marks::Marks;

    #[test]
    fn finds_fifteen_characters_in_any_spelling_and_no_less_than_twelve() {
        let marks = Marks::new([("it", "q\"uo\\te/d+and=long%enough")]);
        let found = |text: &str| marks.in_text(text.as_bytes()) == ["it"];
        assert!(found("… uo\\te/d+and=long …"));
        assert!(found("uo\\\\te/d+and=long"), "JSON");
        assert!(found("uo\\\\te\\/d+and=long"), "JSON that escapes slashes");
        assert!(found("te%2Fd%2Band%3Dlong") && found("te%2fd%2band%3dlong"), "a URL");
        assert!(found("%74%65%2f%64%2b"), "a URL of an eager encoder");
        assert!(found("74652F642B616E64") && found("74652f642b616e64"), "hexadecimal");
        for before in ["", "x", "xy"] {
            assert!(found(&BASE64_STANDARD_NO_PAD.encode(format!("{before}te/d+and=long%enough"))));
        }
        assert!(!found("q\"uo\\te/d+") && !found("uo te d and"));
    }
}
