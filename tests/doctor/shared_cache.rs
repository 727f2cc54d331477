//! A cache that machines share: a good one, everything that may be there instead, and what is found out about it.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use loopback_login_server::{Certificate, refused_url};
use serde_json::Value;

use crate::findings::{findings, named};
use crate::harness::redis_server::RedisServer;
use crate::harness::{Call, Expected, Scene, temporary_dir};

const PASSWORD: &str = "redis-pa55-word";

/// The doctor with this shared cache, and with enough time for a busy machine.
fn doctor(scene: &Scene, address: &str) -> Call {
    let call = scene.call("doctor").args(["--timeout", "80s"]).env("GENESYS_TOKEN_SHARED_CACHE", address);
    call.env("GENESYS_TOKEN_SHARED_CACHE_TIMEOUT", "20s")
}

fn url(server: &RedisServer) -> String {
    format!("redis://127.0.0.1:{}", server.port())
}

/// What is found out about the shared cache; nothing else is wrong.
#[track_caller]
fn shared(scene: &Scene, call: Call) -> Vec<Value> {
    let checks = findings(scene, call, 0);
    let (shared, others): (Vec<Value>, Vec<Value>) = checks
        .into_iter()
        .partition(|check| check["name"].as_str().unwrap_or_default().starts_with("shared"));
    assert!(others.iter().all(|check| check["status"] == "ok"), "{others:#?}");
    shared
}

/// Fails unless the last finding about the shared cache is this warning. In each text a `*` stands for anything.
#[track_caller]
fn assert_warns(scene: &Scene, call: Call, check: &str, [detail, cause, fix]: [&str; 3]) {
    let shared = shared(scene, call);
    let last = shared.last().expect("a finding");
    assert_eq!((&last["name"], &last["status"]), (&check.into(), &"warning".into()), "{shared:#?}");
    for (field, expected) in [("detail", detail), ("cause", cause), ("fix", fix)] {
        let actual = last[field].as_str().unwrap_or_default();
        assert!(
            Expected::Text(expected.to_owned()).matches(actual),
            "{field} is not {expected:?}:\n{last:#}"
        );
    }
}

/// A server with this configuration, which is no shared cache for this reason.
#[track_caller]
fn assert_server_warns(lines: &str, detail: &str, cause: &str, fix: &str) {
    let (scene, server) = (Scene::new(), RedisServer::with(lines));
    let detail = format!("127.0.0.1:{}: {detail}", server.port());
    assert_warns(&scene, doctor(&scene, &url(&server)), "shared cache", [&detail, cause, fix]);
}

#[test]
fn a_good_one_is_reached_allows_all_and_holds_a_lease_and_nothing_is_left_there() {
    let (scene, server) = (Scene::new(), RedisServer::start());
    let shared = shared(&scene, doctor(&scene, &url(&server)));
    let expected = [
        (
            "shared cache",
            format!("127.0.0.1:{}, without TLS, without a login; it answers in * ms", server.port()),
        ),
        ("shared rights", "every command of a call is allowed".to_owned()),
        ("shared lease", "holds between two connections; all that a call asks takes * ms".to_owned()),
        ("shared memory", "noeviction: its memory has no limit, so that nothing is evicted".to_owned()),
    ];
    assert_eq!(shared.len(), expected.len(), "{shared:#?}");
    for (check, (name, detail)) in shared.iter().zip(expected) {
        assert_eq!((&check["name"], &check["status"]), (&name.into(), &"ok".into()), "{check:#}");
        let actual = check["detail"].as_str().expect("text");
        assert!(Expected::Text(detail).matches(actual), "{check:#}");
    }
    assert_eq!(server.answer("DBSIZE"), ":0");
}

