//! Hits: calls that find their token in the cache, for the default region's login server.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use genesys_token::cache::Cache;
use genesys_token::region::Region;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::harness::{Call, entry, genesys_token};

const DAY: Duration = Duration::from_hours(24);
/// As long as a token of Genesys Cloud.
const TOKEN: &str =
    "loopback-token_0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456";

/// Caches a token of `client_id` in `dir`, with the lock file that a fetch leaves there.
pub(crate) fn put(dir: &Path, client_id: &str) {
    let store = entry::dir_store(dir);
    let key = entry::cache_key_of(client_id, Region::default().login_url().as_str());
    let cache = Cache::new(&store, key, &entry::secret(CLIENT_SECRET));
    drop(cache.try_lock());
    entry::put_at(&cache, TOKEN, entry::now(), DAY);
}

/// A hit in the cache directory `dir`.
pub(crate) fn explicit_dir(dir: &Path) -> Call {
    put(dir, CLIENT_ID);
    checked(genesys_token().get().credential(CLIENT_ID, CLIENT_SECRET).cache(dir))
}

/// A hit in the default cache directory of the user with this `home`.
pub(crate) fn default_dir(home: &Path) -> Call {
    put(&home.join(".cache/genesys-token"), CLIENT_ID);
    checked(genesys_token().get().credential(CLIENT_ID, CLIENT_SECRET).env("HOME", home))
}

/// Fails when the call is no hit: a bench must not measure anything else.
fn checked(call: Call) -> Call {
    let line = "genesys-token: reused token of client 1111…5555 at mypurecloud.com, * left\n";
    call.clone().stdout(format!("{TOKEN}\n")).stderr(line).success();
    call
}

/// `call` as a call of another `program`, with the same environment.
pub(crate) fn as_program(program: &Path, call: &Call) -> Command {
    let mut command = Command::new(program);
    command.arg("get").env_clear().envs(call.environment());
    command
}
