//! Export lines and curl configs, read back by real `sh` and real `curl`.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

use genesys_token::broker;
use genesys_token::environment::variable;
use genesys_token::output::{Answer, Source, TokenFormat, curl_config, header};
use genesys_token::time::Timestamp;
use genesys_token::token::AccessToken;
use tempfile::{NamedTempFile, TempPath};

/// The data, for `sh`: a text without NUL, its first line and its last. For curl: a token on each line, of those
/// characters that a bearer token may have.
pub(crate) fn holds(data: &[u8]) {
    let text = String::from_utf8_lossy(data).replace('\0', "");
    let [first, last] = [text.lines().next(), text.lines().last()].map(Option::unwrap_or_default);
    let token = bearer_token(&text).unwrap_or_else(|| access_token("a-token"));
    with_shared(&SHELL, Shell::start, |shell| {
        shell.assert_reads_back(&token, [&text, first]);
        shell.assert_reads_back(&token, [last, &text]);
    });

    let tokens: Vec<AccessToken> = text.lines().filter_map(bearer_token).collect();
    if !tokens.is_empty() {
        with_shared(&LISTENER, Listener::start, |listener| listener.assert_curl_sends(&tokens));
    }
}

/// The characters of `text` that a bearer token may have, if there are any.
fn bearer_token(text: &str) -> Option<AccessToken> {
    let graphic: String = text.chars().filter(char::is_ascii_graphic).collect();
    (!graphic.is_empty()).then(|| access_token(&graphic))
}

fn access_token(text: &str) -> AccessToken {
    AccessToken::parse(text).expect("a bearer token")
}

static SHELL: LazyLock<Mutex<Option<Shell>>> = LazyLock::new(Mutex::default);
static LISTENER: LazyLock<Mutex<Option<Listener>>> = LazyLock::new(Mutex::default);

/// Shares one helper between all inputs, since starting it takes longer than using it. After a failure the next input
/// starts another one.
fn with_shared<T>(shared: &Mutex<Option<T>>, start: fn() -> io::Result<T>, act: impl FnOnce(&mut T)) {
    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let mut helper = shared.take().map_or_else(start, Ok).expect("it starts");
    act(&mut helper);
    *shared = Some(helper);
}

fn temporary_file() -> io::Result<TempPath> {
    Ok(NamedTempFile::new()?.into_temp_path())
}

const VARIABLES: [&str; 3] = [variable::ACCESS_TOKEN.name, variable::REGION.name, variable::API_REGION.name];

/// A shell that reads a file of export lines for every line on its stdin, and prints the variables' values.
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

    fn assert_reads_back(&mut self, token: &AccessToken, [region, api_url]: [&str; 2]) {
        let answer = Answer {
            token: token.clone(),
            requested_at: None,
            expires_at: None,
            scope: None,
            source: Source::Broker(broker::Source::Reused),
            region: Some(region.to_owned()),
            api_url: Some(api_url.to_owned()),
        };
        let lines = answer.render(TokenFormat::Env, Timestamp::from_secs(0));
        fs::write(&self.file, lines.expose()).expect("the file can be written");
        writeln!(self.stdin, "go").expect("sh reads");
        for way in ["read as a file", "evaluated"] {
            for value in [token.expose(), region, api_url] {
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

/// A server on loopback that reports the Authorization headers that it receives.
struct Listener {
    address: SocketAddr,
    received: Receiver<String>,
    headers_file: TempPath,
}

impl Listener {
    fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (sender, received) = channel();
        let address = listener.local_addr()?;
        thread::spawn(move || {
            // One connection after the other. A thread for each could be ending at the very moment at which a sanitizer
            // looks for leaks, and be reported as one.
            for stream in listener.incoming().flatten() {
                answer(&stream, &sender);
            }
        });
        Ok(Self { address, received, headers_file: temporary_file()? })
    }

    /// One curl sends them all, each with its own config, and the first one once more from a headers file.
    fn assert_curl_sends(&self, tokens: &[AccessToken]) {
        fs::write(&self.headers_file, header(&tokens[0])).expect("the file can be written");
        let from_file = format!("header = \"@{}\"\n", self.headers_file.display());
        let url = format!("url = \"http://{}/\"\n", self.address);
        let parts = tokens.iter().map(curl_config).chain([from_file]);
        let parts: Vec<String> = parts.map(|part| part + &url).collect();
        curl(&parts.join("next\n"));
        let received: Vec<String> = self.received.try_iter().collect();
        let expected: Vec<String> = tokens
            .iter()
            .chain(&tokens[..1])
            .map(|token| format!("Authorization: Bearer {}\r\n", token.expose()))
            .collect();
        assert_eq!(received, expected);
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

/// Answers each request of a connection, once its Authorization headers are reported.
fn answer(stream: &TcpStream, received: &Sender<String>) {
    let (mut reader, mut writer) = (BufReader::new(stream), stream);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        if line == b"\r\n" {
            if writer.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").is_err() {
                return;
            }
        } else if line.to_ascii_lowercase().starts_with(b"authorization") {
            let _ = received.send(String::from_utf8_lossy(&line).into_owned());
        }
        line.clear();
    }
}
