//! Proxies: which calls go through one, and what it may answer.

use std::net::{TcpListener, TcpStream};

use super::*;

fn through(proxy: &str, scene: &Scene) -> Call {
    scene.get().env("HTTPS_PROXY", proxy)
}

/// Runs a call that must get the server's only token.
#[track_caller]
fn assert_fetches(call: Call, scene: &Scene) {
    let done = call.fetched("no entry").success();
    assert_eq!(done.token(), scene.server.tokens()[0]);
    done.leaks_nothing(scene.server.tokens());
}

fn host(scene: &Scene) -> String {
    scene.server.login_url().split("://").nth(1).expect("a URL has a host").to_owned()
}

fn with_password(proxy_url: &str) -> String {
    proxy_url.replace("://", "://user:proxy-pass@")
}

#[test]
fn a_proxy_gets_a_tunnel_request_for_the_login_server() {
    let (scene, proxy) = (tls(Certificate::Good), Proxy::start(ProxyBehaviour::Forward));
    assert_fetches(through(&proxy.url(), &scene), &scene);
    assert_eq!(proxy.connects(), [host(&scene)]);
}

#[test]
fn a_proxy_that_requires_authentication_is_an_error_at_once_and_counts_one_login() {
    let (scene, proxy) = (tls(Certificate::Good), Proxy::start(ProxyBehaviour::Refuse(407)));
    let error = failed(&scene, through(&with_password(&proxy.url()), &scene), Category::Unavailable);
    let proxy_host = proxy.url().replace("http://", "");
    let message = format!(
        "the proxy {proxy_host} (HTTPS_PROXY) before the login server {} requires authentication (HTTP 407)",
        host(&scene)
    );
    assert_eq!(error.message, message);
    assert!(error.hint().contains("HTTPS_PROXY"), "{error:?}");
    // It is asked once more for its schemes, without a login that it could count.
    assert_eq!(proxy.authorizations(), [Some("Basic dXNlcjpwcm94eS1wYXNz".to_owned()), None]);
    assert_eq!(scene.server.log().len(), 0);
}

/// The error of a call that gets no further than its proxy.
#[track_caller]
fn stopped_at(proxy_url: &str, timeout: &str) -> Error {
    let scene = tls(Certificate::Good);
    let error =
        failed(&scene, through(proxy_url, &scene).args(["--timeout", timeout]), Category::Unavailable);
    assert!(error.message.contains("the proxy ") && error.message.contains(" (HTTPS_PROXY)"), "{error:?}");
    assert_eq!(scene.server.log().len(), 0);
    error
}

#[test]
fn a_proxy_that_opens_no_tunnel_is_named_with_its_status_and_only_a_refusal_is_final() {
    for (status, is_final) in [(400, true), (403, true), (502, false), (503, false)] {
        let proxy = Proxy::start(ProxyBehaviour::Refuse(status));
        let error = stopped_at(&proxy.url(), if is_final { "20s" } else { "3s" });
        assert!(error.message.ends_with(&format!(" with HTTP {status}")), "{error:?}");
        // Each request is followed by one for the status.
        assert!(if is_final { proxy.connects().len() == 2 } else { proxy.connects().len() > 2 }, "{status}");
    }
    let proxy = Proxy::start(ProxyBehaviour::HangUp);
    let error = stopped_at(&proxy.url(), "2s");
    assert!(error.message.contains(" opened no tunnel to the login server "), "{error:?}");
    assert!(error.message.ends_with(": it closed the connection"), "{error:?}");
}

#[test]
fn a_proxy_that_can_not_be_reached_is_named_and_not_the_login_server() {
    for url in [refused_url(), "http://no-such-host.invalid:3128".to_owned()] {
        let error = stopped_at(&url, "2s");
        assert!(error.message.starts_with("cannot reach the proxy "), "{error:?}");
    }
}

