//! Where blocks are run: a loopback server, a cache, stand-ins for other tools, and nothing of the test's own.

use std::fs;
use std::path::Path;

pub use crate::harness::scene::Scene;
use crate::harness::{Call, Done, PROGRAM};
use crate::pages::Block;

impl Scene {
    pub fn call(&self, verb: &str) -> Call {
        Call::new(verb, &self.server, &self.cache())
    }

    /// A program for the PATH of scripts.
    pub fn stand_in(&self, name: &str, script: &str) {
        let file = self.path("bin").join(name);
        fs::create_dir_all(self.path("bin")).expect("a directory");
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a file");
        make_executable(&file);
    }

    /// A script as a person or a pipeline would run it, with the program on the PATH. It ends with the first command
    /// that fails.
    pub fn script(&self, script: &str) -> Call {
        let program = Path::new(PROGRAM).parent().expect("a program is in a directory");
        let system = std::env::var("PATH").expect("there is a PATH");
        let path = format!("{}:{}:{system}", self.path("bin").display(), program.display());
        let script = format!("set -e\n{script}");
        Call::shell(&script, &self.server, &self.cache()).env("PATH", path).inside(self.dir())
    }

    /// A script in a block that `bind` made, as the step runs it: with the token's files, without the credential.
    pub fn bound(&self, script: &str) -> Done {
        let bound =
            format!("set -a; eval \"$(genesys-token bind --dir '{}')\"", self.path("block").display());
        let unbound = "unset GENESYSCLOUD_OAUTHCLIENT_ID GENESYSCLOUD_OAUTHCLIENT_SECRET; set +a";
        self.script(&format!("{bound}\n{unbound}\n{script}")).run()
    }
}

#[cfg(unix)]
fn make_executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

/// A block's text with these parts replaced, each of which must be there.
pub fn substituted(block: &Block, table: &[(&str, &str)]) -> String {
    table.iter().fold(block.text.clone(), |text, (part, real)| {
        assert!(text.contains(part), "{block} has no {part:?}");
        text.replace(part, real)
    })
}
