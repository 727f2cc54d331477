//! A scene in which everything that the program prints, writes and sends is searched for a secret and for tokens.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use genesys_token::cache::Cache;
use loopback_login_server::{Behaviour, Certificate, LoginServer, refused_url};
use tempfile::TempDir;

use crate::files;
use crate::harness::canaries::Canaries;
use crate::harness::{Call, Done, PROGRAM, Scene, entry, temporary_dir};
use crate::trace::{self, Destination, STRACE, Sighting};

/// An id and a secret with every character that some spelling writes in another way.
pub(crate) const ID: &str = "client-id/+=%-7f3a";
pub(crate) const SECRET: &str = r#"canary'secret"of\the/scan+with=every%odd&char~43"#;
/// The password of a shared cache, with such characters.
const PASSWORD: &str = r#"redis"pass\word'of+the/fleet=has%all&of~them"#;
/// A token with such characters. The four have no piece in common.
pub(crate) const TOKEN: &str = r#"token'in\"quotes"/slashed+plus=and%20percent&more~tilde"#;

/// A login server behind TLS, so that the search covers sockets as well, and a directory that has all files.
pub(crate) struct WatchedScene {
    scene: Scene,
    /// Files that may hold the secret.
    inputs: TempDir,
}

/// A call that has ended, and every text that it sent somewhere.
struct Watched {
    done: Done,
    sightings: Vec<Sighting>,
    canaries: Canaries<&'static str>,
}

/// What may be seen of a call. It must be seen as well, so that no row of the scan searches in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Nothing,
    Token(Destination),
    /// In the environment of the command, as the user asked for.
    TokenAndSecret(Destination),
}

impl WatchedScene {
    pub(crate) fn new() -> Self {
        let server = LoginServer::start_tls(fair(), Certificate::Good);
        server.add_client(ID, SECRET);
        let watched = Self { scene: Scene::of(server), inputs: temporary_dir() };
        fs::create_dir(watched.answers()).expect("a directory");
        watched
    }

    pub(crate) fn server(&self) -> &LoginServer {
        &self.scene.server
    }

    /// The directory for answers in files.
    pub(crate) fn answers(&self) -> PathBuf {
        self.scene.path("answers")
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.scene.cache()
    }

    /// Creates a file that may hold something secret, and returns its path.
    pub(crate) fn input(&self, name: &str, content: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.inputs.path().join(name);
        fs::write(&path, content).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
        path
    }

    /// A call that says as much as it can, and that writes all its files into the scene.
    pub(crate) fn call(&self, verb: &str) -> Call {
        let call = self.scene.call(verb).credential(ID, SECRET).inside(self.scene.dir());
        let call = ["HOME", "TMPDIR", "WORKSPACE_TMP", "XDG_CACHE_HOME"]
            .iter()
            .fold(call, |call, name| call.env(name, self.scene.dir()));
        let call = call.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
        // Nobody is there who might be told the password.
        let shared_cache = refused_url().replace("http:", "redis:");
        call.env("GENESYS_TOKEN_SHARED_CACHE", shared_cache)
            .env("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", PASSWORD)
            .env("GENESYS_TOKEN_LOG", "debug")
    }

    /// Puts a token that is about to expire into the cache in `dir`.
    pub(crate) fn put_expiring_token(&self, dir: &Path) {
        let store = entry::dir_store(dir);
        let cache_key = entry::cache_key_of(ID, &self.server().login_url());
        let cache = Cache::new(&store, cache_key, &entry::secret(SECRET));
        let requested_at = entry::now().minus(Duration::from_secs(3_500));
        entry::put_at(&cache, TOKEN, requested_at, Duration::from_hours(1));
    }

    /// Runs `call`. It must end with this exit code, and show exactly what may be `seen`.
    #[track_caller]
    pub(crate) fn watch(&self, call: Call, code: i32, seen: Seen) {
        let done = self.watch_any(call, seen);
        assert_eq!(done.code, code, "{done:?}");
    }

    /// The same with any exit code.
    #[track_caller]
    pub(crate) fn watch_any(&self, call: Call, seen: Seen) -> Done {
        let trace = self.inputs.path().join("trace");
        let strace = STRACE.iter().map(OsStr::new).chain(["-o".as_ref(), trace.as_os_str()]);
        let done = call.under(strace).run_unchecked();
        let text = fs::read_to_string(&trace).expect("strace wrote a trace");
        let sightings = trace::sightings(&text, Path::new(PROGRAM), &self.answers());
        assert!(sightings.len() > 3, "strace saw nothing: {text}");
        let tokens = self.server().tokens();
        let tokens = tokens.iter().map(String::as_str).chain([TOKEN]).map(|token| ("the token", token));
        let canaries = Canaries::new(tokens.chain([("the secret", SECRET), ("the password", PASSWORD)]));
        let watched = Watched { done, sightings, canaries };
        watched.shows_exactly(seen);
        self.files_hold_no_more_than(&watched.canaries, seen);
        watched.done
    }

    /// Searches the names and contents of all files.
    #[track_caller]
    fn files_hold_no_more_than(&self, canaries: &Canaries<&str>, seen: Seen) {
        let answers = self.answers();
        for path in files(self.scene.dir()) {
            assert!(canaries.found_in(path.as_os_str().as_encoded_bytes()).is_empty(), "{}", path.display());
            let found = canaries.found_in(&fs::read(&path).expect("a file"));
            let is_answer = path.starts_with(&answers) && seen != Seen::Nothing;
            assert!(
                found.is_empty() || (is_answer && found == ["the token"]),
                "{found:?} in {}",
                path.display()
            );
        }
        // The next call must not find the answer of this one.
        fs::remove_dir_all(&answers).and_then(|()| fs::create_dir(&answers)).expect("it is ours");
    }
}

impl Watched {
    #[track_caller]
    fn shows_exactly(&self, seen: Seen) {
        let is_allowed = |destination: Destination, what: &str| match seen {
            Seen::Nothing => false,
            Seen::Token(here) => destination == here && what == "the token",
            Seen::TokenAndSecret(here) => destination == here,
        };
        let mut shown = BTreeSet::new();
        for Sighting { destination, text } in &self.sightings {
            for what in self.canaries.found_in(text) {
                let text = String::from_utf8_lossy(text);
                assert!(is_allowed(*destination, what), "{what} in {destination:?}: {text}\n{:?}", self.done);
                shown.insert(what);
            }
        }
        let expected: &[&str] = match seen {
            Seen::Nothing => &[],
            Seen::Token(_) => &["the token"],
            Seen::TokenAndSecret(_) => &["the secret", "the token"],
        };
        assert!(shown.iter().eq(expected), "{shown:?}: {:?}", self.done);
        self.output_shows_no_more(is_allowed);
    }

    /// Searches stdout and stderr again, whatever system call wrote there.
    #[track_caller]
    fn output_shows_no_more(&self, is_allowed: impl Fn(Destination, &str) -> bool) {
        let streams = [(Destination::Stdout, &self.done.stdout), (Destination::Stderr, &self.done.stderr)];
        for (destination, text) in streams {
            for what in self.canaries.found_in(text.as_bytes()) {
                assert!(is_allowed(destination, what), "{what} in {destination:?}: {text}");
            }
        }
    }
}

/// A server that grants the canary token.
pub(crate) fn fair() -> Behaviour {
    Behaviour { token: Some(TOKEN.to_owned()), ..Behaviour::default() }
}
