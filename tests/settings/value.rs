//! Values of flags and variables.

use super::*;

#[test]
fn a_value_that_makes_no_sense_is_a_usage_error_that_names_its_flag_or_variable() {
    for (variable, value) in [
        ("GENESYS_TOKEN_TIMEOUT", "soon"),
        ("GENESYS_TOKEN_TIMEOUT", "-5"),
        ("GENESYS_TOKEN_MIN_TTL", "20 minutes"),
        ("GENESYS_TOKEN_MIN_TTL", "99999999999999999999999d"),
        ("GENESYS_TOKEN_VERIFY", "maybe"),
        ("GENESYS_TOKEN_LANE", "a lane"),
        ("GENESYS_TOKEN_LOG", "loud"),
    ] {
        let error = get_with_credential().env(variable, value).refused(Category::Usage);
        assert!(error.message.contains(variable), "{variable} is not in {error:?}");
    }
    let rows: [(&[&str], &str); 5] = [
        (&["--timeout", "soon"], "--timeout"),
        (&["--min-ttl", "20 minutes"], "--min-ttl"),
        (&["--verify=x"], "--verify"),
        (&["--scope", "a\"b"], "scope"),
        (&["--lane", ""], "--lane"),
    ];
    for (flags, says) in rows {
        let error = get_with_credential().args(flags).refused(Category::Usage);
        assert!(error.message.contains(says), "{says} is not in {error:?}");
    }
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let scene = Scene::new();
    let names = [
        "GENESYSCLOUD_REGION",
        "GENESYS_TOKEN_SCOPE",
        "GENESYS_TOKEN_LANE",
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
    let call = names.iter().fold(scene.get(), |call, name| call.env(name, ""));
    assert_eq!(call.fetched("no entry").success().token(), scene.server.tokens()[0]);
    assert_eq!(scene.server.log()[0].body, "grant_type=client_credentials");
}

#[test]
fn a_flag_wins_over_its_variable_even_when_that_makes_no_sense() {
    let scene = Scene::new();
    let call = scene
        .get()
        .env("GENESYS_TOKEN_TIMEOUT", "soon")
        .env("GENESYS_TOKEN_MIN_TTL", "soon")
        .env("GENESYS_TOKEN_SCOPE", "analytics")
        .env("GENESYS_TOKEN_LANE", "a lane")
        .env("GENESYS_TOKEN_CA_CERT", "/nonexistent")
        .env("GENESYS_TOKEN_CACHE_DIR", "/dev/null")
        .env("GENESYS_TOKEN_LOG", "loud")
        .env("GENESYS_TOKEN_VERIFY", "maybe");
    let call = call
        .args(["--timeout", "20s", "--min-ttl", "1m", "--scope", "routing", "--verify", "-v"])
        .args(["--lane", "export"])
        .args(["--ca-cert".into(), certificate(scene.dir())])
        .args(["--cache-dir".as_ref(), scene.cache().as_os_str()]);
    let attempt = "genesys-token: attempt 1 brought a token in *s\n";
    let line = "genesys-token: fetched token of client 1111…5555 at HOST, lane export, * left (no entry)\n";
    let done = call.prints_token().stderr([attempt, line].concat()).success();
    assert_eq!(done.token(), scene.server.tokens()[0]);
    assert!(scene.server.log()[0].body.ends_with("&scope=routing"), "{:?}", scene.server.log());
    assert!(fs::read_dir(scene.cache()).expect("the cache of the flag").count() > 0);
}

/// The path of a certificate in PEM form.
fn certificate(dir: &Path) -> String {
    let tls = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    write(dir, "ca.pem", fs::read(tls.ca_file()).expect("the CA file"))
}

#[test]
fn arguments_that_are_not_understood_are_a_usage_error_in_the_requested_format() {
    let rows: [&[&str]; 6] = [
        &["--tpyo"],
        &["stray"],
        &["--format", "no-format"],
        &["--no-cache", "--cache-dir", "x"],
        &["-q", "-v"],
        &["--timeout"],
    ];
    for flags in rows {
        for json in [&["--error-format", "json"][..], &["--error-format=json"][..]] {
            let done = genesys_token().get().args(json).args(flags).stderr("{*}\n").exit(2);
            assert_eq!(done.leaks_nothing([""; 0]).error().category, Category::Usage);
        }
        genesys_token().get().args(flags).stderr(ERROR_IN_TEXT).exit(2);
    }
}

#[test]
fn arguments_of_the_command_are_not_read_as_flags() {
    let call = genesys_token().exec(["sh", "--error-format=json"]).args(["--tpyo"]);
    call.stderr("genesys-token: error: unexpected argument '--tpyo' found\n  …\n").exit(2);
}

#[test]
fn a_missing_or_unknown_verb_or_a_missing_argument_is_a_usage_error() {
    let unknown = genesys_token().verb("gte");
    unknown.stderr("genesys-token: error: unrecognized subcommand 'gte'\n  …\n").exit(2);
    let exec = || genesys_token().verb("exec");
    for (call, missing) in
        [(exec(), "<CMD>..."), (exec().args(["--"]), "<CMD>..."), (genesys_token().bind(), "--dir <DIR>")]
    {
        let message = format!("the following required arguments were not provided: {missing}");
        call.stderr(format!("genesys-token: error: {message}\n  fix: usage: *\n  fix: --help says more\n"))
            .exit(2);
    }
}
