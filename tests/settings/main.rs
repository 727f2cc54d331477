//! Settings of a call: flags over environment over defaults, and values that are refused.

#[path = "../harness/mod.rs"]
mod harness;

mod cache_location;
mod credential;
mod help;
mod log;
mod misplaced_secrets;
mod region;
mod server_url;
mod shared_cache;
mod value;

use std::fs;
use std::path::Path;

use genesys_token::error::Category;
use harness::{Call, Scene, genesys_token, temporary_dir};
use loopback_login_server::{
    Answer, Behaviour, CLIENT_ID, CLIENT_SECRET, Certificate, ExpiresIn, LoginServer, Proxy, ProxyBehaviour,
    refused_url,
};

const OTHER_ID: &str = "99999999-8888-7777-6666-555555555555";
/// In the form of Genesys' own: 43 characters of base64url.
const OTHER_SECRET: &str = "Zk3vQ9_xT1-bYp0LwR7sHn5mUe2dGc8JaKf6iOtXy4B";

/// What an error in text looks like.
const ERROR_IN_TEXT: &str = "genesys-token: error: *\n  …\n";

/// `get` with the loopback server's own client, and no server.
fn get_with_credential() -> Call {
    genesys_token().get().credential(CLIENT_ID, CLIENT_SECRET)
}

fn write(dir: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = dir.join(name);
    fs::write(&path, content).expect("a file can be written");
    path.into_os_string().into_string().expect("a UTF-8 path")
}
