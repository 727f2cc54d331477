//! The clock: ahead, behind, and set while a call waits. libfaketime gives each process its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use loopback_login_server::{Answer, Behaviour, LoginServer};

use crate::harness::Call;
use crate::scene::{Scene, end, wait_until};
use crate::seen::Seen;
use crate::table::{check, row};

#[test]
fn that_is_wrong_costs_a_request_and_nobody_his_token() {
    let clock = Clock::new();
    check(
        "clock",
        &[
            row("a day ahead, with a token in the cache", clock.off("+25h")),
            row("an hour ahead, with a token in the cache", clock.off("+1h")),
            row("a day behind, so before the token's start", clock.off("-1d")),
            row("set a day ahead while the login server holds its answer", clock.set_while_fetching("+25h")),
            row("set a day back while the login server holds its answer", clock.set_while_fetching("-1d")),
            row("set a day back while a rate limit is waited for", clock.set_while_limited("-1d")),
            row("set a day ahead while a rate limit is waited for", clock.set_while_limited("+25h")),
        ],
    );
}

struct Clock {
    library: PathBuf,
}

impl Clock {
    fn new() -> Self {
        let mut command = Command::new("faketime");
        command.args(["-f", "+0", "sh", "-c", "printf %s \"$LD_PRELOAD\""]);
        let output = command.output().expect("faketime is installed: see tests/install-tools");
        Self { library: String::from_utf8(output.stdout).expect("UTF-8").trim().into() }
    }

    /// `call` by a clock that is off by what `file` says, from one look at it to the next.
    fn by(&self, file: &Path, call: Call) -> Call {
        call.env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }

    fn off(&self, by: &str) -> Seen {
        let scene = Scene::new().warmed();
        let file = set(&scene, by);
        scene.see(self.by(&file, scene.get()))
    }

    fn set_while_fetching(&self, by: &str) -> Seen {
        let slow = Behaviour { delay: Duration::from_secs(1), ..Behaviour::default() };
        let scene = Scene::with(LoginServer::start(slow));
        let file = set(&scene, "+0");
        let call = self.by(&file, scene.get()).start();
        wait_until(|| scene.server.token_requests() == 1);
        scene.server.set(Behaviour::default());
        set(&scene, by);
        let done = end(call);
        scene.seen(&done, scene.server.token_requests(), self.by(&file, scene.get()))
    }

    fn set_while_limited(&self, by: &str) -> Seen {
        let limited = Answer::TooManyRequests { retry_after: Some("2".to_owned()) };
        let scene = Scene::with(LoginServer::start(Behaviour::answering(limited)));
        let file = set(&scene, "+0");
        let call = self.by(&file, scene.get()).start();
        wait_until(|| scene.server.log().first().is_some_and(|record| record.ended.is_some()));
        scene.server.set(Behaviour::default());
        set(&scene, by);
        let done = end(call);
        scene.seen(&done, scene.server.token_requests(), self.by(&file, scene.get()))
    }
}

/// Sets the clock for whoever looks at the file, which is never half-written.
fn set(scene: &Scene, by: &str) -> PathBuf {
    let (file, new) = (scene.path("clock"), scene.path("clock.new"));
    fs::write(&new, format!("{by}\n")).expect("it can be written");
    fs::rename(new, &file).expect("it can be moved");
    file
}
