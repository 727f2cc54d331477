//! `exec`, which masks what goes through it, against `cat` in the same place.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::harness::Call;
use crate::report::{Bar, Report, shown};
use crate::{timing, warm};

const ROUNDS: usize = 3;
const GIB: u32 = 1 << 30;
const BAR: Bar = Bar::AtLeast(0.5);
/// Makes this program the source of a gibibyte of log.
const SOURCE: &str = "GENESYS_TOKEN_BENCH_SOURCE";
/// As much as a pipe holds: no time is lost in system calls.
const CHUNK: usize = 64 * 1024;

pub fn run(report: &mut Report) {
    if !timing::is_there("cat") || !timing::is_there("head") {
        Report::left_out("pipe / exec, 1 GiB", "there is no cat, or no head");
        return;
    }
    let cache = tempfile::tempdir().expect("a temporary directory");
    warm::put(cache.path(), CLIENT_ID);
    let zeros = || vec!["head".into(), "-c".into(), GIB.to_string(), "/dev/zero".into()];
    compare(report, "pipe / exec, 1 GiB of head -c /dev/zero", cache.path(), zeros);
    let program = std::env::current_exe().expect("this program has a path");
    let log = || vec![program.to_string_lossy().into_owned()];
    compare(report, "pipe / exec, 1 GiB of log in 64 KiB writes", cache.path(), log);
}

fn compare(report: &mut Report, name: &str, cache: &Path, source: impl Fn() -> Vec<String>) {
    let masked = || -> Duration {
        let call = Call::bare("exec").credential(CLIENT_ID, CLIENT_SECRET).cache(cache).env(SOURCE, "1");
        timing::run(&mut call.args(["--"]).args(source()).into_command())
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
        &format!("{} / {}, {} against {}", shown(plain), shown(masked), speed(masked), speed(plain)),
    );
}

/// Whether this process is the source, which has written everything by then.
pub fn is_source() -> bool {
    let asked = std::env::var_os(SOURCE).is_some();
    if asked {
        let log: Vec<u8> = (0..).flat_map(line).take(CHUNK).collect();
        let mut stdout = std::io::stdout().lock();
        for _ in 0..GIB as usize / CHUNK {
            stdout.write_all(&log).expect("somebody reads it");
        }
    }
    asked
}

/// What a build says: words, paths, and now and then an identifier that looks like a token.
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
