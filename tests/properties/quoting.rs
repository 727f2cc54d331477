//! Export lines and curl configs, read back by real `sh` and real `curl`.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

use genesys_token::cli::TokenFormat;
use genesys_token::output::format::{Answer, curl_config, header};
use genesys_token::secret::Secret;
use genesys_token::settings::variable;
use genesys_token::time::Timestamp;
use tempfile::{NamedTempFile, TempPath};

/// The data: for `sh`, one value of everything but NUL, its first line and its last; for curl, a token a line, of the
/// characters that a bearer token may have.
pub fn holds(data: &[u8]) {
    let text = String::from_utf8_lossy(data).replace('\0', "");
    let first_and_last = [text.lines().next(), text.lines().last()].map(Option::unwrap_or_default);
    of_one(&SHELL, Shell::start, |shell| shell.reads_back(&text, first_and_last));

    let tokens = text.lines().map(|line| line.chars().filter(char::is_ascii_graphic).collect::<String>());
    let tokens: Vec<String> = tokens.filter(|token| !token.is_empty()).collect();
    if !tokens.is_empty() {
        of_one(&LISTENER, Listener::start, |listener| listener.hears(&tokens));
    }
}

static SHELL: LazyLock<Mutex<Option<Shell>>> = LazyLock::new(Mutex::default);
static LISTENER: LazyLock<Mutex<Option<Listener>>> = LazyLock::new(Mutex::default);

/// Starting one for each value would take most of the time. It is put back only if all went well.
fn of_one<T>(place: &Mutex<Option<T>>, start: fn() -> io::Result<T>, act: impl FnOnce(&mut T)) {
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    let mut one = place.take().map_or_else(start, Ok).expect("it starts");
    act(&mut one);
    *place = Some(one);
}

fn temporary_file() -> io::Result<TempPath> {
    Ok(NamedTempFile::new()?.into_temp_path())
}

const VARIABLES: [&str; 3] = [variable::ACCESS_TOKEN, variable::REGION, variable::API_REGION];

/// Reads a file of export lines for every line that it is sent, and prints what it got.
struct Shell {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    file: TempPath,
}

impl Shell {
    fn start() -> io::Result<Self> {
        let file = temporary_file()?;
        let print = VARIABLES.map(|name| format!(r#""${name}""#)).join(" ");
        let script = format!(
            r#"while read -r go; do
                 for way in '. "$1"' 'eval "$(cat "$1")"'; do
                   unset {names}
                   eval "$way"
                   printf '%s\0' {print}
                 done
               done"#,
            names = VARIABLES.join(" ")
        );
        let mut sh = Command::new("sh");
        sh.args(["-c", &script, "sh"]).arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = sh.spawn()?;
        let stdin = child.stdin.take().expect("a pipe");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        Ok(Self { child, stdin, stdout, file })
    }

    fn reads_back(&mut self, token: &str, [region, api_url]: [&str; 2]) {
        let answer = Answer {
            token: Secret::from(token),
            expires_at: None,
            scope: None,
            source: "reused",
            region: Some(region.to_owned()),
            api_url: Some(api_url.to_owned()),
        };
        let lines = answer.render(TokenFormat::Env, Timestamp::from_secs(0));
        fs::write(&self.file, lines.expose()).expect("a file");
        writeln!(self.stdin, "go").expect("sh reads");
        for way in ["read as a file", "evaluated"] {
            for value in [token, region, api_url] {
                let mut read = Vec::new();
                self.stdout.read_until(0, &mut read).expect("sh writes");
                assert_eq!(read.pop(), Some(0), "sh has ended: {lines:?}", lines = lines.expose());
                let read = String::from_utf8_lossy(&read);
                assert_eq!(read, value, "{way}: {lines}", lines = lines.expose());
            }
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hears what curl says.
struct Listener {
    address: SocketAddr,
    said: Receiver<String>,
    headers: TempPath,
}

impl Listener {
    fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (sender, said) = channel();
        let address = listener.local_addr()?;
        thread::spawn(move || {
            // One after the other, as curl comes. A thread for each would end at any moment, and a sanitizer that looks
            // for leaks just then sees one.
            for stream in listener.incoming().flatten() {
                answer(&stream, &sender);
            }
        });
        Ok(Self { address, said, headers: temporary_file()? })
    }

    /// One curl sends them all, each with a config of its own, and the first once more from a headers file.
    fn hears(&self, tokens: &[String]) {
        let secrets = || tokens.iter().map(|token| Secret::from(token.as_str()));
        fs::write(&self.headers, secrets().next().map_or_else(String::new, |token| header(&token)))
            .expect("a file");
        let from_file = format!("header = \"@{}\"\n", self.headers.display());
        let url = format!("url = \"http://{}/\"\n", self.address);
        let parts = secrets().map(|token| curl_config(&token)).chain([from_file]);
        let parts: Vec<String> = parts.map(|part| part + &url).collect();
        curl(&parts.join("next\n"));
        let said: Vec<String> = self.said.try_iter().collect();
        let expected: Vec<String> = tokens
            .iter()
            .chain(&tokens[..1])
            .map(|token| format!("Authorization: Bearer {token}\r\n"))
            .collect();
        assert_eq!(said, expected);
    }
}

fn curl(config: &str) {
    let mut curl = Command::new("curl");
    // -q: not the user's own config.
    curl.args(["-q", "--silent", "--show-error", "--noproxy", "*", "--max-time", "20", "-K", "-"]);
    let mut child = curl.stdin(Stdio::piped()).spawn().expect("curl starts");
    let written = child.stdin.take().expect("a pipe").write_all(config.as_bytes());
    let status = child.wait().expect("curl ends");
    assert!(written.is_ok() && status.success(), "{status}: {config}");
}

/// Answers one request after the other, once their Authorization headers are passed on.
fn answer(stream: &TcpStream, said: &Sender<String>) {
    let (mut reader, mut writer) = (BufReader::new(stream), stream);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        if line == b"\r\n" {
            if writer.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").is_err() {
                return;
            }
        } else if line.to_ascii_lowercase().starts_with(b"authorization") {
            let _ = said.send(String::from_utf8_lossy(&line).into_owned());
        }
        line.clear();
    }
}
