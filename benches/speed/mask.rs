//! `exec`, which masks the output of a command, compared with `cat` in its place.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::harness::{genesys_token, temporary_dir};
use crate::report::{Bar, Report, format_time};
use crate::{timing, warm};

const ROUNDS: usize = 3;
const GIB: u32 = 1 << 30;
const BAR: Bar = Bar::AtLeast(0.6);
/// With this variable set, this program only writes a gibibyte of log.
const SOURCE: &str = "GENESYS_TOKEN_BENCH_SOURCE";
/// Bytes. As much as a pipe holds, so that few system calls are needed.
const CHUNK: usize = 64 * 1024;

pub(crate) fn run(report: &mut Report) {
    if !timing::is_installed("cat") || !timing::is_installed("head") {
        Report::left_out("pipe / exec, 1 GiB", "cat or head is not installed");
        return;
    }
    let cache = temporary_dir();
    warm::put(cache.path(), CLIENT_ID);
    let zeros = || vec!["head".into(), "-c".into(), GIB.to_string(), "/dev/zero".into()];
    compare(report, "pipe / exec, 1 GiB of head -c /dev/zero", cache.path(), zeros);
    let program = std::env::current_exe().expect("this program has a path");
    let log = || vec![program.to_string_lossy().into_owned()];
    compare(report, "pipe / exec, 1 GiB of log in 64 KiB writes", cache.path(), log);
}

fn compare(report: &mut Report, name: &str, cache: &Path, source: impl Fn() -> Vec<String>) {
    let masked = || -> Duration {
        let exec = genesys_token().verb("exec").command(source());
        let exec = exec.credential(CLIENT_ID, CLIENT_SECRET).cache(cache).env(SOURCE, "1");
        timing::run(&mut exec.into_command())
    };
    let plain = || {
        let words = source();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).env(SOURCE, "1");
        timing::run_pipe(command, Command::new("cat"))
    };
    let (masked, plain) = timing::in_turn(ROUNDS, masked, plain);
    let speed = |time: Duration| format!("{:.2} GB/s", f64::from(GIB) / time.as_secs_f64() / 1e9);
    report.ratio(
        name,
        timing::ratio(plain, masked),
        &BAR,
        &format!(
            "{} / {}, {} against {}",
            format_time(plain),
            format_time(masked),
            speed(masked),
            speed(plain)
        ),
    );
}

/// Whether this process is the source of log. If so, it has written everything when this returns.
pub(crate) fn is_source() -> bool {
    let is_source = std::env::var_os(SOURCE).is_some();
    if is_source {
        let log: Vec<u8> = (0..).flat_map(line).take(CHUNK).collect();
        let mut stdout = std::io::stdout().lock();
        for _ in 0..GIB as usize / CHUNK {
            stdout.write_all(&log).expect("the sink reads everything");
        }
    }
    is_source
}

/// A line as builds print it: words, a path, and an identifier that resembles a token.
fn line(number: u32) -> Vec<u8> {
    let text = format!(
        "[2026-01-01T00:00:{:02}.{number:06}Z] [INFO] downloading https://repo.example.com/org/part-{number}.jar \
         (sha256:{:08x}{:08x}{:08x})\n",
        number % 60,
        number.wrapping_mul(0x9e37_79b9),
        number.wrapping_mul(0x85eb_ca6b),
        number.wrapping_mul(0xc2b2_ae35),
    );
    text.into_bytes()
}
