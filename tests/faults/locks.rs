//! Locks that the file system does not give, as on a network file system without a lock server.

use std::collections::BTreeSet;

use crate::harness::together;
use crate::injected;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{Row, check, row};

#[test]
fn missing_locks_cost_requests_and_never_the_token() {
    let mut rows: Vec<Row> =
        ["ENOLCK", "EOPNOTSUPP", "ENOSYS", "EIO", "EINTR"].into_iter().map(one_caller).collect();
    rows.push(row("no locks (`ENOLCK`), twelve callers at once", twelve_callers()));
    rows.push(row("input/output error (`EIO`) when the lock is released", released()));
    check("locks", &rows);
}

fn one_caller(error: &str) -> Row {
    let scene = Scene::new();
    let call = injected::always("flock", &format!("error={error}"), scene.get());
    row(&format!("`{error}` from `flock`"), scene.see(call))
}

fn twelve_callers() -> Seen {
    let scene = Scene::new();
    let get =
        scene.get().prints_token().stderr("genesys-token: * token of client 1111…5555 at HOST, * left*\n");
    let done = together((0..12).map(|_| injected::always("flock", "error=ENOLCK", get.clone())));
    let requests = scene.server.token_requests();
    assert!((1..=12).contains(&requests), "{requests}");
    let distinct: BTreeSet<&str> = done.iter().map(|done| done.token()).collect();
    assert!(distinct.len() <= requests);
    scene.seen_together(&done, "12 at most, by all")
}

fn released() -> Seen {
    let scene = Scene::new();
    let release = injected::Point { call: "flock".to_owned(), nth: 2 };
    scene.see(injected::at(&release, "error=EIO", scene.get()))
}
