//! What the store says when something is wrong, and that it takes no longer than it may.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use genesys_token::store::{Address, Credentials, RedisStore, SharedStore, StoreFault};
use genesys_token::time::{Clock as _, SystemClock};
use loopback_login_server::Certificate;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::harness::redis_server::{RedisServer, address};
use crate::harness::temporary_dir;
use crate::{LIMIT, PLENTY, holder, lease, name, store};

/// What a look comes to.
fn look(store: &RedisStore) -> Result<(), String> {
    store.look(&[name(".token")], &lease()).map(drop).map_err(|fault| fault.to_string())
}

#[track_caller]
fn assert_refused(server: &RedisServer, credentials: Credentials, words: &str) {
    let clock = SystemClock::start();
    let store = RedisStore::new(server.address(), credentials, None, PLENTY, &clock);
    let lease = store.take_lease(&lease(), &holder("one"), Duration::from_secs(9));
    assert_eq!(lease.map_err(|fault| fault.to_string()), Err(words.to_owned()));
}

#[test]
fn a_server_says_why_it_refuses() {
    let none = Credentials::default;
    let with = |password: &str| Credentials { username: None, password: Some(password.into()) };
    let server = RedisServer::with("requirepass right");
    assert_refused(&server, none(), "it requires a password");
    assert_refused(&server, with("wrong"), "it refuses the user and the password");
    assert_refused(&RedisServer::with("user default on nopass ~* -@all"), none(), "it denies SET");
    assert_refused(&RedisServer::with("maxmemory 1"), none(), "it is out of memory");
    let clustered = "it is a cluster, whose redirects are not followed";
    assert_refused(&RedisServer::with("cluster-enabled yes"), none(), clustered);
    let primary = RedisServer::start();
    let replica = RedisServer::with(&format!("replicaof 127.0.0.1 {}", primary.port()));
    assert_refused(&replica, none(), "it is a replica, which can't be written");
    let full = RedisServer::with("maxclients 1");
    let _other = full.only_client();
    assert_refused(&full, none(), "it has too many clients");
}

#[test]
fn each_denied_command_is_named() {
    let all = ["get", "getrange", "set", "del", "watch", "unwatch", "multi", "exec", "pttl", "time"];
    for denied in ["getrange", "pttl", "time", "multi", "watch", "set"] {
        let rights: Vec<_> = all.iter().filter(|command| **command != denied).copied().collect();
        let rights = rights.join(" +");
        let server = RedisServer::with(&format!("user default on nopass ~* -@all +{rights}"));
        let clock = SystemClock::start();
        let store = store(server.address(), &clock);
        let looked = look(&store);
        let put = || genesys_token::store::Put {
            name: name(".token"),
            value: b"a".to_vec(),
            life: Duration::from_secs(9),
        };
        let updated = store.update(&[name(".token")], &lease(), &holder("one"), &mut |_| vec![put()]);
        let said = looked.err().or(updated.map_err(|fault| fault.to_string()).err());
        assert_eq!(said, Some(format!("it denies {}", denied.to_uppercase())), "{denied}");
    }
}

#[test]
fn nobody_there_is_told_from_no_name() {
    let clock = SystemClock::start();
    let mut server = RedisServer::start();
    let there = store(server.address(), &clock);
    look(&there).expect("it answers");
    server.kill();
    assert_eq!(look(&there), Err("it closed the connection".to_owned()));
    let said = look(&there).expect_err("it is gone");
    assert!(said.starts_with("it can't be reached: "), "{said}");
    let said = look(&store(address("redis://nowhere.invalid"), &clock)).expect_err("there is no such name");
    assert!(said.starts_with("its name was not found: "), "{said}");
}

/// A listener on loopback that does this with each connection.
fn listener(serve: impl Fn(TcpStream) + Send + 'static) -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    address(&format!("redis://127.0.0.1:{port}"))
}

#[test]
fn what_is_no_redis_is_found_out() {
    for answer in [
        b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(),
        b"+OK\r\n:1\r\n$-1\r\n*0\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n",
        b"\x15\x03\x01\x00\x02\x02\x0a",
        b"*99999999\r\n",
    ] {
        let address = listener(move |mut socket| {
            let _ = socket.read(&mut [0; 1024]);
            let _ = socket.write_all(answer);
        });
        let clock = SystemClock::start();
        let store = store(address, &clock);
        let fault = store.look(&[name(".token")], &lease()).expect_err("no look");
        assert!(matches!(fault, StoreFault::Foreign | StoreFault::Closed), "{answer:?}: {fault:?}");
    }
}

#[test]
fn an_answer_without_an_end_is_cut_off() {
    let address = listener(|mut socket| {
        let _ = socket.read(&mut [0; 1024]);
        let _ = socket.write_all(b"$999999999999\r\n");
        while socket.write_all(&[b'x'; 8_192]).is_ok() {}
    });
    let clock = SystemClock::start();
    assert_eq!(look(&store(address, &clock)), Err("what answers there is no Redis or Valkey".to_owned()));
}

/// A drip without an end would hang a store whose time is limited for each read.
#[test]
fn silence_and_a_drip_end_when_the_time_of_the_call_is_over() {
    let silent = listener(std::mem::forget);
    let dripping = listener(|mut socket| {
        while socket.write_all(b"+").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    for address in [silent, dripping] {
        let clock = SystemClock::start();
        let store = RedisStore::new(address, Credentials::default(), None, LIMIT, &clock);
        assert_eq!(look(&store), Err("it did not answer in time".to_owned()));
        let spent = clock.elapsed();
        assert_eq!(look(&store), Err("it did not answer in time".to_owned()));
        assert!(spent >= LIMIT, "{spent:?}");
    }
}

/// What trusts this CA.
fn trusting(ca: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).expect("a certificate")).expect("a CA");
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("ring has them");
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}

#[test]
fn tls_is_spoken_and_its_certificate_is_checked() {
    let dir = temporary_dir();
    let pem = Certificate::Good.write_pem(dir.path());
    let (certificate, key) = (pem.certificate.display(), pem.private_key.display());
    let tls = format!("tls-port PORT\ntls-cert-file {certificate}\ntls-key-file {key}\ntls-auth-clients no");
    let server = RedisServer::with(&tls);
    let clock = SystemClock::start();
    let secured = address(&format!("rediss://localhost:{}/0", server.port()));
    let within = |limit, address: &Address, ca: &Path| {
        let config = Some(trusting(ca));
        look(&RedisStore::new(address.clone(), Credentials::default(), config, limit, &clock))
    };
    let at = |address: &Address, ca: &Path| within(PLENTY, address, ca);
    assert_eq!(at(&secured, &pem.ca), Ok(()));
    let other = temporary_dir();
    let other = Certificate::Good.write_pem(other.path());
    let said = at(&secured, &other.ca).expect_err("an unknown CA");
    assert!(said.starts_with("TLS failed: invalid peer certificate: "), "{said}");
    let plain = RedisServer::start();
    let without = address(&format!("rediss://localhost:{}", plain.port()));
    let said = within(LIMIT, &without, &pem.ca).expect_err("no TLS");
    assert_eq!(said, "TLS failed: no answer in time, as from a port without TLS");
    let said = look(&store(server.address(), &clock)).expect_err("TLS alone");
    assert!(
        ["it closed the connection", "what answers there is no Redis or Valkey"].contains(&said.as_str()),
        "{said}"
    );
}