#[test]
fn a_proxy_that_does_not_take_the_password_is_not_told_to_get_one() {
    let proxy = Proxy::start(ProxyBehaviour::Refuse(407));
    let error = stopped_at(&with_password(&proxy.url()), "20s");
    assert!(error.hint().contains("it does not take the user and password of HTTPS_PROXY"), "{error:?}");
    assert!(error.hint().contains("%23"), "{error:?}");
}

#[test]
fn a_proxy_that_speaks_no_basic_is_named_with_its_schemes() {
    let proxy = Proxy::start(ProxyBehaviour::Challenge(&["Negotiate", "NTLM"]));
    for url in [proxy.url(), with_password(&proxy.url())] {
        let error = stopped_at(&url, "20s");
        assert!(error.message.ends_with(" (HTTP 407), by Negotiate or NTLM only"), "{error:?}");
        assert!(error.hint().contains("Basic alone") && error.hint().contains("NO_PROXY"), "{error:?}");
    }
    let proxy = Proxy::start(ProxyBehaviour::Challenge(&["Negotiate", "Basic realm=\"x\""]));
    assert!(stopped_at(&proxy.url(), "20s").hint().contains("put user and password into HTTPS_PROXY"));
}

#[test]
fn a_proxy_whose_url_has_the_wrong_scheme_is_told_the_right_one_at_once() {
    let plain = Proxy::start(ProxyBehaviour::Forward);
    let error = stopped_at(&plain.url().replace("http:", "https:"), "60s");
    assert!(error.message.ends_with(" speaks plain HTTP, not TLS"), "{error:?}");
    assert!(error.hint().contains("write http:// instead of https:// in HTTPS_PROXY"), "{error:?}");
    for certificate in [Certificate::Good, Certificate::SelfSigned] {
        let over_tls = Proxy::start_tls(ProxyBehaviour::Forward, certificate);
        let error = stopped_at(&over_tls.url().replace("https:", "http:"), "60s");
        assert!(error.message.ends_with(": it speaks TLS, not plain HTTP"), "{certificate:?}: {error:?}");
        assert!(error.hint().contains("write https:// instead of http:// in HTTPS_PROXY"), "{error:?}");
    }
}

#[test]
fn a_proxy_that_never_answers_is_blamed_and_not_the_login_server() {
    let proxy = Proxy::start(ProxyBehaviour::Silent);
    let hole = BlackHole::start();
    let speaks_no_tls = hole.url().replace("http:", "https:");
    for (url, hint) in [
        (proxy.url(), "correct host and port in HTTPS_PROXY"),
        (speaks_no_tls, "write http:// instead of https:// in HTTPS_PROXY"),
    ] {
        let error = stopped_at(&url, "1s");
        assert!(error.message.ends_with(" did not answer in time"), "{error:?}");
        assert!(error.fixes[0].starts_with(hint), "{error:?}");
    }
}

/// A call that trusts the CA of the server and that of the proxy.
fn trusting_both(scene: &Scene, proxy: &Proxy) -> Call {
    let both =
        [scene.server.ca_file(), proxy.ca_file()].map(|file| std::fs::read_to_string(file).expect("a CA"));
    let path = scene.path("both.pem");
    std::fs::write(&path, both.concat()).expect("a file");
    through(&proxy.url(), scene).env("GENESYS_TOKEN_CA_CERT", path)
}

#[test]
fn a_proxy_that_closes_the_connection_is_not_told_another_scheme() {
    let scene = tls(Certificate::Good);
    let (plain, over_tls) =
        (Proxy::start(ProxyBehaviour::HangUp), Proxy::start_tls(ProxyBehaviour::HangUp, Certificate::Good));
    for call in [through(&plain.url(), &scene), trusting_both(&scene, &over_tls)] {
        let error = failed(&scene, call.args(["--timeout", "1s"]), Category::Unavailable);
        assert!(error.message.ends_with(": it closed the connection"), "{error:?}");
    }
}

