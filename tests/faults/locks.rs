//! Locks that the file system does not give, as on a network file system without a lock server.

use std::collections::BTreeSet;

use crate::harness::together;
use crate::injected;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{Row, check, row};

#[test]
fn that_are_missing_cost_requests_and_nobody_his_token() {
    let mut rows: Vec<Row> =
        ["ENOLCK", "EOPNOTSUPP", "ENOSYS", "EIO", "EINTR"].into_iter().map(one_caller).collect();
    rows.push(row("no locks (`ENOLCK`), twelve callers at once", twelve_callers()));
    rows.push(row("input/output error from giving the lock back", given_back()));
    check("locks", &rows);
}

fn one_caller(error: &str) -> Row {
    let scene = Scene::new();
    let call = injected::always("flock", &format!("error={error}"), scene.get());
    row(&format!("`{error}` from `flock`"), scene.see(call))
}

fn twelve_callers() -> Seen {
    let scene = Scene::new();
    let done = together((0..12).map(|_| injected::always("flock", "error=ENOLCK", scene.get())));
    let requests = scene.server.token_requests();
    assert!((1..=12).contains(&requests), "{requests}");
    let distinct: BTreeSet<&str> = done.iter().map(|done| done.token()).collect();
    assert!(distinct.len() <= requests);
    scene.seen_together(&done, "12 at most, by all")
}

fn given_back() -> Seen {
    let scene = Scene::new();
    let given_back = injected::Point { call: "flock".to_owned(), nth: 2 };
    scene.see(injected::at(&given_back, "error=EIO", scene.get()))
}
