//! The loopback login server as a program, for tests that are not written in Rust and for the demo.
//!
//! It prints its URLs as one line of JSON. It runs until its standard input is closed, so that it cannot outlive the
//! process that started it. `/_control` changes its behaviour.

use loopback_login_server::{Behaviour, Certificate, ExpiresIn, LoginServer};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: loopback-login-server [--tls | --certificate good|self-signed|expired|wrong-host]
                             [--expires-in SECONDS] [--port-file FILE]

Prints {\"login_url\", \"api_url\", \"ca_file\"} as one line, or writes it to FILE, which appears complete.
Runs until standard input is closed.";

#[derive(Default)]
struct Options {
    certificate: Option<Certificate>,
    expires_in: ExpiresIn,
    port_file: Option<PathBuf>,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("loopback-login-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> io::Result<()> {
    let behaviour = Behaviour { expires_in: options.expires_in, ..Behaviour::default() };
    let server = match options.certificate {
        None => LoginServer::start(behaviour),
        Some(certificate) => LoginServer::start_tls(behaviour, certificate),
    };
    let ca_file = options.certificate.map_or(Value::Null, |_| json!(server.ca_file()));
    let line = json!({"login_url": server.login_url(), "api_url": server.api_url(), "ca_file": ca_file});
    match options.port_file {
        None => writeln!(io::stdout(), "{line}")?,
        Some(path) => write_complete(&path, &format!("{line}\n"))?,
    }
    // The end of the input stops the server; its content is ignored.
    io::copy(&mut io::stdin().lock(), &mut io::sink()).map(drop)
}

/// Writes the file atomically: a process that waits for it never reads a part of it.
fn write_complete(path: &Path, text: &str) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(parent)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

fn options(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(flag) = args.next() {
        let mut value = || args.next().ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "--tls" => options.certificate = Some(Certificate::Good),
            "--certificate" => options.certificate = Some(certificate(&value()?)?),
            "--expires-in" => {
                let seconds = value()?.parse().map_err(|error| format!("--expires-in: {error}"))?;
                options.expires_in = ExpiresIn::Seconds(seconds);
            }
            "--port-file" => options.port_file = Some(value()?.into()),
            unknown => return Err(format!("{unknown}: unknown argument")),
        }
    }
    Ok(options)
}

fn certificate(name: &str) -> Result<Certificate, String> {
    match name {
        "good" => Ok(Certificate::Good),
        "self-signed" => Ok(Certificate::SelfSigned),
        "expired" => Ok(Certificate::Expired),
        "wrong-host" => Ok(Certificate::WrongHost),
        unknown => Err(format!("{unknown}: unknown certificate")),
    }
}