/// The address of a listener that passes everything on to `server`, but closes connections that begin with CONNECT.
fn closing_plain_connections(server: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    // Ends with the process of the tests.
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let mut first = [0];
            if client.peek(&mut first).is_err() || first == *b"C" {
                continue;
            }
            let server = TcpStream::connect(&server).expect("the server listens");
            for (mut from, mut to) in [(&client, &server), (&server, &client)]
                .map(|(from, to)| (from.try_clone().expect("a socket"), to.try_clone().expect("a socket")))
            {
                thread::spawn(move || std::io::copy(&mut from, &mut to));
            }
        }
    });
    address
}

#[test]
fn a_proxy_that_speaks_tls_and_closes_plain_connections_is_told_the_right_scheme() {
    // That its certificate is not trusted is an answer over TLS as well.
    for certificate in [Certificate::Good, Certificate::SelfSigned] {
        let (scene, proxy) = (tls(Certificate::Good), Proxy::start_tls(ProxyBehaviour::Forward, certificate));
        let address = closing_plain_connections(proxy.url().replace("https://", ""));
        let call = trusting_both(&scene, &proxy)
            .env("HTTPS_PROXY", address.replace("127.0.0.1", "http://localhost"));
        let error = failed(&scene, call.args(["--timeout", "20s"]), Category::Unavailable);
        assert!(error.message.ends_with(": it speaks TLS, not plain HTTP"), "{certificate:?}: {error:?}");
    }
}

#[test]
fn a_proxy_that_goes_away_between_two_requests_is_blamed_and_not_the_login_server() {
    let behaviour = Behaviour::answering(status(503, PAGE, HTML));
    let scene = Scene::of(LoginServer::start_tls(behaviour, Certificate::Good));
    let proxy = Proxy::start(ProxyBehaviour::Forward);
    let call = through(&proxy.url(), &scene).args(["--timeout", "3s"]);
    let error = thread::scope(|scope| {
        let running = scope.spawn(|| failed(&scene, call, Category::Unavailable));
        let is_answered = || scene.server.log().last().is_some_and(|record| record.status.is_some());
        while !is_answered() && !running.is_finished() {
            thread::yield_now();
        }
        drop(proxy);
        running.join().expect("the call fails as it should")
    });
    assert!(error.message.starts_with("cannot reach the proxy "), "{error:?}");
}

#[test]
fn a_server_that_fails_behind_a_proxy_is_blamed_and_not_the_proxy() {
    let (plain, over_tls) =
        (Proxy::start(ProxyBehaviour::Forward), Proxy::start_tls(ProxyBehaviour::Forward, Certificate::Good));
    let (scene, hole, http) = (tls(Certificate::Good), BlackHole::start(), Scene::new());
    let at =
        |call: Call, url: String| call.login_url(&url.replace("http:", "https:")).args(["--timeout", "2s"]);
    let calls: [&dyn Fn() -> Call; 2] =
        [&|| through(&plain.url(), &scene), &|| trusting_both(&scene, &over_tls)];
    for call in calls {
        let error = failed(&scene, at(call(), hole.url()), Category::Unavailable);
        assert!(error.message.starts_with("the login server 127.0.0.1:"), "{error:?}");
        assert!(error.message.ends_with(" did not answer in time"), "{error:?}");
        let error = failed(&scene, at(call(), http.server.login_url()), Category::Unavailable);
        assert!(error.message.starts_with("TLS with the login server 127.0.0.1:"), "{error:?}");
    }
    assert!(!plain.connects().is_empty() && !over_tls.connects().is_empty());
}

