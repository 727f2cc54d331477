//! Twenty agents that share a cache on Redis, each with a disk of its own, all at once.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use loopback_login_server::LoginServer;

use crate::client;

const AGENTS: usize = 20;
/// A redis-server takes some ten milliseconds to start.
const START: Duration = Duration::from_secs(10);

/// Runs the agents, and prints how many got their token in which way. Why it can't, if there is no redis-server.
pub(crate) fn run(server: &LoginServer, disks: &Path) -> Result<(), String> {
    let redis = RedisServer::start(&disks.join("redis"))?;
    let agents: Vec<Child> = (1..=AGENTS).map(|number| start(server, disks, number, &redis)).collect();
    let outputs: Vec<Output> =
        agents.into_iter().map(|agent| agent.wait_with_output().expect("the program ends")).collect();
    let lines = outputs.iter().map(|output| String::from_utf8_lossy(&output.stderr));
    let (fetched, others): (Vec<_>, Vec<_>) =
        lines.partition(|line| line.starts_with("genesys-token: fetched"));
    let shared = others.iter().filter(|line| line.contains("(from the shared cache")).count();
    let tokens: BTreeSet<&[u8]> = outputs.iter().map(|output| output.stdout.as_slice()).collect();
    println!("  {:>2} fetched a token", fetched.len());
    println!("  {shared:>2} took it from the shared cache");
    println!("  {:>2} token in all answers", tokens.len());
    Ok(())
}

fn start(server: &LoginServer, disks: &Path, number: usize, redis: &RedisServer) -> Child {
    client(Command::new(crate::program()).arg("get"), server)
        .env("GENESYS_TOKEN_CACHE_DIR", disks.join(format!("fleet-{number}")))
        .env("GENESYS_TOKEN_SHARED_CACHE", format!("redis://127.0.0.1:{}", redis.port))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// A server on loopback, until dropped.
struct RedisServer {
    process: Child,
    port: u16,
}

impl RedisServer {
    fn start(dir: &Path) -> Result<Self, String> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| format!("there is no free port: {error}"))?.port();
        std::fs::create_dir(dir).map_err(|error| error.to_string())?;
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string(), "--dir"])
            .arg(dir)
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => "redis-server is not installed".to_owned(),
                _ => format!("redis-server does not start: {error}"),
            })?;
        let mut server = Self { process, port };
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let has_ended = server.process.try_wait().is_ok_and(|ended| ended.is_some());
            if has_ended || began.elapsed() > START {
                return Err("redis-server does not listen".to_owned());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(server)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
