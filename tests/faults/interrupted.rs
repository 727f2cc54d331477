//! `EINTR`: a signal that nobody ignores, at each system call that may wait.

use std::time::Duration;

use loopback_login_server::{Behaviour, LoginServer};

use crate::harness::Call;
use crate::injected;
use crate::scene::{Scene, end, wait_until};
use crate::seen::Seen;
use crate::table::{Row, check, row};

const NETWORK: [&str; 5] = ["connect", "epoll_wait", "recvfrom", "sendto", "writev"];
const CHILDREN: [&str; 4] = ["poll", "ppoll", "recvfrom", "write"];

#[test]
fn is_no_error() {
    check("interrupted", &[fetching(), waiting(), passing_on()]);
}

fn fetching() -> Row {
    let scene = Scene::new();
    let on_the_network = injected::points_of(&scene, scene.get(), &NETWORK);
    scene.clear();
    let on_disk = injected::points(&scene, scene.get(), &scene.cache());
    let see = |call| {
        scene.clear();
        scene.see(call)
    };
    let calls = on_the_network
        .iter()
        .map(|point| injected::at_in_any_thread(point, "error=EINTR", scene.get()))
        .chain(on_disk.iter().map(|point| injected::at(point, "error=EINTR", scene.get())));
    row("at each call of a cold `get` to the network or the cache, in turn", Seen::all(calls.map(see)))
}

/// Of whoever waits for another process.
fn waiting() -> Row {
    let slow = Behaviour { delay: Duration::from_secs(1), ..Behaviour::default() };
    let scene = Scene::with(LoginServer::start(slow));
    let holder = scene.get().start();
    wait_until(|| scene.server.token_requests() == 1);
    let waiter = injected::always("clock_nanosleep", "error=EINTR:when=1..3", scene.get()).start();
    let (holder, waiter) = (end(holder), end(waiter));
    assert_eq!(holder.token(), waiter.token());
    row(
        "at the first naps of whoever waits for another process",
        scene.seen(&waiter, scene.server.token_requests() - 1, scene.get()),
    )
}

/// Of `exec`, which passes on what its command prints.
fn passing_on() -> Row {
    let scene = Scene::new().warmed();
    let exec =
        || -> Call { scene.call("exec").args(["--quiet", "--", "sh", "-c", "echo word; echo word >&2"]) };
    let points = injected::points_of(&scene, exec(), &CHILDREN);
    let runs = points.iter().map(|point| {
        let done = injected::at_in_any_thread(point, "error=EINTR", exec()).run();
        let said = (done.code, done.stdout.as_str(), done.stderr.as_str());
        assert_eq!(said, (0, "word\n", "word\n"), "{point:?}");
        Seen::one("the command's", "", "0", scene.next(scene.get()))
    });
    row("at each call of `exec` that may wait, in turn", Seen::all(runs))
}
