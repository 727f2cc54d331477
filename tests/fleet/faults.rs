//! What a shared cache in trouble costs: a warning, its time, and one request more per machine. Never an error, and never
//! a wrong token. A store whose clock jumps is in tests/broker/fleet.rs: redis-server does not run under libfaketime.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use loopback_login_server::Certificate;

use crate::fleet::{ACL, Fleet};
use crate::harness::redis_server::RedisServer;
use crate::harness::{Call, temporary_dir};

/// One machine has a token, which is in the shared cache. Then `change` makes the trouble, and three new machines ask, each
/// twice. Each gets a token that is alive, with at most one request of its own, and its line says `words`.
#[track_caller]
fn machines_are_served(fleet: &Fleet, words: &str, change: impl Fn(Call) -> Call) {
    for machine in 1..=3 {
        let before = fleet.scene.server.token_requests();
        let done = change(fleet.on(machine, "get").any_stdout().any_stderr()).success();
        assert!(fleet.scene.server.tokens().contains(&done.token().to_owned()), "{words}: {}", done.stderr);
        assert!(done.stderr.contains(words), "{words:?} is not in {}", done.stderr);
        let again = change(fleet.on(machine, "get").reused()).success();
        assert_eq!(again.token(), done.token(), "{words}");
        assert!(fleet.scene.server.token_requests() <= before + 1, "{words}");
    }
}

fn with_token() -> Fleet {
    let fleet = Fleet::new();
    fleet.get(0).success();
    fleet
}

fn at(address: String) -> impl Fn(Call) -> Call {
    move |call| call.env("GENESYS_TOKEN_SHARED_CACHE", &address)
}

#[test]
fn it_is_down_or_has_no_name() {
    let mut fleet = with_token();
    fleet.redis.kill();
    machines_are_served(&fleet, "; warning: not shared: it can't be reached: ", |call| call);
    let nowhere = at("redis://nowhere.invalid".to_owned());
    machines_are_served(&with_token(), "; warning: not shared: its name was not found: ", nowhere);
}

/// A listener that does this with each connection; its URL.
fn listener(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(socket));
        }
    });
    format!("redis://127.0.0.1:{port}")
}

