//! `get` and `exec` within a block, without the credential.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use genesys_token::error::{Category, Error};
use serde_json::Value;
use tempfile::TempDir;

#[cfg(unix)]
use super::{read, set_mode};
use crate::harness::{Call, Scene, entry, genesys_token, temporary_dir};

const TOKEN: &str = "the-bound-token";

/// The bound token's file, and the variables of its block.
struct Block {
    dir: TempDir,
    expires_at: String,
}

impl Block {
    /// A block with a token that has ten minutes left.
    fn new() -> Self {
        Self::with(&format!("{TOKEN}\n"), Duration::from_mins(10))
    }

    fn with(content: &str, left: Duration) -> Self {
        let dir = temporary_dir();
        fs::write(dir.path().join("token"), content).expect("a file");
        #[cfg(unix)]
        set_mode(dir.path().join("token"), 0o600);
        Self { dir, expires_at: entry::now().plus(left).rfc3339() }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("token")
    }

    fn call(&self, verb: &str) -> Call {
        genesys_token()
            .verb(verb)
            .env("GENESYS_TOKEN_FILE", self.file())
            .env("GENESYS_TOKEN_EXPIRES_AT", &self.expires_at)
            .env("GENESYSCLOUD_REGION", "eu-central-1")
            .env("GENESYSCLOUD_API_REGION", "https://api.mypurecloud.de")
    }

    #[track_caller]
    fn refused(&self, flags: &[&str], category: Category) -> Error {
        self.call("get").args(flags).refused_hiding(category, [TOKEN])
    }

    /// Why the file can't be used.
    #[track_caller]
    fn unusable(&self) -> String {
        let error = self.refused(&[], Category::Credentials);
        let prefix = format!("cannot use the bound token in {}: ", self.file().display());
        let why = error.message.strip_prefix(&prefix);
        why.unwrap_or_else(|| panic!("{error:?}")).to_owned()
    }
}

#[test]
fn get_provides_the_bound_token_without_the_secret() {
    let block = Block::new();
    let get = || block.call("get").provided("reused the bound token, 9m *s left");
    get().stdout("the-bound-token\n").success();
    get().args(["--format", "header"]).stdout("Authorization: Bearer the-bound-token\n").success();
    let done = get().args(["--format", "json"]).stdout("{*}\n").success();
    let json: Value = serde_json::from_str(done.token()).expect("JSON");
    assert_eq!((&json["access_token"], &json["source"]), (&TOKEN.into(), &"bound".into()));
    assert_eq!(json["expires_at"], block.expires_at.as_str());
}

#[cfg(unix)]
#[test]
fn exec_provides_the_bound_token_and_keeps_the_rest_of_the_block() {
    let block = Block::new();
    let script = r#"echo "$GENESYSCLOUD_ACCESS_TOKEN" >"$OUT"; \
        echo "$GENESYSCLOUD_REGION $GENESYSCLOUD_API_REGION $GENESYS_TOKEN_EXPIRES_AT $GENESYSCLOUD_ACCESS_TOKEN""#;
    let out = block.dir.path().join("out");
    let call = block.call("exec").env("OUT", &out).command(["sh", "-c", script]);
    let printed = format!("eu-central-1 https://api.mypurecloud.de {} ****\n", block.expires_at);
    call.stdout_exactly(printed).reused_bound().success();
    assert_eq!(read(out), "the-bound-token\n");
}

#[test]
fn a_credential_wins_over_the_bound_token() {
    let (scene, block) = (Scene::new(), Block::new());
    let done = scene.get().env("GENESYS_TOKEN_FILE", block.file()).fetched("no entry").success();
    assert_eq!(done.token(), scene.server.tokens()[0]);
}

#[test]
fn a_bound_token_that_expires_too_soon_is_refused_with_what_to_do() {
    let expired = Block::with("the-bound-token\n", Duration::ZERO);
    let error = expired.refused(&[], Category::Lifetime);
    assert_eq!(error.message, "the bound token has expired");
    assert!(error.hint().contains("refresh: true"), "{error:?}");
    let block = Block::new();
    let error = block.refused(&["--min-ttl", "20m"], Category::Lifetime);
    assert!(error.hint().contains("refresh: true"), "{error:?}");
    let call = block.call("exec").env("GENESYS_TOKEN_MIN_TTL", "20m").command(["true"]);
    let message = "the bound token has 9m *s left, and --min-ttl requires 20m 0s";
    call.stderr(format!("genesys-token: error: {message}\n  fix: set 'refresh: true' *\n")).exit(7);
}

#[test]
fn a_flag_that_asks_for_another_token_needs_the_secret() {
    let block = Block::new();
    for (flag, value) in [
        ("--scope", Some("routing")),
        ("--force-refresh", None),
        ("--client-id", Some("99999999-8888-7777-6666-555555555555")),
        ("--login-url", Some("https://login.mypurecloud.ie")),
        ("--api-url", Some("https://api.mypurecloud.ie")),
        ("--region", Some("us-west-2")),
    ] {
        let flags: Vec<&str> = [flag].into_iter().chain(value).collect();
        let error = block.refused(&flags, Category::Credentials);
        let another = if flag == "--region" { "another " } else { "" };
        let why = "needs the client secret, and this block has only a bound token";
        assert_eq!(error.message, format!("{another}{flag} {why}"));
    }
}

