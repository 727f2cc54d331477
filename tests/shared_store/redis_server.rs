//! A real redis-server on loopback, started by the test.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use genesys_token::store::Address;
use tempfile::TempDir;

use crate::harness::temporary_dir;

/// How long a server may take to start on a busy machine.
const START: Duration = Duration::from_secs(20);

/// A server, until dropped.
pub(crate) struct RedisServer {
    process: Child,
    dir: TempDir,
    port: u16,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        Self::with("")
    }

    /// With these lines in its configuration; `DIR` is its directory.
    pub(crate) fn with(lines: &str) -> Self {
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
        let process = Command::new("redis-server").arg(&file).stdout(Stdio::null()).spawn();
        let mut server = Self { process: process.expect("redis-server is installed"), dir, port };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if server.process.try_wait().expect("a child").is_some() || began.elapsed() > START {
                return None;
            }
            thread::sleep(Duration::from_millis(5));
        }
        Some(server)
    }

    pub(crate) fn address(&self) -> Address {
        self.address_with("")
    }

    /// With this behind the port, such as a database.
    pub(crate) fn address_with(&self, rest: &str) -> Address {
        address(&format!("redis://127.0.0.1:{}{rest}", self.port))
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where it writes its files.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }

    /// Stops it at once, as a power failure does.
    pub(crate) fn kill(&mut self) {
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

pub(crate) fn address(url: &str) -> Address {
    Address::parse(url).unwrap_or_else(|why| panic!("{url} {why}")).0
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}
