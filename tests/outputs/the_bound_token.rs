//! `get` and `exec` within a block, without the credential.

use super::*;

struct Block {
    dir: TempDir,
    expires_at: String,
}

impl Block {
    fn new(content: &str, left: Duration) -> Self {
        let dir = dir();
        fs::write(dir.path().join("token"), content).expect("a file");
        #[cfg(unix)]
        set_mode(dir.path().join("token"), 0o600);
        Self { dir, expires_at: cached::now().plus(left).rfc3339() }
    }

    fn token() -> Self {
        Self::new("the-bound-token\n", Duration::from_secs(600))
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("token")
    }

    fn call(&self, verb: &str) -> Call {
        Call::bare(verb)
            .env("GENESYS_TOKEN_FILE", self.file())
            .env("GENESYS_TOKEN_EXPIRES_AT", &self.expires_at)
            .env("GENESYSCLOUD_REGION", "eu-central-1")
            .env("GENESYSCLOUD_API_REGION", "https://api.mypurecloud.de")
    }

    #[track_caller]
    fn refused(&self, flags: &[&str], category: Category) -> Error {
        let done = self.call("get").args(["--error-format", "json"]).args(flags).run();
        done.keeps_to_itself(["the-bound-token"]);
        let error = done.refused();
        assert_eq!(error.category, category, "{flags:?}: {error:?}");
        error
    }
}

#[test]
fn answers_get_without_the_secret() {
    let block = Block::token();
    assert_eq!(block.call("get").run().token(), "the-bound-token");
    let header = block.call("get").args(["--format", "header"]).run();
    assert_eq!(header.stdout, "Authorization: Bearer the-bound-token\n");
    let done = block.call("get").args(["--format", "json"]).run();
    let json: Value = serde_json::from_str(done.token()).expect("JSON");
    assert_eq!((&json["source"], &json["expires_at"]), (&"bound".into(), &block.expires_at.as_str().into()));
    assert!(done.stderr.starts_with("genesys-token: reused the bound token, 9m "), "{done:?}");
    assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
}

#[cfg(unix)]
#[test]
fn answers_exec_and_passes_the_rest_of_the_block_through() {
    let block = Block::token();
    let script = r#"echo "$GENESYSCLOUD_ACCESS_TOKEN" >"$OUT"; \
        echo "$GENESYSCLOUD_REGION $GENESYSCLOUD_API_REGION $GENESYS_TOKEN_EXPIRES_AT $GENESYSCLOUD_ACCESS_TOKEN""#;
    let out = block.dir.path().join("out");
    let done = block.call("exec").env("OUT", &out).args(["--", "sh", "-c", script]).run();
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(read(out), "the-bound-token\n");
    let expected = format!("eu-central-1 https://api.mypurecloud.de {} ****\n", block.expires_at);
    assert_eq!(done.stdout, expected);
}

#[test]
fn gives_way_to_a_credential() {
    let (server, cache, block) = (server(), dir(), Block::token());
    let done = Call::new("get", &server, cache.path()).env("GENESYS_TOKEN_FILE", block.file()).run();
    assert_eq!(done.token(), server.tokens()[0]);
}

#[test]
fn that_ends_too_soon_says_what_to_do() {
    for (block, flags) in [
        (Block::new("the-bound-token\n", Duration::ZERO), &[][..]),
        (Block::token(), &["--min-ttl", "20m"][..]),
    ] {
        let error = block.refused(flags, Category::Lifetime);
        assert!(error.hint.contains("refresh: true"), "{error:?}");
    }
    let block = Block::token();
    let done = block.call("exec").env("GENESYS_TOKEN_MIN_TTL", "20m").args(["--", "true"]).run();
    assert_eq!(done.code, 7, "{done:?}");
}

#[test]
fn can_be_no_other_token() {
    let block = Block::token();
    for flags in [
        &["--scope", "routing"][..],
        &["--force-refresh"],
        &["--client-id", "99999999-8888-7777-6666-555555555555"],
        &["--region", "us-west-2"],
        &["--login-url", "https://login.mypurecloud.ie"],
        &["--api-url", "https://api.mypurecloud.ie"],
    ] {
        let error = block.refused(flags, Category::Credentials);
        assert!(error.message.contains(flags[0]), "{error:?}");
    }
    let same = block.call("get").args(["--region", "EU_CENTRAL_1"]).run();
    assert_eq!(same.token(), "the-bound-token");
}

#[test]
fn whose_end_is_garbled_is_not_used() {
    let block = Block::token();
    let call = block.call("get").env("GENESYS_TOKEN_EXPIRES_AT", "tomorrow");
    let error = call.args(["--error-format", "json"]).run().refused();
    assert_eq!(error.category, Category::Credentials);
    assert!(error.message.contains("GENESYS_TOKEN_EXPIRES_AT"), "{error:?}");
}

#[test]
fn is_not_asked_for_by_bind() {
    let block = Block::token();
    let done = block.call("bind").args(["--dir", "x", "--error-format", "json"]).run();
    assert_eq!(done.refused().category, Category::Credentials);
}

#[test]
fn is_one_clean_token_of_a_sensible_length() {
    let rows = [
        "",
        "\n",
        "the-bound-token other",
        "the-bound-token\nother\n",
        "the-bound-tökén",
        " the-bound-token",
    ];
    let long = "x".repeat(20_000);
    for content in rows.into_iter().chain([long.as_str()]) {
        let block = Block::new(content, Duration::from_secs(600));
        let error = block.refused(&[], Category::Credentials);
        assert!(error.message.contains("cannot use the bound token"), "{content:?}: {error:?}");
    }
}

#[cfg(unix)]
#[test]
fn is_in_a_private_regular_file() {
    use std::os::unix::fs::symlink;
    let block = Block::token();
    for mode in [0o644, 0o640, 0o604, 0o622] {
        set_mode(block.file(), mode);
        block.refused(&[], Category::Credentials);
    }
    let block = Block::token();
    fs::rename(block.file(), block.dir.path().join("moved")).expect("it moves");
    block.refused(&[], Category::Credentials);
    fs::create_dir(block.file()).expect("a directory");
    block.refused(&[], Category::Credentials);
    fs::remove_dir(block.file()).expect("it is empty");
    let fifo = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(block.file()).status();
    assert!(fifo.expect("mkfifo").success());
    block.refused(&[], Category::Credentials);
    fs::remove_file(block.file()).expect("it is ours");
    symlink("/dev/zero", block.file()).expect("a link");
    block.refused(&[], Category::Credentials);
}

#[test]
fn is_checked_when_asked_to() {
    let (server, cache) = (server(), dir());
    let token = Call::new("get", &server, cache.path()).run().token().to_owned();
    let block = Block::new(&token, Duration::from_secs(600));
    let call = || {
        let call = block.call("get").env("GENESYSCLOUD_API_REGION", server.api_url());
        call.args(["--verify", "--error-format", "json"])
    };
    assert_eq!(call().run().token(), token);
    let said = call().run().stderr;
    assert!(said.contains("not Genesys' own host, set by GENESYSCLOUD_API_REGION"), "{said}");
    let nobody = call().without("GENESYSCLOUD_API_REGION").run();
    assert_eq!(nobody.token(), token);
    assert!(nobody.stderr.contains("cannot tell whether the token is alive"), "{nobody:?}");
    server.kill_all_tokens();
    let error = call().run().refused();
    assert_eq!(error.category, Category::Lifetime);
    assert!(error.hint.contains("refresh: true"), "{error:?}");
    assert_eq!(server.verify_requests(), 3);
}
