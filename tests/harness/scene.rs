//! A login server, and a directory in which everything happens. Test files add what they do there.

use std::path::{Path, PathBuf};

use loopback_login_server::{Behaviour, LoginServer};
use tempfile::TempDir;

pub struct Scene {
    pub server: LoginServer,
    dir: TempDir,
}

impl Scene {
    pub fn new() -> Self {
        Self::with(LoginServer::start(Behaviour::default()))
    }

    pub fn with(server: LoginServer) -> Self {
        Self { server, dir: tempfile::tempdir().expect("a temporary directory") }
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
}
