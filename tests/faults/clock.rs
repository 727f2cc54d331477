//! A clock that is ahead or behind, or that is set while a call waits. libfaketime gives each process its own clock.

use std::path::PathBuf;
use std::time::Duration;

use loopback_login_server::{Answer, Behaviour};

use crate::harness::faketime::{self, Faketime};
use crate::scene::{Scene, end, wait_until};
use crate::seen::Seen;
use crate::table::{check, row};

#[test]
fn a_wrong_clock_costs_a_request_and_never_the_token() {
    let clock = Clock::new();
    check(
        "clock",
        &[
            row("25 hours ahead, with a token in the cache", clock.off("+25h")),
            row("an hour ahead, with a token in the cache", clock.off("+1h")),
            row("a day behind, so that the token in the cache is from the future", clock.off("-1d")),
            row("set 25 hours ahead while the login server delays its answer", clock.set_in_fetch("+25h")),
            row("set a day back while the login server delays its answer", clock.set_in_fetch("-1d")),
            row("set a day back while a call waits for the end of a rate limit", clock.set_in_wait("-1d")),
            row(
                "set 25 hours ahead while a call waits for the end of a rate limit",
                clock.set_in_wait("+25h"),
            ),
        ],
    );
}

struct Clock {
    faketime: Faketime,
}

impl Clock {
    fn new() -> Self {
        Self { faketime: Faketime::new() }
    }

    fn off(&self, by: &str) -> Seen {
        let scene = Scene::new().warmed();
        let file = set(&scene, by);
        scene.see(self.faketime.by(&file, scene.get()))
    }

    fn set_in_fetch(&self, by: &str) -> Seen {
        let scene = Scene::with(Behaviour { delay: Duration::from_secs(1), ..Behaviour::default() });
        self.set_once(&scene, by, || scene.server.token_requests() == 1)
    }

    fn set_in_wait(&self, by: &str) -> Seen {
        let scene = Scene::answering(Answer::TooManyRequests { retry_after: Some("2".to_owned()) });
        self.set_once(&scene, by, || scene.server.log().first().is_some_and(|record| record.ended.is_some()))
    }

    /// Starts a `get`, and sets its clock once `is_reached`. The server is healthy from then on.
    fn set_once(&self, scene: &Scene, by: &str, is_reached: impl FnMut() -> bool) -> Seen {
        let file = set(scene, "+0");
        let call = self.faketime.by(&file, scene.get()).spawn();
        wait_until(is_reached);
        scene.server.set(Behaviour::default());
        set(scene, by);
        let done = end(call);
        scene.seen(&done, scene.server.token_requests(), self.faketime.by(&file, scene.get()))
    }
}

/// Sets the clock of every process that reads the returned file.
fn set(scene: &Scene, by: &str) -> PathBuf {
    let file = scene.path("clock");
    faketime::set(&file, by);
    file
}
