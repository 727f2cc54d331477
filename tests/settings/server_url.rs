//! Servers other than the region's.

use super::*;

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
    let scene = Scene::new();
    let url = format!("{}/oauth/token", scene.server.login_url());
    let warning =
        "the ending /oauth/token of GENESYS_TOKEN_LOGIN_URL was left out: it is added to every login URL";
    let call = scene.get().login_url(&url);
    let done = call.fetched("no entry").warns(warning).success();
    assert_eq!(done.token(), scene.server.tokens()[0]);
    assert_eq!(scene.server.log()[0].path, "/oauth/token");
    scene.get().reused().success();
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
