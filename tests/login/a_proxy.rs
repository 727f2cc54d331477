//! Through a proxy, or not.

use super::*;

fn tls() -> LoginServer {
    LoginServer::start_tls(Behaviour::default(), Certificate::Good)
}

fn through(proxy: &str, server: &LoginServer, except: &str) -> Done {
    let cache = cache();
    let call = Call::new("get", server, cache.path()).env("HTTPS_PROXY", proxy).env("NO_PROXY", except);
    let done = call.args(["--error-format", "json"]).run();
    done.keeps_to_itself(server.tokens());
    done
}

fn host(server: &LoginServer) -> String {
    server.login_url().split("://").nth(1).expect("a URL has a host").to_owned()
}

#[test]
fn is_a_tunnel_to_the_login_server() {
    let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Forward));
    assert_eq!(through(&proxy.url(), &server, "").token(), server.tokens()[0]);
    assert_eq!(proxy.connects(), [host(&server)]);
}

#[test]
fn that_wants_a_login_is_an_error_that_says_so_at_once() {
    let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Refuse407));
    let error = through(&proxy.url(), &server, "").refused();
    assert_eq!(error.category, Category::Unavailable);
    assert!(error.message.contains("HTTP 407"), "{error:?}");
    assert!(error.hint.contains("HTTPS_PROXY"), "{error:?}");
    assert_eq!((proxy.connects().len(), server.log().len()), (1, 0));
}

#[test]
fn gets_the_login_of_its_url_and_no_error_ever_does() {
    let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Forward));
    let with_login = |proxy: &Proxy| proxy.url().replace("://", "://user:proxy-pass@");
    assert_eq!(through(&with_login(&proxy), &server, "").token(), server.tokens()[0]);
    assert_eq!(proxy.authorizations(), [Some("Basic dXNlcjpwcm94eS1wYXNz".to_owned())]);

    let refusing = Proxy::start(ProxyBehaviour::Refuse407);
    let dead = refused_url().replace("://", "://user:proxy-pass@");
    for (proxy, timeout) in
        [(with_login(&refusing), "20s"), (dead, "1s"), ("http://[:proxy-pass@".to_owned(), "1s")]
    {
        let cache = cache();
        let call = Call::new("get", &server, cache.path()).env("HTTPS_PROXY", proxy);
        let done = call.args(["--error-format", "json", "--timeout", timeout]).run();
        done.keeps_to_itself(["proxy-pass", "user:proxy-pass"]);
        done.refused();
    }
}

#[test]
fn that_is_not_spoken_is_an_error_and_never_gone_around() {
    for proxy in ["socks5://127.0.0.1:1080", "nonsense://x", "ftp://proxy.example"] {
        let server = tls();
        let error = through(proxy, &server, "").refused();
        assert_eq!(error.category, Category::Usage, "{proxy}");
        assert!(error.message.contains("HTTPS_PROXY is not the URL of an HTTP proxy"), "{error:?}");
        assert_eq!(server.log().len(), 0, "{proxy}");
    }
}

#[test]
fn may_be_named_without_a_scheme() {
    let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Forward));
    let bare = proxy.url().replace("http://", "");
    assert_eq!(through(&bare, &server, "").token(), server.tokens()[0]);
    assert_eq!(proxy.connects(), [host(&server)]);
}

#[test]
fn is_left_out_for_the_hosts_of_no_proxy() {
    for except in ["localhost", "example.com, localhost", "*"] {
        let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Refuse407));
        assert_eq!(through(&proxy.url(), &server, except).token(), server.tokens()[0], "{except}");
        assert_eq!(proxy.connects().len(), 0);
    }
    let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Forward));
    assert_eq!(through(&proxy.url(), &server, "elsewhere.example").token(), server.tokens()[0]);
    assert_eq!(proxy.connects().len(), 1);
}

#[test]
fn is_read_as_curl_does_and_never_for_plain_http() {
    let (https, http) = (tls(), LoginServer::start(Behaviour::default()));
    let rows = [
        (&https, "https_proxy", true),
        (&https, "ALL_PROXY", true),
        (&https, "all_proxy", true),
        (&https, "http_proxy", false),
        (&http, "http_proxy", false),
        (&http, "all_proxy", false),
        (&http, "HTTP_PROXY", false),
        (&http, "HTTPS_PROXY", false),
    ];
    for (server, variable, used) in rows {
        let (proxy, cache) = (Proxy::start(ProxyBehaviour::Forward), cache());
        let call = Call::new("get", server, cache.path()).env(variable, proxy.url());
        assert_eq!(Some(call.run().token()), server.tokens().last().map(String::as_str), "{variable}");
        assert_eq!(proxy.connects().len(), usize::from(used), "{variable}");
    }
}
