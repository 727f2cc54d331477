//! Servers other than the region's.

use super::*;

fn status(code: u16) -> Answer {
    Answer::Status(code, String::new(), "text/plain".to_owned())
}

fn oauth_error(code: &str) -> Answer {
    Answer::OAuthError { status: 400, error: code.to_owned(), description: String::new() }
}

/// The warning about a server that is not Genesys' own.
fn foreign_host(source: &str) -> String {
    format!("127.0.0.1 is not Genesys' own host, set by {source}")
}

#[test]
fn a_server_url_by_flag_wins_over_the_variable_and_the_line_names_what_set_a_foreign_host() {
    let (scene, other) = (Scene::new(), LoginServer::start(Behaviour::default()));
    let (login, api) = (other.login_url(), other.api_url());
    let host = login.strip_prefix("http://").expect("plain HTTP");
    let call = scene.get().args(["--login-url", &login, "--api-url", &api]);
    let call = call.provided(&format!("fetched token of client 1111…5555 at {host}, * left (no entry)"));
    let done = call.warns(foreign_host("--login-url")).warns(foreign_host("--api-url")).success();
    assert_eq!(done.token(), other.tokens()[0]);
    assert_eq!(scene.server.log().len(), 0);

    let done = scene.get().fetched("no entry").success();
    let [login, api] = ["GENESYS_TOKEN_LOGIN_URL", "GENESYS_TOKEN_API_URL"].map(foreign_host);
    let expected = format!("; warning: {login}; warning: {api}\n");
    assert!(done.stderr.ends_with(&expected), "{expected} does not end {done:?}");
}

#[test]
fn an_error_names_the_servers_that_are_not_genesys_own_whatever_went_wrong() {
    let rows = [
        (status(503), Category::Unavailable),
        (status(404), Category::Unavailable),
        (Answer::TooManyRequests { retry_after: Some("90".to_owned()) }, Category::RateLimited),
        (oauth_error("invalid_scope"), Category::Rejected),
    ];
    for (answer, category) in rows {
        let scene = Scene::answering(answer);
        for flags in [&["--timeout", "1s"][..], &["--timeout", "1s", "-q"]] {
            let error = scene.get().args(flags).refused(category);
            for variable in ["GENESYS_TOKEN_LOGIN_URL", "GENESYS_TOKEN_API_URL"] {
                assert!(error.hint().contains(&foreign_host(variable)), "{error:?}");
            }
        }
    }
    let scene = Scene::with(Behaviour { expires_in: ExpiresIn::Seconds(60), ..Behaviour::default() });
    let error = scene.get().args(["--min-ttl", "1h", "-q"]).refused(Category::Lifetime);
    assert!(error.hint().contains(&foreign_host("GENESYS_TOKEN_LOGIN_URL")), "{error:?}");
}

#[test]
fn revoke_and_invalidate_name_the_servers_that_are_not_genesys_own() {
    let scene = Scene::new();
    let [login, api] = ["GENESYS_TOKEN_LOGIN_URL", "GENESYS_TOKEN_API_URL"].map(foreign_host);
    let warnings = format!("; warning: {login}; warning: {api}\n");
    for (verb, line) in [
        ("invalidate", "dropped the cached token of client 1111…5555 at HOST"),
        ("revoke", "revoked the token of client 1111…5555 at HOST, and dropped it from the cache"),
        ("invalidate", "there is no cached token of client 1111…5555 at HOST"),
        ("revoke", "there is no cached token of client 1111…5555 at HOST"),
    ] {
        if !line.starts_with("there") {
            scene.get().fetched("no entry").success();
        }
        let done = scene.call(verb).stderr(format!("genesys-token: {line}\n")).success();
        assert!(done.stderr.ends_with(&warnings), "{done:?}");
        scene.call(verb).arg("-q").success();
    }
    scene.get().fetched("no entry").success();
    let url = refused_url();
    let call = scene.call("revoke").args(["-q", "--api-url", &url]);
    let error = call.refused(Category::Unavailable);
    assert!(error.hint().contains(&format!("; {login}; {}; ", foreign_host("--api-url"))), "{error:?}");
}

