//! A place where the program is watched: what it says, gives to others and writes is searched for marked values.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use genesys_token::cache::{Owner, Store};
use genesys_token::scope::Scopes;
use genesys_token::secret::Secret;
use genesys_token::sys::PrivateDir;
use loopback_login_server::{Behaviour, Certificate, LoginServer};
use tempfile::TempDir;

use crate::files;
use crate::harness::marks::Marks;
use crate::harness::{Call, Done, PROGRAM};
use crate::trace::{self, Place, STRACE, Sighting};

/// An id and a secret with every character that some spelling writes in another way.
pub const ID: &str = "client-id/+=%-7f3a";
pub const SECRET: &str = r#"marked'secret"of\the/hunt+with=every%odd&char~43"#;
/// A token likewise. The three have no piece in common.
pub const TOKEN: &str = r#"token'in\"quotes"/slashed+plus=and%20percent&more~tilde"#;

/// A login server behind TLS, so that what goes through a socket is sealed too, and a folder where all files are.
pub struct Scene {
    pub server: LoginServer,
    root: TempDir,
    /// Files that hold the secret by right.
    inputs: TempDir,
}

/// A call that has ended, and all that was seen of it.
struct Watched {
    done: Done,
    sightings: Vec<Sighting>,
    marks: Marks<&'static str>,
}

/// What may be seen, and must be, so that no test looks in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Nothing,
    Token(Place),
    /// In the environment of the command, by the user's wish.
    TokenAndSecret(Place),
}

impl Scene {
    pub fn new() -> Self {
        let server = LoginServer::start_tls(fair(), Certificate::Good);
        server.add_client(ID, SECRET);
        let dir = || tempfile::tempdir().expect("a temporary directory");
        let scene = Self { server, root: dir(), inputs: dir() };
        fs::create_dir(scene.answers()).expect("a directory");
        scene
    }

    /// Where the answers go that are files.
    pub fn answers(&self) -> PathBuf {
        self.root.path().join("answers")
    }

    pub fn cache(&self) -> PathBuf {
        self.root.path().join("cache")
    }

    /// Makes a file that holds something secret by right, and returns its path.
    pub fn input(&self, name: &str, content: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.inputs.path().join(name);
        fs::write(&path, content).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
        path
    }

    /// A call that says all it can, with every place for files inside of the scene.
    pub fn call(&self, verb: &str) -> Call {
        let call =
            Call::new(verb, &self.server, &self.cache()).credential(ID, SECRET).inside(self.root.path());
        let call = ["HOME", "TMPDIR", "WORKSPACE_TMP", "XDG_CACHE_HOME"]
            .iter()
            .fold(call, |call, name| call.env(name, self.root.path()));
        let call = call.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
        call.env("GENESYS_TOKEN_LOG", "debug").env("GENESYS_TOKEN_TIMEOUT", "1s")
    }

    /// The place in a cache where the scene's client has its entry.
    pub fn store(&self, cache: &Path) -> Store {
        let (client_id, login_url) = (ID.to_owned(), self.server.login_url());
        let owner = Owner { client_id, login_url, scopes: Scopes::default() };
        let dir = PrivateDir::open_or_create(cache).expect("the cache directory can be made");
        Store::new(dir, owner, &Secret::from(SECRET))
    }

    /// Runs it, and fails if it gives away what it must not, or does not end with `code`.
    #[track_caller]
    pub fn watch(&self, call: Call, code: i32, seen: Seen) {
        let done = self.watch_any(call, seen);
        assert_eq!(done.code, code, "{done:?}");
    }

    /// The same, however it ends.
    #[track_caller]
    pub fn watch_any(&self, call: Call, seen: Seen) -> Done {
        let trace = self.inputs.path().join("trace");
        let done = call.under(STRACE.iter().map(OsStr::new).chain(["-o".as_ref(), trace.as_os_str()])).run();
        let text = fs::read_to_string(&trace).expect("strace wrote a trace");
        let sightings = trace::sightings(&text, Path::new(PROGRAM), &self.answers());
        assert!(sightings.len() > 3, "nothing was watched: {text}");
        let tokens = self.server.tokens();
        let tokens = tokens.iter().map(String::as_str).chain([TOKEN]).map(|token| ("the token", token));
        let marks = Marks::new(tokens.chain([("the secret", SECRET)]));
        let watched = Watched { done, sightings, marks };
        watched.gives_away_no_more_than(seen);
        self.holds_no_more_than(&watched.marks, seen);
        watched.done
    }

    /// Searches the names and contents of all files.
    #[track_caller]
    fn holds_no_more_than(&self, marks: &Marks<&str>, seen: Seen) {
        let answers = self.answers();
        for path in files(self.root.path()) {
            assert!(marks.in_text(path.as_os_str().as_encoded_bytes()).is_empty(), "{}", path.display());
            let found = marks.in_text(&fs::read(&path).expect("a file"));
            let is_answer = path.starts_with(&answers) && seen != Seen::Nothing;
            assert!(
                found.is_empty() || (is_answer && found == ["the token"]),
                "{found:?} in {}",
                path.display()
            );
        }
        // Answers are for the call that asked for them.
        fs::remove_dir_all(&answers).and_then(|()| fs::create_dir(&answers)).expect("it is ours");
    }
}

impl Watched {
    #[track_caller]
    fn gives_away_no_more_than(&self, seen: Seen) {
        let allowed = |place: Place, what: &str| match seen {
            Seen::Nothing => false,
            Seen::Token(here) => place == here && what == "the token",
            Seen::TokenAndSecret(here) => place == here,
        };
        let mut met = BTreeSet::new();
        for Sighting { place, text } in &self.sightings {
            for what in self.marks.in_text(text) {
                let text = String::from_utf8_lossy(text);
                assert!(allowed(*place, what), "{what} in {place:?}: {text}\n{:?}", self.done);
                met.insert(what);
            }
        }
        let expected: &[&str] = match seen {
            Seen::Nothing => &[],
            Seen::Token(_) => &["the token"],
            Seen::TokenAndSecret(_) => &["the secret", "the token"],
        };
        assert!(met.iter().eq(expected), "{met:?}: {:?}", self.done);
        // By whatever system call it came there.
        for (place, text) in [(Place::Stdout, &self.done.stdout), (Place::Stderr, &self.done.stderr)] {
            for what in self.marks.in_text(text.as_bytes()) {
                assert!(allowed(place, what), "{what} in {place:?}: {text}");
            }
        }
    }
}

/// A server that gives the marked token.
pub fn fair() -> Behaviour {
    Behaviour { token: Some(TOKEN.to_owned()), ..Behaviour::default() }
}