#[test]
fn a_login_and_tls_are_named_and_the_rights_of_the_pages_suffice() {
    let dir = temporary_dir();
    let pem = Certificate::Good.write_pem(dir.path());
    let (certificate, key) = (pem.certificate.display(), pem.private_key.display());
    let rights = "-@all +get +getrange +set +del +watch +unwatch +multi +exec +pttl +time +ping";
    let server = RedisServer::with(&format!(
        "tls-port PORT\ntls-cert-file {certificate}\ntls-key-file {key}\ntls-auth-clients no\nuser default off\n\
         user fleet on >{PASSWORD} ~genesys-token:* resetchannels {rights}"
    ));
    let scene = Scene::new();
    let address = format!("rediss://localhost:{}", server.port());
    let call = |name, value| {
        let call = doctor(&scene, &address).env("GENESYS_TOKEN_SHARED_CACHE_USERNAME", "fleet");
        call.env("GENESYS_TOKEN_SHARED_CACHE_CA_CERT", &pem.ca).env(name, value)
    };
    let found = shared(&scene, call("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", PASSWORD));
    let names: Vec<&str> = found.iter().filter_map(|check| check["name"].as_str()).collect();
    // The user may not ask for the policy.
    assert_eq!(names, ["shared cache", "shared rights", "shared lease"], "{found:#?}");
    let expected = format!(
        "localhost:{}, over TLS, verified against {}, as user fleet; it answers in * ms",
        server.port(),
        pem.ca.display()
    );
    assert!(Expected::Text(expected).matches(found[0]["detail"].as_str().expect("text")), "{found:#?}");
    let other = temporary_dir();
    let other = Certificate::Good.write_pem(other.path());
    let untrusted = call("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", PASSWORD);
    let untrusted = untrusted.env("GENESYS_TOKEN_SHARED_CACHE_CA_CERT", &other.ca);
    let texts = ["localhost:*: TLS failed: *", "its certificate is not trusted here*", "give its CA in *"];
    assert_warns(&scene, untrusted, "shared cache", texts);
    let plain = doctor(&scene, &url(&server));
    let texts = ["127.0.0.1:*: *", "the port has TLS, or is another service's", "write rediss:// for TLS; *"];
    assert_warns(&scene, plain, "shared cache", texts);
}

#[test]
fn an_unused_user_is_a_warning() {
    let (scene, server) = (Scene::new(), RedisServer::start());
    let call = doctor(&scene, &format!("redis://fleet@127.0.0.1:{}", server.port()));
    let found = shared(&scene, call);
    assert_eq!(found[1]["detail"], "the user fleet is not logged in", "{found:#?}");
    assert_eq!(found[1]["status"], "warning");
}

#[test]
fn a_wrong_a_missing_and_a_needless_password_are_told_apart_and_none_is_shown() {
    let scene = Scene::new();
    let with = RedisServer::with("requirepass another-password");
    let without = RedisServer::start();
    for (server, password, texts) in [
        (
            &with,
            PASSWORD,
            ["*: it refuses the user and the password", "they are of another server, *", "correct *"],
        ),
        (&with, "", ["*: it requires a password", "no password is given", "give it in *"]),
        (
            &without,
            PASSWORD,
            ["*: a password is given, and its default user has none", "*", "set requirepass *"],
        ),
    ] {
        let call = doctor(&scene, &url(server)).env("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", password);
        assert_warns(&scene, call.clone(), "shared cache", texts);
        call.any_stdout().success().leaks_nothing([PASSWORD]);
    }
}

#[test]
fn what_is_there_instead_is_named() {
    let primary = RedisServer::start();
    let replica = format!("replicaof 127.0.0.1 {}", primary.port());
    let copy =
        ["the address is that of a copy", "give the address of the primary, or a name that moves with it"];
    assert_server_warns(&replica, "it is a replica, which can't be written", copy[0], copy[1]);
    assert_server_warns(
        "cluster-enabled yes",
        "it is a cluster, whose redirects are not followed",
        "it keeps names on several servers, and says to which to go",
        "give a single endpoint: *",
    );
    assert_server_warns(
        "sentinel monitor primary 127.0.0.1 6379 2",
        "it is a Sentinel, and no store",
        "a Sentinel says where the primary is, *",
        "give the address of the primary, *",
    );
    assert_server_warns(
        "maxmemory 1",
        "it is out of memory",
        "its memory is full, and its policy evicts nothing",
        "raise its maxmemory; *",
    );
}

