//! What the store does when all is well.

use std::cell::Cell;
use std::time::Duration;

use genesys_token::store::{Credentials, LeaseState, Look, Put, RedisStore, SharedStore, StoreFault};
use genesys_token::time::SystemClock;

use crate::harness::entry::now;
use crate::harness::redis_server::{RedisServer, address};
use crate::{PLENTY, holder, lease, name, store};

const LIFE: Duration = Duration::from_secs(100);

fn put(suffix: &str, value: &[u8]) -> Put {
    Put { name: name(suffix), value: value.to_vec(), life: LIFE }
}

fn values(look: &Look) -> Vec<Option<Vec<u8>>> {
    look.records.iter().map(|record| record.as_ref().map(|record| record.value.clone())).collect()
}

#[test]
fn what_is_put_is_seen_by_another_machine_with_its_end_and_the_stores_time() {
    let server = RedisServer::start();
    let clock = SystemClock::start();
    let (one, other) = (store(server.address(), &clock), store(server.address(), &clock));
    let names = [name(".token"), name(".note")];
    let before = now();
    let look = other.look(&names, &lease()).expect("it answers");
    assert_eq!((values(&look), look.lease), (vec![None, None], LeaseState::Free));
    assert!(look.time.since(before) < PLENTY && before.since(look.time) < Duration::from_secs(1));
    let every_byte: Vec<u8> = (0..=255).collect();
    one.update(&names, &lease(), &holder("one"), &mut |_| vec![put(".token", &every_byte)])
        .expect("it is put");
    let look = other.look(&names, &lease()).expect("it answers");
    let stored = look.records[0].as_ref().expect("it is there");
    assert_eq!(stored.value, every_byte);
    assert!(stored.left <= LIFE && stored.left > LIFE / 2, "{:?}", stored.left);
    assert_eq!(look.records[1], None);
}

#[test]
fn a_lease_has_one_owner_until_it_is_given_back_or_ends() {
    let server = RedisServer::start();
    let clock = SystemClock::start();
    let (one, other) = (store(server.address(), &clock), store(server.address(), &clock));
    assert_eq!(one.take_lease(&lease(), &holder("one"), LIFE), Ok(true));
    assert_eq!(other.take_lease(&lease(), &holder("other"), LIFE), Ok(false));
    let held = other.look(&[], &lease()).expect("it answers").lease;
    assert!(matches!(held, LeaseState::Held(Some(left)) if left <= LIFE && left > LIFE / 2), "{held:?}");
    other.update(&[], &lease(), &holder("other"), &mut |_| Vec::new()).expect("nothing to put");
    assert_ne!(other.look(&[], &lease()).expect("it answers").lease, LeaseState::Free);
    one.update(&[], &lease(), &holder("one"), &mut |_| Vec::new()).expect("it is given back");
    assert_eq!(other.look(&[], &lease()).expect("it answers").lease, LeaseState::Free);
    assert_eq!(other.take_lease(&lease(), &holder("other"), Duration::from_millis(1)), Ok(true));
    while other.look(&[], &lease()).expect("it answers").lease != LeaseState::Free {}
}

#[test]
fn an_update_begins_anew_when_another_machine_was_faster() {
    let server = RedisServer::start();
    let clock = SystemClock::start();
    let (one, other) = (store(server.address(), &clock), store(server.address(), &clock));
    let names = [name(".token")];
    let (runs, rivals) = (Cell::new(0), Cell::new(1));
    let mut change = |look: &Look| {
        runs.set(runs.get() + 1);
        if rivals.get() > 0 {
            rivals.set(rivals.get() - 1);
            other
                .update(&names, &lease(), &holder("other"), &mut |_| vec![put(".token", b"theirs")])
                .expect("a put");
        }
        let seen = values(look)[0].clone().unwrap_or_default();
        vec![put(".token", &[b"ours after ".as_slice(), &seen].concat())]
    };
    one.update(&names, &lease(), &holder("one"), &mut change).expect("the second time");
    let look = other.look(&names, &lease()).expect("it answers");
    assert_eq!((runs.get(), values(&look)), (2, vec![Some(b"ours after theirs".to_vec())]));
    rivals.set(9);
    let contended = one.update(&names, &lease(), &holder("one"), &mut |_| {
        other.update(&names, &lease(), &holder("other"), &mut |_| vec![put(".token", b"x")]).expect("a put");
        vec![put(".token", b"y")]
    });
    assert_eq!(contended, Err(StoreFault::Contended));
}

