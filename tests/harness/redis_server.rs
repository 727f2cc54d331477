//! A real redis-server on loopback, started by the test.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use genesys_token::store::Address;
#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::scene::temporary_dir;

/// How long a server may take to start on a busy machine.
const START: Duration = Duration::from_secs(20);

/// A server, until dropped.
pub struct RedisServer {
    process: Child,
    dir: TempDir,
    port: u16,
}

impl RedisServer {
    pub fn start() -> Self {
        Self::with("")
    }

    /// With these lines in its configuration; `DIR` is its directory.
    pub fn with(lines: &str) -> Self {
        // Another process may take the port before the server does.
        (0..5).find_map(|_| Self::try_start(lines)).expect("a redis-server starts")
    }

    fn try_start(lines: &str) -> Option<Self> {
        let dir = temporary_dir();
        let port = free_port();
        let listens = if lines.contains("tls-port") { "port 0".to_owned() } else { format!("port {port}") };
        let lines = lines.replace("DIR", &dir.path().display().to_string());
        let lines = lines.replace("PORT", &port.to_string());
        let config = format!(
            "bind 127.0.0.1\n{listens}\ndir {}\nsave \"\"\nunixsocket {0}/socket\n{lines}\n",
            dir.path().display()
        );
        let file = dir.path().join("redis.conf");
        fs::write(&file, config).expect("a file");
        let mode = lines.contains("sentinel monitor").then_some("--sentinel");
        let mut server = Self { process: spawn(&file, mode), dir, port };
        server.is_listening().then_some(server)
    }

    /// Whether it listens, now or soon.
    fn is_listening(&mut self) -> bool {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if self.process.try_wait().expect("a child").is_some() || began.elapsed() > START {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
        true
    }

    /// Starts it again after [`RedisServer::kill`], on its port and with what it has saved.
    pub fn restart(&mut self) {
        let file = self.dir.path().join("redis.conf");
        // A client may have the port for a moment.
        let is_back = (0..50).any(|_| {
            self.process = spawn(&file, None);
            self.is_listening()
        });
        assert!(is_back, "the redis-server does not start again");
    }

    #[cfg(unix)]
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).expect("it runs");
    }

    pub fn address(&self) -> Address {
        self.address_with("")
    }

    /// With this behind the port, such as a database.
    pub fn address_with(&self, rest: &str) -> Address {
        address(&format!("redis://127.0.0.1:{}{rest}", self.port))
    }

    /// What it answers to a command in one line.
    pub fn answer(&self, command: &str) -> String {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).expect("it runs");
        connection.write_all(format!("{command}\r\n").as_bytes()).expect("it listens");
        let mut answer = String::new();
        BufReader::new(connection).read_line(&mut answer).expect("it answers");
        answer.trim_end().to_owned()
    }

    /// The connection of the one client that a server with `maxclients 1` takes.
    pub fn only_client(&self) -> TcpStream {
        loop {
            let mut connection = TcpStream::connect(("127.0.0.1", self.port)).expect("it runs");
            let mut answer = [0];
            let answered =
                connection.write_all(b"PING\r\n").and_then(|()| connection.read_exact(&mut answer));
            // It may not yet have noticed that the connection before is closed.
            if answered.is_ok() && answer == *b"+" {
                return connection;
            }
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it writes its files.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }

    /// Stops it at once, as a power failure does.
    pub fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(config: &Path, mode: Option<&str>) -> Child {
    let process = Command::new("redis-server").arg(config).args(mode).stdout(Stdio::null()).spawn();
    process.expect("redis-server is installed: see tests/install-tools")
}

pub fn address(url: &str) -> Address {
    Address::parse(url).unwrap_or_else(|why| panic!("{url} {why}")).0
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}
