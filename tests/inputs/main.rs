//! What a call is told: flags over environment over defaults, and what it does not take.

#[path = "../harness/mod.rs"]
mod harness;

mod a_server_url;
mod a_setting;
mod the_cache_directory;
mod the_credential;
mod the_log;
mod the_region;

use std::fs;
use std::path::Path;

use genesys_token::error::{Category, Error};
use harness::{Call, Done};
use loopback_login_server::{Behaviour, CLIENT_ID, CLIENT_SECRET, LoginServer, Proxy, ProxyBehaviour};
use tempfile::TempDir;

const OTHER_ID: &str = "99999999-8888-7777-6666-555555555555";
/// Shaped as Genesys' own: 43 characters of base64url.
const OTHER_SECRET: &str = "Zk3vQ9_xT1-bYp0LwR7sHn5mUe2dGc8JaKf6iOtXy4B";

fn dir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn server() -> LoginServer {
    LoginServer::start(Behaviour::default())
}

fn write(dir: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = dir.join(name);
    fs::write(&path, content).expect("a file can be written");
    path.into_os_string().into_string().expect("a UTF-8 path")
}

/// The error of a call that must fail before it asks anybody.
#[track_caller]
fn refused(call: Call, category: Category, says: &str) -> Error {
    let done = call.args(["--error-format", "json"]).run();
    done.keeps_to_itself([OTHER_SECRET]);
    let error = done.refused();
    assert_eq!(error.category, category, "{error:?}");
    assert!(error.message.contains(says), "{says} is not in {error:?}");
    error
}
