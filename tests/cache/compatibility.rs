//! What release 0.1.0 left in a cache is read by this release.
//!
//! Each record is a file that the released program wrote for the loopback server's own client at [`LOGIN_URL`], whose
//! answer is said here.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

use genesys_token::cache::RecordClass;
use genesys_token::commands;
use genesys_token::environment::Environment;
use genesys_token::error::Category;
use genesys_token::platform::{CoreLimit, PrivateDir, PrivateDirectory as _};
use genesys_token::random::SystemRandom;
use genesys_token::time::Timestamp;
use genesys_token::world::{ThisMachine, World};
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET, refused_url};
use tempfile::TempDir;

use crate::harness::clock::FakeClock;
use crate::harness::{Done, entry, temporary_dir};

const LOGIN_URL: &str = "https://login.mypurecloud.com";

/// The name of the entry of the loopback server's own client at [`LOGIN_URL`], without scopes.
const ENTRY: &str = "c365ea4f918a7c90b5896ecf114d8cdef7e00b2a96e5226c59075e93459563dc-2c150ea05ec992cf";

/// After a token of 86399 seconds with the scope `routing`.
const TOKEN: &str = concat!(
    r#"{"salt":"XlayxCWvprXb8tc7ZTw0+JaoqqeimJZ5b8rT5Fx+sUs","client_id":"11111111-2222-3333-4444-555555555555","#,
    r#""login_url":"https://login.mypurecloud.com","scopes":"","requested_at":1795786405976931,"#,
    r#""received_at":1795786405982990,"expires_at":1795872804976931,"granted":"routing"}"#,
    "\n",
    "vdKTjNy2OTvftyhj3egCQJ3brGTyYQIqkJDDICL/2xiXViq5WfhY+hR3GxL2",
    "\n",
);

/// After `invalid_client`.
const REFUSED: &str = concat!(
    r#"{"salt":"g+H1ZelLFbfq4+oyRw9HzrQSIHcKHVd1W8DQtoS25lE","noted_at":1795786405992387}"#,
    "\n",
    "xBxJjGwOEhCZu/X4qJcZ1gSH19amTO3I80fqdoKUDVb/K9G7UUFrILHcc/+4hggvfyWgWffagXU6JOOXsa6Gw+AZ4sJLFEIL1ZMv",
    "9tpURAWA5Hj22jsApjS6S7kQZWsD/YaqqBGBHegcARehRHAzNsFEY0PvyqFY1mww0ZpqxNNB6Fa+zlsyBDXjrGWVQUFE2L2Wq0v6",
    "/9S2DEdV6fsxPw5vdacd7rw1PwoIq5kPb058NTY9AEdpBNRQh5h73PQsSL3FLqQ4w+3eFT3vTRCr6Rr6tkIuLBb7aXQQEkdAoNis",
    "KP/VzklsA7PNqFVpSTOX7oD35vDg3XJiUhJdh9wIFP2cpR8g4NDGYXvTVo11HEjoSuby7OZ6VujNBO0g9lfDyZxC5qXwbhuNHHS7",
    "8jtSBPJRdGlLxs7o+zImCy3uXuu5oS7yas73j+gp7aZiBMJ6OpOjRpoWhgWbNwDSCrJw8vnuKFT1vkyNen3RDzKAtC6GWPfUOrx8",
    "UBPxl9eYEkyB6oRFuuD4wc2D0Gomayv5RWarLcXt64wTzd7ii+Kvh+JC8kQG68x6b2Io+5dMADH1Ytv76X00rkUbxL9j5RS6P3oy",
    "X2RfmKUJtkv6nC6BEpDV4ubdw2Wpo1qSVNDJ24cEuw6NkVRh6fqNoN/yhlTtoPcNtjNUwN8vVATsHGgpRkncnU75pA76+2OCfGXG",
    "vc84hN3LlxlNfb65",
    "\n",
);