#[test]
fn every_denied_command_and_a_denied_prefix_are_named_with_the_command_that_grants_them() {
    let scene = Scene::new();
    let server = RedisServer::with("user default on nopass ~* -@all +time +getrange +pttl +multi +exec +del");
    let texts = [
        "it denies SET, WATCH, UNWATCH",
        "its list of rights (ACL) *",
        "have its administrator run: ACL SETUSER default +set +watch +unwatch",
    ];
    assert_warns(&scene, doctor(&scene, &url(&server)), "shared rights", texts);
    let server =
        RedisServer::with("user default on nopass ~* -@all +time +getrange +pttl +watch +unwatch +set +del");
    let texts =
        ["it denies MULTI, EXEC", "*", "have its administrator run: ACL SETUSER default +multi +exec"];
    assert_warns(&scene, doctor(&scene, &url(&server)), "shared rights", texts);
    assert_server_warns(
        "user default on nopass ~other:* +@all",
        "it denies SET for names of this prefix",
        "its list of rights (ACL) has other names for this user",
        "have its administrator run: ACL SETUSER default ~genesys-token:*",
    );
}

#[test]
fn too_many_clients_are_told_from_nobody_there() {
    let scene = Scene::new();
    let server = RedisServer::with("maxclients 1");
    let _other = server.only_client();
    let texts =
        ["*: it has too many clients", "as many as its maxclients are connected", "raise its maxclients; *"];
    assert_warns(&scene, doctor(&scene, &url(&server)), "shared cache", texts);
    let texts = ["*: it can't be reached: *", "nothing listens there, or *", "start it; *"];
    let nobody = refused_url().replace("http:", "redis:");
    assert_warns(&scene, doctor(&scene, &nobody), "shared cache", texts);
    let texts =
        ["nowhere.invalid:6379: its name was not found: *", "the name is wrong, *", "correct the host of *"];
    assert_warns(&scene, doctor(&scene, "nowhere.invalid"), "shared cache", texts);
    let call =
        doctor(&scene, "nowhere.invalid").env("GENESYS_TOKEN_SHARED_CACHE_PASSWORD_FILE", "/nonexistent");
    let texts = ["*: cannot read its password from /nonexistent: *", "a file that *", "correct *"];
    assert_warns(&scene, call, "shared cache", texts);
}

/// The address of a listener that does this with each connection.
fn listener(serve: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    format!("redis://127.0.0.1:{port}")
}