#[test]
fn it_is_a_black_hole_or_drips_or_is_something_else() {
    let silent = listener(std::mem::forget);
    let drips = listener(|mut socket| {
        while socket.write_all(b"+").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    for address in [silent, drips] {
        let words = "; warning: not shared: it did not answer in time";
        machines_are_served(&with_token(), words, at(address));
    }
    let web = listener(|mut socket| {
        let _ = socket.read(&mut [0; 1024]);
        let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let words = "; warning: not shared: what answers there is no Redis or Valkey";
    machines_are_served(&with_token(), words, at(web));
}

/// Passes on what a client asks, so many times; then it hangs up, before or after the store has done it.
fn hanging_up(port: u16, after: usize, is_done: bool) -> String {
    let asked = AtomicUsize::new(0);
    listener(move |client| {
        let Ok(store) = TcpStream::connect(("127.0.0.1", port)) else { return };
        let (mut from, mut to) = (client, store);
        let mut buffer = vec![0; 100_000];
        loop {
            let Ok(read @ 1..) = from.read(&mut buffer) else { return };
            let is_last = asked.fetch_add(1, Ordering::SeqCst) >= after;
            if is_last && !is_done {
                return;
            }
            if to.write_all(&buffer[..read]).is_err() {
                return;
            }
            // What is asked at once is answered at once.
            thread::sleep(Duration::from_millis(20));
            let Ok(read @ 1..) = to.read(&mut buffer) else { return };
            if is_last || from.write_all(&buffer[..read]).is_err() {
                return;
            }
        }
    })
}

#[test]
fn it_dies_at_each_question_of_a_call_that_fetches() {
    // A look, the lease, another look, what is to be changed, and the change.
    for question in 0..5 {
        for is_done in [false, true] {
            let fleet = Fleet::new();
            let call = fleet.on(1, "get").any_stdout().any_stderr();
            let call = at(hanging_up(fleet.redis.port(), question, is_done))(call);
            let done = call.clone().success();
            let words = "; warning: not shared: it closed the connection";
            assert!(done.stderr.contains(words), "{question} {is_done}: {}", done.stderr);
            assert_eq!(call.success().token(), done.token(), "{question} {is_done}");
            // The machine may have left its lease behind, which ends by itself.
            let other = fleet.get(2).args(["--timeout", "8s"]).success();
            assert!(fleet.scene.server.tokens().contains(&other.token().to_owned()), "{question}");
            assert!(fleet.scene.server.token_requests() <= 2, "{question} {is_done}");
        }
    }
}

#[test]
fn it_was_flushed_or_evicts_or_failed_over_to_a_replica_that_lags() {
    let fleet = with_token();
    fleet.redis(["FLUSHALL"]);
    machines_are_served(&fleet, "", |call| call);
    assert_eq!(fleet.scene.server.token_requests(), 2);
    let fleet = with_token();
    let [token, _, _, lease] = fleet.names();
    fleet.redis(["DEL", &token, &lease]);
    machines_are_served(&fleet, "", |call| call);
    assert_eq!(fleet.scene.server.token_requests(), 2);
    let fleet = with_token();
    let replica = RedisServer::start();
    machines_are_served(&fleet, "", at(format!("redis://127.0.0.1:{}", replica.port())));
    assert_eq!(fleet.scene.server.token_requests(), 2);
}

#[test]
fn it_is_full_or_a_replica_or_denies_a_command_or_the_login() {
    let full = Fleet::configured("maxmemory 1\nmaxmemory-policy noeviction");
    machines_are_served(&full, "; warning: not shared: it is out of memory", |call| call);
    let primary = RedisServer::start();
    let replica = Fleet::configured(&format!("replicaof 127.0.0.1 {}", primary.port()));
    machines_are_served(&replica, "; warning: not shared: it is a replica, which can't be written", |call| {
        call
    });
    for command in ["getrange", "set", "watch", "multi", "exec", "pttl", "time"] {
        let rights = ACL.replace(&format!(" +{command}"), "");
        let fleet = Fleet::configured(&rights);
        let with_login = |call: Call| {
            let call = call.env("GENESYS_TOKEN_SHARED_CACHE_USERNAME", "genesys");
            call.env("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", "store-password")
        };
        let words = format!("; warning: not shared: it denies {}", command.to_uppercase());
        machines_are_served(&fleet, &words, with_login);
    }
    let wrong = |call: Call| {
        let call = call.env("GENESYS_TOKEN_SHARED_CACHE_USERNAME", "genesys");
        call.env("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", "another")
    };
    let words = "; warning: not shared: it refuses the user and the password";
    machines_are_served(&Fleet::configured(ACL), words, wrong);
    let words = "; warning: not shared: it requires a password";
    machines_are_served(&Fleet::configured("requirepass some"), words, |call| call);
}

#[test]
fn its_certificate_is_of_another_ca() {
    let dir = temporary_dir();
    let pem = Certificate::Good.write_pem(dir.path());
    let (certificate, key) = (pem.certificate.display(), pem.private_key.display());
    let lines =
        format!("tls-port PORT\ntls-cert-file {certificate}\ntls-key-file {key}\ntls-auth-clients no");
    let fleet = Fleet::configured(&lines);
    let secured = at(format!("rediss://localhost:{}", fleet.redis.port()));
    let other = temporary_dir();
    let other = Certificate::Good.write_pem(other.path());
    let trusting = |ca: &std::path::Path| {
        let (secured, ca) = (&secured, ca.to_owned());
        move |call: Call| secured(call).env("GENESYS_TOKEN_SHARED_CACHE_CA_CERT", &ca)
    };
    let words = "; warning: not shared: TLS failed: invalid peer certificate: ";
    machines_are_served(&fleet, words, trusting(&other.ca));
    let shared = |machine| trusting(&pem.ca)(fleet.on(machine, "get"));
    shared(4).fetched("no entry").success();
    let line = "reused token of client 1111…5555 at HOST, * left (from the shared cache)";
    shared(5).provided(line).success();
}

#[test]
fn foreign_bytes_and_large_values_are_no_records() {
    for is_large in [false, true] {
        let fleet = with_token();
        let [token, dropped, failure, _] = fleet.names();
        for name in [&token, &dropped, &failure] {
            if is_large {
                fleet.redis(["SETRANGE", name, "209715199", "x"]);
                fleet.redis(["PEXPIRE", name, "600000"]);
            } else {
                fleet.redis(["SET", name, "\u{7f}foreign", "PX", "600000"]);
            }
        }
        machines_are_served(&fleet, "", |call| call);
        assert_eq!(fleet.scene.server.token_requests(), 2);
    }
    let fleet = with_token();
    for name in fleet.names() {
        fleet.redis(["DEL", &name]);
        fleet.redis(["LPUSH", &name, "x"]);
    }
    machines_are_served(&fleet, "", |call| call);
}

#[test]
fn a_lease_that_is_none_of_ours_holds_nobody_up() {
    for is_list in [false, true] {
        let fleet = Fleet::new();
        let [_, _, _, lease] = fleet.names();
        if is_list {
            fleet.redis(["LPUSH", &lease, "x"]);
        } else {
            fleet.redis(["SET", &lease, "x"]);
        }
        let words = "; warning: not shared: the lease there is none of ours";
        let done = fleet.on(0, "get").any_stdout().any_stderr().success();
        assert!(done.stderr.contains(words), "{}", done.stderr);
        machines_are_served(&fleet, "(from the shared cache)", |call| call);
    }
}

#[test]
fn a_token_that_was_put_back_with_a_longer_life_is_none() {
    let fleet = with_token();
    let [token, ..] = fleet.names();
    let bytes = String::from_utf8(fleet.redis_bytes(["GET", &token])).expect("two lines of text");
    fleet.redis(["SET", &token, bytes.strip_suffix('\n').expect("redis-cli adds one"), "PX", "99999999999"]);
    fleet.on(1, "get").fetched("no entry").success();
}