#[test]
fn what_is_no_record_is_missing() {
    let server = RedisServer::start();
    let clock = SystemClock::start();
    let names = [name(".list"), name(".endless"), name(".long"), name(".empty")];
    let script = |words: &[&str]| {
        let port = server.port().to_string();
        let status = std::process::Command::new("redis-cli").args(["-p", &port]).args(words).output();
        assert!(status.expect("redis-cli is installed").status.success());
    };
    script(&["RPUSH", names[0].as_str(), "a"]);
    script(&["EXPIRE", names[0].as_str(), "100"]);
    script(&["SET", names[1].as_str(), "a"]);
    script(&["SETRANGE", names[2].as_str(), "65536", "a"]);
    script(&["EXPIRE", names[2].as_str(), "100"]);
    script(&["RPUSH", lease().as_str(), "a"]);
    script(&["EXPIRE", lease().as_str(), "100"]);
    let store = store(server.address(), &clock);
    let look = store.look(&names, &lease()).expect("it answers");
    assert_eq!((values(&look), look.lease), (vec![None; 4], LeaseState::Held(None)));
    // Also when it is replaced.
    store.update(&names, &lease(), &holder("one"), &mut |_| vec![put(".list", b"b")]).expect("a put");
    let look = store.look(&names, &lease()).expect("it answers");
    assert_eq!(values(&look)[0], Some(b"b".to_vec()));
}

#[test]
fn a_database_a_user_and_a_socket_are_used() {
    let server = RedisServer::with("user someone on >a-password ~* &* +@all");
    let clock = SystemClock::start();
    let password = Some("a-password".into());
    let credentials = Credentials { username: Some("someone".to_owned()), password };
    let at = |address| RedisStore::new(address, credentials.clone(), None, PLENTY, &clock);
    let third = at(server.address_with("/3"));
    third.update(&[], &lease(), &holder("one"), &mut |_| vec![put(".token", b"a")]).expect("a put");
    let socket = at(address(&format!("unix://{}?db=3", server.socket().display())));
    let names = [name(".token")];
    assert_eq!(values(&socket.look(&names, &lease()).expect("it answers")), [Some(b"a".to_vec())]);
    let first = at(server.address());
    assert_eq!(values(&first.look(&names, &lease()).expect("it answers")), [None]);
}

/// The rights that docs/fleet.md names.
#[test]
fn the_named_rights_suffice() {
    let rights = "-@all +get +getrange +set +del +watch +unwatch +multi +exec +pttl +time +ping";
    let user = format!("user default off\nuser fleet on >p ~genesys-token:* resetchannels {rights}");
    let server = RedisServer::with(&user);
    let clock = SystemClock::start();
    let credentials = Credentials { username: Some("fleet".to_owned()), password: Some("p".into()) };
    let store = RedisStore::new(server.address(), credentials, None, PLENTY, &clock);
    let names = [name(".token")];
    assert_eq!(store.take_lease(&lease(), &holder("one"), LIFE), Ok(true));
    store.update(&names, &lease(), &holder("one"), &mut |_| vec![put(".token", b"a")]).expect("a put");
    let look = store.look(&names, &lease()).expect("it answers");
    assert_eq!((values(&look), look.lease), (vec![Some(b"a".to_vec())], LeaseState::Free));
}
