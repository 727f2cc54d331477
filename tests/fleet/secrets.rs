//! What an operator of the store can see.

use std::fs;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use loopback_login_server::CLIENT_SECRET;

use crate::fleet::{Fleet, files};
use crate::harness::canaries::Canaries;

#[test]
fn files_and_commands_of_the_store_have_neither_token_nor_secret() {
    let fleet = Fleet::configured("appendonly yes\nappendfsync always");
    let port = fleet.redis.port().to_string();
    let mut monitor = Command::new("redis-cli")
        .args(["-p", &port, "MONITOR"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("redis-cli is installed");
    while !fleet.redis(["CLIENT", "LIST"]).contains("cmd=monitor") {
        thread::sleep(Duration::from_millis(5));
    }
    let token = fleet.get(0).success().token().to_owned();
    fleet.on(1, "get").arg("--verify").fetched_or_reused().success();
    fleet.on(1, "invalidate").any_stderr().success();
    fleet.get(2).success();
    assert_eq!(fleet.redis(["SAVE"]), "OK");
    monitor.kill().expect("it runs");
    let mut seen = Vec::new();
    monitor.stdout.take().expect("a pipe").read_to_end(&mut seen).expect("it can be read");
    monitor.wait().expect("it ends");
    assert!(String::from_utf8_lossy(&seen).contains("\"SET\""), "the monitor has seen the commands");
    let mut places = vec![("MONITOR".to_owned(), seen)];
    for file in files(fleet.redis.dir()) {
        // The socket is no file.
        if let Ok(bytes) = fs::read(&file) {
            places.push((file.display().to_string(), bytes));
        }
    }
    for file in ["/dump.rdb", "/appendonlydir/"] {
        assert!(places.iter().any(|(name, _)| name.contains(file)), "{file} is among them");
    }
    let mut values = vec![("token", token), ("secret", CLIENT_SECRET.to_owned())];
    values.extend(fleet.scene.server.tokens().into_iter().map(|token| ("token", token)));
    let canaries = Canaries::new(values.iter().map(|(name, value)| (*name, value.as_str())));
    for (name, bytes) in places {
        assert_eq!(canaries.found_in(&bytes), Vec::<&str>::new(), "{name}");
    }
}
