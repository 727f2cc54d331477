//! `doctor`: each broken setup is made for real, and the one failed check says what is wrong, why, and what to do.

#[path = "../harness/mod.rs"]
mod harness;

mod api_host;
#[cfg(unix)]
mod cache;
mod credential;
mod findings;
#[cfg(unix)]
mod injected_world;
mod network;
mod program;
mod region_search;
mod server;
mod setup;
#[cfg(unix)]
mod shared_cache;
mod table;

use harness::{Call, Scene};
use loopback_login_server::{Behaviour, Certificate, LoginServer};

fn tls_scene() -> Scene {
    tls_scene_with(Certificate::Good)
}

fn tls_scene_with(certificate: Certificate) -> Scene {
    Scene::of(LoginServer::start_tls(Behaviour::default(), certificate))
}

fn doctor(scene: &Scene) -> Call {
    scene.call("doctor").args(["--timeout", "3s"])
}
