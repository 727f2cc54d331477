//! A login server, and a directory in which everything happens.

use std::path::{Path, PathBuf};

use loopback_login_server::{Answer, Behaviour, LoginServer};
use tempfile::TempDir;

use super::call::{Call, genesys_token};

/// A login server and a directory. Its calls have the server's own client, its URLs, its CA, and a cache.
pub struct Scene {
    pub server: LoginServer,
    dir: TempDir,
}

/// A directory that is removed at the end of the test.
pub fn temporary_dir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

impl Scene {
    pub fn new() -> Self {
        Self::with(Behaviour::default())
    }

    pub fn with(behaviour: Behaviour) -> Self {
        Self::of(LoginServer::start(behaviour))
    }

    pub fn answering(answer: Answer) -> Self {
        Self::with(Behaviour::answering(answer))
    }

    pub fn of(server: LoginServer) -> Self {
        Self { server, dir: temporary_dir() }
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    pub fn cache(&self) -> PathBuf {
        self.path("cache")
    }

    pub fn call(&self, verb: &str) -> Call {
        genesys_token().verb(verb).at(&self.server).cache(&self.cache())
    }

    pub fn get(&self) -> Call {
        self.call("get")
    }

    pub fn bind(&self, dir: &str) -> Call {
        self.call("bind").arg("--dir").arg(self.path(dir))
    }

    /// A binding of the step on an agent whose disk is `agent`, which is offered this.
    pub fn bind_on(&self, agent: &str, offered: &str) -> Call {
        let call = self.bind(&format!("{agent}/block")).args(["--for-step", "1"]);
        let call = call.cache(&self.path(&format!("{agent}/cache"))).env("GENESYS_TOKEN_STEP", "2");
        let now = (super::entry::now().0 / 1000).to_string();
        call.env("GENESYS_TOKEN_NOW", now).env("GENESYS_TOKEN_OFFERED", offered).any_stdout()
    }

    pub fn exec<const N: usize>(&self, command: [&str; N]) -> Call {
        self.call("exec").command(command)
    }
}