#[test]
fn a_bound_token_that_is_dead_names_a_foreign_api_host() {
    let scene = Scene::new();
    let block = scene.bind("block").any_stdout().fetched("no entry").success();
    scene.server.kill_all_tokens();
    let lines = block.stdout.lines().filter_map(|line| line.split_once('='));
    let call = genesys_token().get().arg("--verify");
    let call = call.envs(lines.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let error = call.refused(Category::Lifetime);
    assert!(error.causes.contains(&foreign_host("GENESYSCLOUD_API_REGION")), "{error:?}");
}

#[test]
fn a_server_url_is_https_or_loopback_without_user_query_or_fragment() {
    for (url, says) in [
        ("http://login.mypurecloud.com", "is not https"),
        ("http://127.0.0.1.evil.example", "is not https"),
        ("http://localhost.evil.example", "is not https"),
        ("http://0.0.0.0", "is not https"),
        ("http://[::ffff:10.0.0.1]", "is not https"),
        ("ftp://login.mypurecloud.com", "is not https"),
        ("https://user:hunter2-hunter2@login.mypurecloud.com", "holds a user name or password"),
        ("https://login.mypurecloud.com?token=hunter2-hunter2", "has a query or a fragment"),
        ("https://login.mypurecloud.com/#x", "has a query or a fragment"),
        ("login.mypurecloud.com", "is not a URL"),
        ("https://", "is not a URL"),
        ("file:///etc/passwd", "is not https"),
    ] {
        for (flag, variable) in
            [("--login-url", "GENESYS_TOKEN_LOGIN_URL"), ("--api-url", "GENESYS_TOKEN_API_URL")]
        {
            let call = get_with_credential;
            for (call, source) in [(call().args([flag, url]), flag), (call().env(variable, url), variable)] {
                let error = call.refused_hiding(Category::Usage, ["hunter2-hunter2"]);
                assert_eq!(error.message, format!("the value of {source} {says}"), "{url}");
            }
        }
    }
}

#[test]
fn a_login_url_that_is_another_host_of_genesys_is_refused_by_every_verb() {
    for host in ["api.mypurecloud.de", "apps.usw2.pure.cloud"] {
        for verb in ["get", "invalidate", "revoke"] {
            let call = genesys_token().verb(verb).credential(CLIENT_ID, CLIENT_SECRET);
            let error = call.login_url(&format!("https://{host}")).refused(Category::Usage);
            let why = "and tokens come from a login host";
            assert_eq!(error.message, format!("the value of GENESYS_TOKEN_LOGIN_URL is {host}, {why}"));
        }
    }
}

#[test]
fn a_login_url_loses_the_path_of_the_token_endpoint_with_a_warning() {
    for ending in ["/oauth/token", "/oauth/token/oauth/token"] {
        let scene = Scene::new();
        let url = scene.server.login_url() + ending;
        let warning =
            "leave the ending /oauth/token out of GENESYS_TOKEN_LOGIN_URL: it is added to every login URL";
        let done = scene.get().login_url(&url).fetched("no entry").warns(warning).success();
        assert_eq!(done.token(), scene.server.tokens()[0]);
        assert_eq!(scene.server.log()[0].path, "/oauth/token");
        scene.get().reused().success();
    }
}

#[test]
fn a_server_url_may_be_plain_http_on_this_machine() {
    let scene = Scene::new();
    let port = scene.server.login_url().rsplit(':').next().expect("a port").to_owned();
    for host in ["localhost", "127.0.0.1"] {
        let call = scene.get().login_url(&format!("http://{host}:{port}")).fetched("no entry");
        assert_eq!(Some(call.success().token()), scene.server.tokens().last().map(String::as_str), "{host}");
    }
}
