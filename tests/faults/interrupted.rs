//! `EINTR`, which a signal causes, at each system call that may wait.

use std::time::Duration;

use loopback_login_server::Behaviour;

use crate::harness::Call;
use crate::injected;
use crate::scene::{Scene, end, wait_until};
use crate::seen::Seen;
use crate::table::{check, row};

const NETWORK: [&str; 5] = ["connect", "epoll_wait", "recvfrom", "sendto", "writev"];
const CHILDREN: [&str; 4] = ["poll", "ppoll", "recvfrom", "write"];

#[test]
fn an_interrupted_system_call_is_no_error() {
    check(
        "interrupted",
        &[
            row("each system call of a cold `get` on the network or the cache, in turn", fetching()),
            row("the first sleeps of a call that waits for another process", waiting()),
            row("each system call of `exec` that may wait, in turn", passing_on()),
        ],
    );
}

fn fetching() -> Seen {
    let scene = Scene::new();
    let cold = || {
        scene.clear();
        scene.get().fetched("no entry")
    };
    let on_the_network = injected::points_of(&scene, cold(), &NETWORK);
    let on_disk = injected::points(&scene, cold(), &scene.cache());
    let calls = on_the_network
        .iter()
        .map(|point| injected::at_in_any_thread(point, "error=EINTR", scene.get()))
        .chain(on_disk.iter().map(|point| injected::at(point, "error=EINTR", scene.get())));
    Seen::all(calls.map(|call| {
        scene.clear();
        scene.see(call)
    }))
}

fn waiting() -> Seen {
    let scene = Scene::with(Behaviour { delay: Duration::from_secs(1), ..Behaviour::default() });
    let get = scene.get().fetched("no entry");
    let holder = get.clone().spawn();
    wait_until(|| scene.server.token_requests() == 1);
    let waiter = injected::always("clock_nanosleep", "error=EINTR:when=1..3", scene.get()).spawn();
    let (holder, waiter) = (end(holder), end(waiter));
    get.check(&holder, 0);
    assert_eq!(holder.token(), waiter.token());
    scene.seen(&waiter, scene.server.token_requests() - 1, scene.get())
}

/// `exec` passes on what its command prints.
fn passing_on() -> Seen {
    let scene = Scene::new().warmed();
    let exec = || -> Call {
        let call = scene.exec(["sh", "-c", "echo word; echo word >&2"]).arg("--quiet");
        call.stdout("word\n").stderr("word\n")
    };
    let points = injected::points_of(&scene, exec(), &CHILDREN);
    Seen::all(points.iter().map(|point| {
        injected::at_in_any_thread(point, "error=EINTR", exec()).success();
        Seen::one("the command's code", "", "0", scene.next(scene.get()))
    }))
}
