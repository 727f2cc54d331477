//! A login server, a redis-server, and machines.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use genesys_token::cache::DerivedKeys;
use loopback_login_server::{Behaviour, CLIENT_SECRET};

use crate::harness::redis_server::RedisServer;
use crate::harness::{Call, Done, Scene, entry};

/// The rights that docs/fleet.md gives the program, and no other.
pub(crate) const ACL: &str = "user default off\n\
    user genesys on >store-password ~genesys-token:* resetchannels -@all +get +getrange +set +del +watch \
    +unwatch +multi +exec +pttl +time +ping";

pub(crate) struct Fleet {
    pub(crate) scene: Scene,
    pub(crate) redis: RedisServer,
}

impl Fleet {
    pub(crate) fn new() -> Self {
        Self::with(Behaviour::default())
    }

    pub(crate) fn with(behaviour: Behaviour) -> Self {
        Self { scene: Scene::with(behaviour), redis: RedisServer::start() }
    }

    /// With these lines in the store's configuration.
    pub(crate) fn configured(lines: &str) -> Self {
        Self { scene: Scene::new(), redis: RedisServer::with(lines) }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.redis.port())
    }

    /// A call on a machine, whose disk has nothing yet when it is its first.
    pub(crate) fn on(&self, machine: usize, verb: &str) -> Call {
        let call = self.scene.call(verb).cache(&self.scene.path(&format!("machine-{machine}")));
        call.env("GENESYS_TOKEN_SHARED_CACHE", self.url())
    }

    pub(crate) fn get(&self, machine: usize) -> Call {
        self.on(machine, "get").fetched_or_reused()
    }

    /// How the server answered each request to end a token.
    pub(crate) fn ended(&self) -> Vec<u16> {
        let log = self.scene.server.log().into_iter();
        log.filter(|record| record.method == "DELETE").filter_map(|record| record.status).collect()
    }

    /// The names of the token, the dropped tokens, the failure and the lease.
    pub(crate) fn names(&self) -> [String; 4] {
        let keys = DerivedKeys::new(&entry::secret(CLIENT_SECRET));
        let client = entry::cache_key(&self.scene.server.login_url()).client_entry_name(&keys);
        [":token", ":dropped", ":failure", ":lease"]
            .map(|suffix| format!("genesys-token:{{{}}}{suffix}", client.as_str()))
    }

    /// What `redis-cli` answers.
    pub(crate) fn redis<const N: usize>(&self, command: [&str; N]) -> String {
        let text = String::from_utf8(self.redis_bytes(command)).expect("text");
        text.trim_end_matches('\n').to_owned()
    }

    pub(crate) fn redis_bytes<const N: usize>(&self, command: [&str; N]) -> Vec<u8> {
        let port = self.redis.port().to_string();
        let output = Command::new("redis-cli").args(["-p", &port]).args(command).output();
        output.expect("redis-cli is installed: see tests/install-tools").stdout
    }
}

/// The different tokens that these calls printed.
pub(crate) fn distinct(done: &[Done]) -> BTreeSet<&str> {
    done.iter().map(Done::token).collect()
}

/// The files below `dir`.
pub(crate) fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