/// After HTTP 429 with `Retry-After: 90`.
const RATE_LIMITED: &str = concat!(
    r#"{"salt":"vxxTgmpO1JrzB6kVfQdCoozvF4+1tnORhz4PLU3XQ3M","noted_at":1795786406001927}"#,
    "\n",
    "Hc6mstQBFG0xET29uOCPCDJDJmjLZrJEd2u3KHx+Ym8a2U/H1zEi4n8ZMArtUCY4LQwx1nZUT4NgAk3NY5ktfezVLlR5U1f5r0xN",
    "MuDD0kpw/kURW8qm+KUGlfNaBWn7YFWyLPnyU7ZWGxmpmd8xzH571K9g+n5H8bnCZ6g+QsG+gVShH6YhPzOqXS3bdgZpz+Pg4+ut",
    "LFgjF2iTQitcq+IXFRW6NPwyjKVUpQ7YjiLPX763WBJk/yuwpGGc+vSMHsmhuVpyKYM+xoDGwWjdo36ATrUXtM/3RmtEGDX0/4LV",
    "b7UQGiWV8m741aOrWVgma8Fu5GdZ57ui77ST5HyzLIlBMEFDTLrLbiEVWwBERDy4SsC7n6T5Cgv1/vrH7lJm+SY3IhOPDxBmy2mF",
    "VhB655DhXnhyHpyUZ+5b43Rdapf405vQyCIAqBq4qh3ow8UH8ydY9M52sAhSmItKexh2yV3Aag263HqChDN0Dk43TmadhotFjz9b",
    "Qb8Y9aN8K1otdh+xUzwcLLje5uHPZ4oT3riV0hhkRloK5do5tQ",
    "\n",
);

/// After HTTP 503, three times in a row.
const TRANSIENT: &str = concat!(
    r#"{"salt":"HmRXzFpGjigHRsl1FaroZGLnoo41+T+x0CBTEYHGNIQ","noted_at":1795786406594348}"#,
    "\n",
    "uuiT9V+AzI1fSKYS0P70rEzyLof59FJLxU1N+YTAcibrHlA1OIO+KbAk6y1VPVpZZxDRS/oBcKF7ZKlRhVtP1KcNhxCr7nOExJpR",
    "XNdxSPs0m3VilItwsl/9/cxAZqXlOFIYYcfbPH9imQgCzleNSumwAzVMqikirmRdn7byYsLW4nXXiJWnM8Xnj2c0iKNKzBBD0mKt",
    "DYlokDVMd/eUMnQWr0NIBlFiolNR4/ZrcfI9l1Z6tSuM7f0WaRW+9lIYnZiJw+JkECAK5LYzjo0v9RKhj3bvCpY1Vp9RW3kgpkC4",
    "KeqOy22/+XC8Dw1h/+uicmL2srOvp83E/tyUOTsCTPAJCZOYlxVlmRBurrRntoLHA57W3XaJg+gORkKKNlBWCkam54iev+/kZabV",
    "uS+Xpe7Gt62MuUrEYLEu707gPYWz/1NwDjah7DCaQtcXazCRLu99LNcFCdd15/HHlOUi",
    "\n",
);

/// After an answer without `expires_in`.
const UNCACHEABLE: &str = concat!(
    r#"{"salt":"8HQGzqblGHYFrZ7OdqlT7qTVSy3BFiwFPw9YNun2aFg","noted_at":1795786406611368}"#,
    "\n",
    "0yySU7blGVi1BA7ZYqn5xmbVrjXifSYIKzQ+gFpBMOfAyJRds8Gkf8U3Ox1ZYMRX5IFLL679f0v9QSAaYKIR516DXej22PNST8r8",
    "5RA4uSMcbQd7O2YkSTzxVKJs8xHJe+4iSDsg7ybED6WmtvUGe2Wi5QwrjB8LwJr1VnyEiv7XTr7rH9sEnWrGg1FgFA44SMq6teNA",
    "JlzbhF6qbavh+NI9pV3RtVZ5x83KlWB2z5tYgyRGLj9r2781LjJBDNnQMWo5MkBk2vKii8eYnRLvrg0aecTeaFYVLdCXtcfL4PMY",
    "4mZy",
    "\n",
);

/// A time in the readable part of a record.
fn time_in(record: &str, field: &str) -> Timestamp {
    let (header, _) = record.split_once('\n').expect("two lines");
    let header: serde_json::Value = serde_json::from_str(header).expect("JSON");
    Timestamp(header[field].as_i64().expect("a number"))
}

/// A cache directory with this record of [`ENTRY`].
fn cache_with(suffix: &str, record: &str) -> TempDir {
    let dir = temporary_dir();
    let files = PrivateDir::open(dir.path()).expect("a private directory");
    files.write_new(&[ENTRY, suffix].concat(), record.as_bytes()).expect("the record can be written");
    dir
}

