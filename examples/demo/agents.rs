//! Two agents of one build, each with a disk of its own: the build hands the token on, as the Jenkins step does.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use loopback_login_server::LoginServer;

use crate::client;

/// Binds on one agent after the other. The second one is offered what the first one's answer hands on.
pub(crate) fn run(server: &LoginServer, disks: &Path) {
    let mut offered = String::new();
    for agent in ["agent 1", "agent 2"] {
        let answer = bind(agent, &offered, server, &disks.join(agent));
        offered =
            answer.lines().find_map(|line| line.strip_prefix("GENESYS_TOKEN_ENTRY=")).unwrap_or("").into();
    }
}

/// Runs `bind` as the step does, prints its line, and returns its answer.
fn bind(agent: &str, offered: &str, server: &LoginServer, disk: &Path) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_millis();
    let output = client(Command::new(crate::program()).args(["bind", "--for-step", "1", "--dir"]), server)
        .arg(disk.join("block"))
        .env("GENESYS_TOKEN_CACHE_DIR", disk.join("cache"))
        .env("GENESYS_TOKEN_STEP", "2")
        .env("GENESYS_TOKEN_NOW", now.to_string())
        .env("GENESYS_TOKEN_OFFERED", offered)
        .output()
        .expect("the program starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    // Its warnings are about the loopback servers.
    let line = stderr.split("; ").next().unwrap_or_default();
    println!("{agent:<10} {}", line.trim_end().trim_start_matches("genesys-token: "));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