/// Answers each command by its name, and closes the connection where there is no answer.
fn answering(answer: fn(&str) -> Option<&'static str>) -> String {
    listener(move |mut connection| {
        let mut bytes = [0; 1024];
        while let Ok(length @ 1..) = connection.read(&mut bytes) {
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            let Some(answer) = text.lines().nth(2).and_then(answer) else { return };
            if connection.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    })
}

#[test]
fn a_proxy_without_transactions_a_server_that_loads_and_another_service_are_named() {
    let scene = Scene::new();
    let proxy =
        ["a proxy stands there that knows no transactions", "give the address of Redis or Valkey itself, *"];
    let closing = answering(|command| (command == "PING").then_some("+PONG\r\n"));
    let texts = ["*: it closes the connection at a command that calls need", proxy[0], proxy[1]];
    assert_warns(&scene, doctor(&scene, &closing), "shared cache", texts);
    let saying = answering(|command| match command {
        "TIME" => Some("*2\r\n$1\r\n1\r\n$1\r\n1\r\n"),
        "SET" | "WATCH" | "UNWATCH" => Some("+OK\r\n"),
        "GETRANGE" => Some("$0\r\n\r\n"),
        "PTTL" => Some(":1\r\n"),
        _ => Some("-ERR unknown command 'MULTI'\r\n"),
    });
    let texts = ["*: it does not know MULTI, as a proxy or a Sentinel does not", proxy[0], proxy[1]];
    assert_warns(&scene, doctor(&scene, &saying), "shared cache", texts);
    let loading = answering(|_| Some("-LOADING Redis is loading the dataset in memory\r\n"));
    let texts = ["*: it is still loading its data", "it was started a moment ago", "try again *"];
    assert_warns(&scene, doctor(&scene, &loading), "shared cache", texts);
    let other = answering(|_| Some("HTTP/1.1 400 Bad Request\r\n\r\n"));
    let texts =
        ["*: what answers there is no Redis or Valkey", "*", "write rediss:// for TLS; correct the port"];
    assert_warns(&scene, doctor(&scene, &other), "shared cache", texts);
    let silent = doctor(&scene, &listener(std::mem::forget)).env("GENESYS_TOKEN_SHARED_CACHE_TIMEOUT", "1s");
    let texts =
        ["*: it did not answer in time", "a firewall drops the packets, *", "have the firewall let *"];
    assert_warns(&scene, silent, "shared cache", texts);
}

/// Copies what comes in on one connection to the other, until either ends.
fn copy(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}

#[test]
fn servers_that_know_nothing_of_each_other_behind_one_address_hold_no_lease() {
    let (scene, servers) = (Scene::new(), [RedisServer::start(), RedisServer::start()]);
    let ports = servers.each_ref().map(RedisServer::port);
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let address = listener(move |client| {
        let turn = turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let server = TcpStream::connect(("127.0.0.1", ports[turn % 2])).expect("it runs");
        let copies = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
        thread::spawn(move || copy(client, server));
        thread::spawn(move || copy(copies.1, copies.0));
    });
    let texts = [
        "does not hold between two connections",
        "several servers answer at this address, each with data of its own",
        "give the address of one server, or of a primary with its replicas",
    ];
    let found = shared(&scene, doctor(&scene, &address));
    let lease = named(&found, "shared lease");
    assert_eq!([&lease["detail"], &lease["cause"], &lease["fix"]], texts, "{found:#?}");
}

#[test]
fn a_slow_one_that_still_answers_is_a_warning_with_both_times() {
    let (scene, server) = (Scene::new(), RedisServer::start());
    let port = server.port();
    let address = listener(move |client| {
        let server = TcpStream::connect(("127.0.0.1", port)).expect("it runs");
        let copies = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
        thread::spawn(move || copy(client, server));
        thread::spawn(move || {
            let (mut from, mut to) = (copies.1, copies.0);
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = from.read(&mut bytes) {
                thread::sleep(std::time::Duration::from_millis(250));
                if to.write_all(&bytes[..length]).is_err() {
                    return;
                }
            }
        });
    });
    let call = doctor(&scene, &address).env("GENESYS_TOKEN_SHARED_CACHE_TIMEOUT", "1s");
    let found = shared(&scene, call);
    let lease = named(&found, "shared lease");
    assert_eq!(lease["status"], "warning", "{found:#?}");
    let cause = lease["cause"].as_str().expect("text");
    assert!(cause.starts_with("a call asks no longer than 1000.00 ms"), "{found:#?}");
}

#[test]
fn what_happens_when_its_memory_is_full_is_said() {
    let scene = Scene::new();
    for (lines, detail) in [
        (
            "maxmemory 100mb",
            "noeviction: when its memory is full it takes no more, and tokens are not shared",
        ),
        (
            "maxmemory 100mb\nmaxmemory-policy allkeys-lru",
            "allkeys-lru: when its memory is full it may evict tokens, which are then requested again",
        ),
    ] {
        let server = RedisServer::with(lines);
        let found = shared(&scene, doctor(&scene, &url(&server)));
        assert_eq!(named(&found, "shared memory")["detail"], detail, "{found:#?}");
    }
}