#[test]
fn a_flag_that_names_the_blocks_own_region_is_no_obstacle() {
    let block = Block::new();
    let call = block.call("get").args(["--region", "EU_CENTRAL_1"]);
    call.stdout("the-bound-token\n").reused_bound().success();
}

/// As a program of 0.1.0 binds it: its region is known by the API's URL alone.
#[cfg(unix)]
#[test]
fn another_region_is_not_passed_on_beside_the_blocks_api() {
    let block = Block::new();
    let call = |verb| block.call(verb).env("GENESYSCLOUD_REGION", "us-west-2");
    let script = r#"echo "$GENESYSCLOUD_REGION $GENESYSCLOUD_API_REGION""#;
    let exec = call("exec").command(["sh", "-c", script]).stdout("eu-central-1 https://api.mypurecloud.de\n");
    exec.reused_bound()
        .warns("GENESYSCLOUD_REGION is ignored: GENESYSCLOUD_API_REGION is in eu-central-1")
        .success();
    let get = call("get").args(["--region", "us-west-2"]);
    let error = get.refused_hiding(Category::Credentials, [TOKEN]);
    assert!(error.message.starts_with("another --region needs the client secret"), "{error:?}");
}

#[test]
fn a_bound_token_with_a_garbled_expiry_time_is_refused() {
    let block = Block::new();
    let call = block.call("get").env("GENESYS_TOKEN_EXPIRES_AT", "tomorrow");
    let error = call.refused_hiding(Category::Credentials, [TOKEN]);
    assert_eq!(error.message, "the value of GENESYS_TOKEN_EXPIRES_AT is not a time");
}

#[test]
fn bind_needs_the_credential_even_in_a_block() {
    let block = Block::new();
    let call = block.call("bind").arg("--dir").arg(block.dir.path().join("inner"));
    let error = call.refused_hiding(Category::Credentials, [TOKEN]);
    assert!(error.message.starts_with("no client id: "), "{error:?}");
}

#[test]
fn a_file_that_is_not_one_token_is_refused() {
    let has_other_character =
        |at| format!("the token has a character that no bearer token has, at position {at}");
    for (content, why) in [
        ("", "the token is empty".to_owned()),
        ("\n", "the token is empty".to_owned()),
        ("the-bound-token other", has_other_character(16)),
        ("the-bound-token\nother\n", has_other_character(16)),
        ("the-bound-tökén", has_other_character(12)),
        (" the-bound-token", has_other_character(1)),
        (&"x".repeat(16_384), "the token is longer than 16383 bytes".to_owned()),
        (&"x".repeat(16_385), "it is too large".to_owned()),
    ] {
        assert_eq!(Block::with(content, Duration::from_mins(10)).unusable(), why, "{content:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_bound_token_in_a_file_that_others_may_read_or_write_is_refused() {
    let block = Block::new();
    for mode in [0o644, 0o640, 0o604, 0o622] {
        set_mode(block.file(), mode);
        assert_eq!(block.unusable(), "it is open to other users", "{mode:o}");
    }
}

#[cfg(unix)]
#[test]
fn a_bound_token_anywhere_but_in_a_regular_file_is_refused() {
    let block = Block::new();
    fs::remove_file(block.file()).expect("it is ours");
    assert_eq!(block.unusable(), "No such file or directory (os error 2)");
    fs::create_dir(block.file()).expect("a directory");
    assert_eq!(block.unusable(), "it is no regular file");
    fs::remove_dir(block.file()).expect("it is empty");
    let fifo = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(block.file()).status();
    assert!(fifo.expect("mkfifo").success());
    assert_eq!(block.unusable(), "it is no regular file");
    fs::remove_file(block.file()).expect("it is ours");
    std::os::unix::fs::symlink("/dev/zero", block.file()).expect("a link");
    // What is said of a link differs between systems.
    block.unusable();
}

#[test]
fn a_bound_token_is_checked_at_the_blocks_api_host_with_verify() {
    let scene = Scene::new();
    let token = scene.get().fetched("no entry").success().token().to_owned();
    let block = Block::with(&token, Duration::from_mins(10));
    let call = block.call("get").env("GENESYSCLOUD_API_REGION", scene.server.api_url()).arg("--verify");
    let printed = format!("{token}\n");
    let warning = "* is not Genesys' own host, set by GENESYSCLOUD_API_REGION";
    call.clone().stdout(&printed).reused_bound().warns(warning).success();
    let warning = "cannot tell whether the token is alive: GENESYSCLOUD_API_REGION is not set";
    call.clone().without("GENESYSCLOUD_API_REGION").stdout(printed).reused_bound().warns(warning).success();
    assert_eq!(scene.server.verify_requests(), 1);
    scene.server.kill_all_tokens();
    let error = call.refused_hiding(Category::Lifetime, [token]);
    assert_eq!(error.message, "the API host no longer takes the bound token");
    assert!(error.hint().contains("refresh: true"), "{error:?}");
    assert_eq!(scene.server.verify_requests(), 3, "and why it does not take it");
}