#[test]
fn a_proxy_that_speaks_tls_forwards_and_is_verified() {
    let proxy = Proxy::start_tls(ProxyBehaviour::Forward, Certificate::Good);
    let scene = tls(Certificate::Good);
    assert_fetches(trusting_both(&scene, &proxy), &scene);
    let scene = tls(Certificate::Good);
    let error = failed(&scene, through(&proxy.url(), &scene), Category::Unavailable);
    assert!(error.message.starts_with("cannot trust the proxy localhost:"), "{error:?}");
    let refusing = Proxy::start_tls(ProxyBehaviour::Refuse(403), Certificate::Good);
    let error = failed(&scene, trusting_both(&scene, &refusing), Category::Unavailable);
    assert!(error.message.ends_with(" with HTTP 403"), "{error:?}");
}

#[test]
fn a_proxy_gets_the_password_of_its_url_and_no_error_shows_it() {
    let (scene, proxy) = (tls(Certificate::Good), Proxy::start(ProxyBehaviour::Forward));
    assert_fetches(through(&with_password(&proxy.url()), &scene), &scene);
    assert_eq!(proxy.authorizations(), [Some("Basic dXNlcjpwcm94eS1wYXNz".to_owned())]);

    let refusing = Proxy::start(ProxyBehaviour::Refuse(407));
    for (url, timeout, category) in [
        (with_password(&refusing.url()), "20s", Category::Unavailable),
        (with_password(&refused_url()), "1s", Category::Unavailable),
        ("http://[:proxy-pass@".to_owned(), "1s", Category::Usage),
    ] {
        let scene = tls(Certificate::Good);
        let call = through(&url, &scene).args(["--timeout", timeout]);
        call.refused_hiding(category, ["proxy-pass", "user:proxy-pass"]);
    }
}

#[test]
fn a_proxy_of_another_protocol_is_a_usage_error_and_never_bypassed() {
    for proxy in ["socks5://127.0.0.1:1080", "nonsense://x", "ftp://proxy.example"] {
        let scene = tls(Certificate::Good);
        let error = failed(&scene, through(proxy, &scene), Category::Usage);
        assert_eq!(error.message, "the value of HTTPS_PROXY is not the URL of an HTTP proxy", "{proxy}");
        assert_eq!(scene.server.log().len(), 0, "{proxy}");
    }
}

#[test]
fn a_proxy_may_be_named_without_a_scheme() {
    let (scene, proxy) = (tls(Certificate::Good), Proxy::start(ProxyBehaviour::Forward));
    assert_fetches(through(&proxy.url().replace("http://", ""), &scene), &scene);
    assert_eq!(proxy.connects(), [host(&scene)]);
}

#[test]
fn the_hosts_of_no_proxy_bypass_the_proxy() {
    for hosts in ["localhost", "example.com, localhost", "*"] {
        let (scene, proxy) = (tls(Certificate::Good), Proxy::start(ProxyBehaviour::Refuse(407)));
        assert_fetches(through(&proxy.url(), &scene).env("NO_PROXY", hosts), &scene);
        assert_eq!(proxy.connects().len(), 0, "{hosts}");
    }
    let (scene, proxy) = (tls(Certificate::Good), Proxy::start(ProxyBehaviour::Forward));
    assert_fetches(through(&proxy.url(), &scene).env("NO_PROXY", "elsewhere.example"), &scene);
    assert_eq!(proxy.connects().len(), 1);
}

#[test]
fn proxy_variables_are_read_as_curl_does_and_never_for_plain_http() {
    for (variable, is_used) in
        [("https_proxy", true), ("ALL_PROXY", true), ("all_proxy", true), ("http_proxy", false)]
    {
        let (scene, proxy) = (tls(Certificate::Good), Proxy::start(ProxyBehaviour::Forward));
        assert_fetches(scene.get().env(variable, proxy.url()), &scene);
        assert_eq!(proxy.connects().len(), usize::from(is_used), "{variable}");
    }
    for variable in ["http_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
        let (scene, proxy) = (Scene::new(), Proxy::start(ProxyBehaviour::Forward));
        assert_fetches(scene.get().env(variable, proxy.url()), &scene);
        assert_eq!(proxy.connects().len(), 0, "{variable}");
    }
}