/// Runs `get` in this process, at the time `now`, where no server can be reached.
fn get_at(now: Timestamp, dir: &Path, flags: &[&str]) -> Done {
    let proxy = refused_url();
    let variable = |name: &str| match name {
        "GENESYSCLOUD_OAUTHCLIENT_ID" => Some(CLIENT_ID.into()),
        "GENESYSCLOUD_OAUTHCLIENT_SECRET" => Some(CLIENT_SECRET.into()),
        "GENESYS_TOKEN_CACHE_DIR" => Some(dir.into()),
        "HTTPS_PROXY" => Some(proxy.as_str().into()),
        _ => None,
    };
    let clock = FakeClock::new();
    clock.set(now);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut world = World {
        environment: Environment::new(&variable),
        machine: &ThisMachine,
        stdin: &mut std::io::empty(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        clock: &clock,
        random: &SystemRandom::default(),
        core_limit: CoreLimit::default(),
    };
    let args = ["genesys-token", "get"].iter().chain(flags).map(Into::into);
    let code = commands::run(args, &mut world);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Done::new(code, text(stdout), &text(stderr))
}

#[test]
fn an_entry_of_release_0_1_0_is_a_hit() {
    let dir = cache_with(".token", TOKEN);
    let an_hour_later = time_in(TOKEN, "requested_at").plus(Duration::from_hours(1));
    let done = get_at(an_hour_later, dir.path(), &["--format", "json"]);
    assert_eq!(done.code, 0, "{done:?}");
    let line = "genesys-token: reused token of client 1111…5555 at mypurecloud.com, 22h 59m left\n";
    assert_eq!(done.stderr, line);
    let answer: serde_json::Value = serde_json::from_str(&done.stdout).expect("JSON");
    let expected = serde_json::json!({
        "access_token": "token-sealed-by-release-0.1.0",
        "token_type": "Bearer",
        "expires_at": "2026-11-28T13:33:24Z",
        "expires_in": 86_399 - 3_600,
        "scope": "routing",
        "source": "reused",
    });
    assert_eq!(answer, expected);
}

#[test]
fn failure_records_of_release_0_1_0_are_read() {
    for (record, class, streak, wait, category) in [
        (REFUSED, RecordClass::Refused, 1, 0, Category::Rejected),
        (RATE_LIMITED, RecordClass::RateLimited, 1, 90_000_000, Category::RateLimited),
        (TRANSIENT, RecordClass::Transient, 3, 683_571, Category::Unavailable),
        (UNCACHEABLE, RecordClass::Uncacheable, 1, 0, Category::Unavailable),
    ] {
        let dir = cache_with(".note", record);
        let store = entry::dir_store(dir.path());
        let failure = entry::cache(&store, LOGIN_URL).failure().expect("a failure record");
        assert_eq!((failure.class, failure.streak, failure.error.category), (class, streak, category));
        assert_eq!(failure.answered_at, time_in(record, "noted_at"), "{class:?}");
        assert_eq!(failure.not_before, failure.answered_at.plus(Duration::from_micros(wait)), "{class:?}");
        assert!(failure.error.message.starts_with("the login server"), "{failure:?}");
    }
}

#[test]
fn a_rate_limit_that_release_0_1_0_recorded_is_respected() {
    let dir = cache_with(".note", RATE_LIMITED);
    let later = time_in(RATE_LIMITED, "noted_at").plus(Duration::from_secs(10));
    let done = get_at(later, dir.path(), &["--timeout", "20s", "--error-format", "json"]);
    let error = done.error();
    assert_eq!((error.category, error.retry_after), (Category::RateLimited, Some(80)));
    assert!(error.message.ends_with("(ININ-Correlation-Id 0123456789abcdefghijkl)"), "{error:?}");
}

#[test]
fn lock_and_failure_record_have_the_names_that_release_0_1_0_gives_them() {
    let dir = temporary_dir();
    let now = time_in(TOKEN, "requested_at");
    let done = get_at(now, dir.path(), &["--timeout", "1s", "--error-format", "json"]);
    assert_eq!(done.error().category, Category::Unavailable);
    let entries = fs::read_dir(dir.path()).expect("a directory");
    let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, [".lock", ".note"].map(|suffix| OsString::from([ENTRY, suffix].concat())));
}
