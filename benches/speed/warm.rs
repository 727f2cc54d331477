//! Hits: calls that find their token in the cache, for the default region's own login server.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use genesys_token::cache::{Owner, Store};
use genesys_token::region::Region;
use genesys_token::scope::Scopes;
use genesys_token::secret::Secret;
use genesys_token::sys::PrivateDir;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::harness::{Call, cached};

const DAY: Duration = Duration::from_secs(86_400);
/// As long as a Genesys Cloud token.
const TOKEN: &str =
    "loopback-token_0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456";

/// Writes a token of `client` into the cache `dir`, with the lock file that a fetch leaves behind.
pub fn put(dir: &Path, client: &str) {
    let owner = Owner {
        client_id: client.to_owned(),
        login_url: Region::default().login_url(),
        scopes: Scopes::default(),
    };
    let dir = PrivateDir::open_or_create(dir).expect("the cache directory can be made");
    let store = Store::new(dir, owner, &Secret::from(CLIENT_SECRET));
    drop(store.try_lock());
    cached::put(&store, TOKEN, Duration::ZERO, DAY);
}

/// A hit in the cache `dir`, which is filled for it.
pub fn given_dir(dir: &Path) -> Call {
    put(dir, CLIENT_ID);
    checked(|| Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).cache(dir))
}

/// A hit in the default cache of the user whose home is `home`.
pub fn default_dir(home: &Path) -> Call {
    put(&home.join(".cache/genesys-token"), CLIENT_ID);
    checked(|| Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).env("HOME", home))
}

/// Fails here when the call is no hit, rather than measure something else.
fn checked(call: impl Fn() -> Call) -> Call {
    let done = call().run();
    assert_eq!(done.token(), TOKEN, "{done:?}");
    call()
}

/// `call` as a run of another `program`, in the same environment.
pub fn as_program(program: &Path, call: &Call) -> Command {
    let environment = call.environment();
    let mut command = Command::new(program);
    command.arg("get").env_clear().envs(environment);
    command
}
