//! Flags and variables.

use super::*;

fn call() -> Call {
    Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET)
}

#[test]
fn that_makes_no_sense_is_a_usage_error_that_names_it() {
    for (variable, value) in [
        ("GENESYS_TOKEN_TIMEOUT", "soon"),
        ("GENESYS_TOKEN_TIMEOUT", "-5"),
        ("GENESYS_TOKEN_MIN_TTL", "20 minutes"),
        ("GENESYS_TOKEN_MIN_TTL", "99999999999999999999999d"),
        ("GENESYS_TOKEN_VERIFY", "maybe"),
        ("GENESYS_TOKEN_LOG", "loud"),
    ] {
        refused(call().env(variable, value), Category::Usage, variable);
    }
    for (flag, value) in [("--timeout", "soon"), ("--min-ttl", "20 minutes"), ("--verify=x", "")] {
        let flags = [flag, value].into_iter().filter(|part| !part.is_empty());
        refused(call().args(flags), Category::Usage, flag.split('=').next().unwrap_or_default());
    }
    refused(call().args(["--scope", "a\"b"]), Category::Usage, "scope");
}

#[test]
fn that_is_empty_counts_as_unset() {
    let (server, dir) = (server(), dir());
    let names = [
        "GENESYSCLOUD_REGION",
        "GENESYS_TOKEN_SCOPE",
        "GENESYS_TOKEN_MIN_TTL",
        "GENESYS_TOKEN_VERIFY",
        "GENESYS_TOKEN_TIMEOUT",
        "GENESYS_TOKEN_CA_CERT",
        "SSL_CERT_FILE",
        "GENESYS_TOKEN_LOG",
        "HTTPS_PROXY",
        "http_proxy",
        "NO_PROXY",
        "GENESYS_TOKEN_FILE",
    ];
    let call = names.iter().fold(Call::new("get", &server, dir.path()), |call, name| call.env(name, ""));
    assert_eq!(call.run().token(), server.tokens()[0]);
    assert_eq!(server.log()[0].body, "grant_type=client_credentials");
}

#[test]
fn by_flag_wins_over_its_variable_even_when_that_makes_no_sense() {
    let (server, dir) = (server(), dir());
    let call = Call::new("get", &server, Path::new("/dev/null"))
        .env("GENESYS_TOKEN_TIMEOUT", "soon")
        .env("GENESYS_TOKEN_MIN_TTL", "soon")
        .env("GENESYS_TOKEN_SCOPE", "analytics")
        .env("GENESYS_TOKEN_CA_CERT", "/nonexistent")
        .env("GENESYS_TOKEN_LOG", "loud")
        .env("GENESYS_TOKEN_VERIFY", "maybe");
    let cache = dir.path().join("cache");
    let done = call
        .args(["--timeout", "20s", "--min-ttl", "1m", "--scope", "routing", "--verify", "-v"])
        .args(["--ca-cert".into(), server_certificate(dir.path())])
        .args(["--cache-dir".as_ref(), cache.as_os_str()])
        .run();
    assert_eq!(done.token(), server.tokens()[0]);
    assert!(server.log()[0].body.ends_with("&scope=routing"), "{:?}", server.log());
    assert!(fs::read_dir(cache).expect("the cache of the flag").count() > 0);
}

/// Any certificate in PEM form.
fn server_certificate(dir: &Path) -> std::ffi::OsString {
    let tls = LoginServer::start_tls(Behaviour::default(), loopback_login_server::Certificate::Good);
    let pem = fs::read(tls.ca_file()).expect("the CA file");
    write(dir, "ca.pem", pem).into()
}

#[test]
fn in_the_arguments_that_is_unknown_is_a_usage_error_in_the_form_asked_for() {
    let rows: [&[&str]; 6] = [
        &["--tpyo"],
        &["stray"],
        &["--format", "yaml"],
        &["--no-cache", "--cache-dir", "x"],
        &["-q", "-v"],
        &["--timeout"],
    ];
    for flags in rows {
        for json in [&["--error-format", "json"][..], &["--error-format=json"][..]] {
            let done = Call::bare("get").args(json).args(flags).run();
            assert_eq!(done.refused().category, Category::Usage);
        }
        let done = Call::bare("get").args(flags).run();
        assert_eq!((done.code, done.stdout.as_str()), (2, ""));
        assert!(done.stderr.starts_with("genesys-token: error: "), "{done:?}");
    }
}

#[test]
fn of_the_command_is_none_of_ours() {
    let done = Call::bare("exec").args(["--tpyo", "--", "sh", "--error-format=json"]).run();
    assert_eq!(done.code, 2);
    assert!(done.stderr.starts_with("genesys-token: error: "), "in text: {done:?}");
}

#[test]
fn is_missing_when_there_is_no_verb_or_an_unknown_one_or_no_command() {
    let verbs = [Call::bare("gte"), Call::bare("exec"), Call::bare("exec").args(["--"]), Call::bare("bind")];
    for call in verbs {
        let done = call.run();
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{done:?}");
    }
}

#[test]
fn for_help_or_version_is_an_answer() {
    for flag in ["--help", "-h", "--version", "-V"] {
        let Done { code, stdout, stderr } = Call::bare(flag).run();
        assert_eq!((code, stderr.as_str()), (0, ""), "{flag}");
        assert!(stdout.contains("genesys-token"), "{flag}: {stdout}");
    }
    for verb in ["get", "bind", "exec", "regions", "completions", "man"] {
        let Done { code, stdout, stderr } = Call::bare(verb).args(["--help"]).run();
        assert_eq!((code, stderr.as_str()), (0, ""), "{verb}");
        assert!(stdout.contains("Usage: genesys-token"), "{verb}: {stdout}");
    }
}
