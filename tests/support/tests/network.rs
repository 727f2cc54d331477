//! The network between a client and the login host: a proxy, a host that never answers, a port that refuses.

#![allow(missing_docs)]

mod client;

use client::{connect, exchange, token_request};
use loopback_login_server::{Behaviour, BlackHole, LoginServer, Proxy, ProxyBehaviour, refused_url};
use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

fn host(server: &LoginServer) -> String {
    server.login_url().trim_start_matches("http://").to_owned()
}

#[test]
fn a_proxy_tunnels_and_records_the_target_and_the_credentials() {
    let server = LoginServer::start(Behaviour::default());
    let proxy = Proxy::start(ProxyBehaviour::Forward);
    let target = host(&server);
    let mut tunnel = connect(&proxy.url()).unwrap();
    write!(tunnel, "CONNECT {target} HTTP/1.1\r\nProxy-Authorization: Basic abc\r\n\r\n").unwrap();
    let mut established = [0; 39];
    tunnel.read_exact(&mut established).unwrap();
    assert_eq!(&established, b"HTTP/1.1 200 Connection established\r\n\r\n");
    assert_eq!(exchange(tunnel, &token_request()).unwrap().status, 200);
    assert_eq!(
        (proxy.connects(), proxy.authorizations()),
        (vec![target], vec![Some("Basic abc".to_owned())])
    );
}

#[test]
fn a_proxy_forwards_plain_http_requests() {
    let server = LoginServer::start(Behaviour::default());
    let proxy = Proxy::start(ProxyBehaviour::Forward);
    let request = token_request().replace("/oauth/token", &format!("{}/oauth/token", server.login_url()));
    assert_eq!(exchange(connect(&proxy.url()).unwrap(), &request).unwrap().status, 200);
    assert_eq!((server.log()[0].path.as_str(), proxy.connects()), ("/oauth/token", vec![host(&server)]));
}

#[test]
fn a_proxy_can_require_credentials_and_never_connects_to_another_machine() {
    let through = |behaviour| {
        let proxy = Proxy::start(behaviour);
        let request = "CONNECT login.mypurecloud.com:443 HTTP/1.1\r\n\r\n";
        let status = exchange(connect(&proxy.url()).unwrap(), request).unwrap().status;
        (status, proxy.connects(), proxy.authorizations())
    };
    let target = vec!["login.mypurecloud.com:443".to_owned()];
    assert_eq!(through(ProxyBehaviour::Refuse(407)), (407, target.clone(), vec![None]));
    assert_eq!(through(ProxyBehaviour::Forward), (502, target, vec![None]));
}

#[test]
fn a_proxy_connects_a_mapped_target_and_can_change_its_mind() {
    let server = LoginServer::start(Behaviour::default());
    let proxy = Proxy::start(ProxyBehaviour::Refuse(403));
    proxy.map("login.mypurecloud.com:80", &server.login_url());
    let request = token_request().replace("/oauth/token", "http://login.mypurecloud.com/oauth/token");
    let status = || exchange(connect(&proxy.url()).unwrap(), &request).unwrap().status;
    assert_eq!(status(), 403);
    proxy.set(ProxyBehaviour::Forward);
    assert_eq!(status(), 200);
}

#[test]
fn a_black_hole_accepts_connections_and_never_answers() {
    let hole = BlackHole::start();
    let mut stream = connect(&hole.url()).unwrap();
    stream.write_all(token_request().as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let error = stream.read(&mut [0]).expect_err("no answer");
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
    assert_eq!(hole.connections(), 1);
}

#[test]
fn the_refused_url_refuses_connections_and_never_changes() {
    assert_eq!(connect(&refused_url()).err().unwrap().kind(), ErrorKind::ConnectionRefused);
    assert_eq!(refused_url(), refused_url());
}
