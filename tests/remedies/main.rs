//! Wrong inputs against the compiled program. What the first `fix:` line says is done to the letter, and a token comes out.
//!
//! `docs/troubleshooting.md` has a table of them: each module has some rows, and `UPDATE_REMEDIES=1 cargo test --test
//! remedies` writes them anew. A row that needs a mount is skipped where there is none, and the page keeps it.

#![cfg(target_os = "linux")]

#[path = "../harness/mod.rs"]
mod harness;

mod cache;
mod credential;
mod network;
mod oauth_client;
mod organization;
mod region;
mod row;
mod servers;
mod table;
mod token;

use harness::Scene;
use loopback_login_server::{Behaviour, Certificate, LoginServer};

fn over_tls(certificate: Certificate) -> Scene {
    Scene::of(LoginServer::start_tls(Behaviour::default(), certificate))
}
