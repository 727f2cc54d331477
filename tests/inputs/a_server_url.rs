//! Servers other than the region's.

use super::*;

#[test]
fn by_flag_wins_over_the_variable_and_the_line_says_which_set_a_host_that_is_not_genesys() {
    let (server, other, dir) = (server(), server(), dir());
    let call = Call::new("get", &server, dir.path());
    let done = call.args(["--login-url", &other.login_url(), "--api-url", &other.api_url()]).run();
    assert_eq!((done.token(), server.log().len()), (other.tokens()[0].as_str(), 0));
    for flag in ["--login-url", "--api-url"] {
        let says = format!("127.0.0.1 is not Genesys' own host, set by {flag}");
        assert!(done.stderr.contains(&says), "{done:?}");
    }
    let done = Call::new("get", &server, dir.path()).run();
    for variable in ["GENESYS_TOKEN_LOGIN_URL", "GENESYS_TOKEN_API_URL"] {
        let says = format!("127.0.0.1 is not Genesys' own host, set by {variable}");
        assert!(done.stderr.contains(&says), "{done:?}");
    }
    assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
}

#[test]
fn is_https_or_loopback_and_carries_nothing_else() {
    for (url, says) in [
        ("http://login.mypurecloud.com", "is not https"),
        ("http://127.0.0.1.evil.example", "is not https"),
        ("http://localhost.evil.example", "is not https"),
        ("http://0.0.0.0", "is not https"),
        ("http://[::ffff:10.0.0.1]", "is not https"),
        ("ftp://login.mypurecloud.com", "is not https"),
        ("https://user:hunter2-hunter2@login.mypurecloud.com", "user name or password"),
        ("https://login.mypurecloud.com?token=hunter2-hunter2", "query or a fragment"),
        ("https://login.mypurecloud.com/#x", "query or a fragment"),
        ("login.mypurecloud.com", "is not a URL"),
        ("https://", "is not a URL"),
        ("file:///etc/passwd", ""),
    ] {
        for (flag, variable) in
            [("--login-url", "GENESYS_TOKEN_LOGIN_URL"), ("--api-url", "GENESYS_TOKEN_API_URL")]
        {
            let call = || Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET);
            for (call, source) in [(call().args([flag, url]), flag), (call().env(variable, url), variable)] {
                let error = refused(call, Category::Usage, source);
                assert!(error.message.contains(says), "{says} is not in {error:?}");
                assert!(!error.message.contains("hunter2"), "{error:?}");
            }
        }
    }
}

#[test]
fn may_be_plain_http_on_this_very_machine() {
    let (server, dir) = (server(), dir());
    let port = server.login_url().rsplit(':').next().expect("a port").to_owned();
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("http://{host}:{port}");
        let done = Call::new("get", &server, dir.path()).login_url(&url).run();
        assert_eq!(Some(done.token()), server.tokens().last().map(String::as_str), "{host}");
    }
}
