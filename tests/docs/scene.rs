//! Where the commands of a page run: a loopback server, a cache, and stand-ins for other tools.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

pub(crate) use crate::harness::Scene;
use crate::harness::{Call, PROGRAM, genesys_token};
use crate::pages::Block;

impl Scene {
    /// Puts a shell script named `name` on the `PATH` of [`Scene::script`].
    pub(crate) fn stand_in(&self, name: &str, script: &str) {
        let file = self.path("bin").join(name);
        fs::create_dir_all(self.path("bin")).expect("a directory");
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }

    /// A shell script that has the program and the stand-ins on its `PATH`, and ends with the first command that
    /// fails.
    pub(crate) fn script(&self, script: &str) -> Call {
        let program = Path::new(PROGRAM).parent().expect("a program is in a directory");
        let system = std::env::var("PATH").expect("there is a PATH");
        let path = format!("{}:{}:{system}", self.path("bin").display(), program.display());
        let call = genesys_token().script(&format!("set -e\n{script}")).at(&self.server).cache(&self.cache());
        call.env("PATH", path).inside(self.dir())
    }

    /// A shell script in a block that `bind` made: like the body of the step, it has the token's files and no
    /// credential. `bind` itself says on stderr where the token came from.
    pub(crate) fn bound(&self, script: &str) -> Call {
        let answer = format!("answer=$(genesys-token bind --dir '{}')", self.path("block").display());
        // The values are no shell words.
        let bind = format!("{answer}\nwhile IFS= read -r line; do export \"$line\"; done <<.\n$answer\n.");
        let unbind = "unset GENESYSCLOUD_OAUTHCLIENT_ID GENESYSCLOUD_OAUTHCLIENT_SECRET";
        self.script(&format!("{bind}\n{unbind}\n{script}"))
    }
}

/// The text of a block with each part of `table` replaced. The block must contain all of them.
pub(crate) fn substituted(block: &Block, table: &[(&str, &str)]) -> String {
    table.iter().fold(block.text.clone(), |text, (part, real)| {
        assert!(text.contains(part), "{block} has no {part:?}");
        text.replace(part, real)
    })
}
