//! Tokens that end too early.

use loopback_login_server::{Behaviour, ExpiresIn};

use crate::harness::{Scene, genesys_token};
use crate::row::{Row, fails};
use crate::table::check;

#[test]
fn a_token_that_ends_too_early_says_how_to_get_another() {
    check("token", &[idle_timeout(), too_short_lived()]);
}

/// Outside of a block no call can see it without asking the API host.
fn idle_timeout() -> Row {
    let scene = Scene::new();
    let block = scene.bind("block").any_stdout().fetched("no entry").success();
    let lines = block.stdout.lines().filter_map(|line| line.split_once('='));
    let variables: Vec<_> = lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    scene.server.kill_all_tokens();
    scene.get().reused().success();
    let bound = genesys_token().get().arg("--verify").envs(variables.clone());
    let fix = "set 'refresh: true' in the step, which then keeps the credential bound to fetch a new token";
    let wrong = fails("a bound token that an idle timeout has ended", bound, 7, fix);
    let doctor = scene.call("doctor").any_stdout().success();
    assert!(doctor.stdout.contains("ends a token that is idle for 15m 0s"), "{doctor:?}");
    wrong.after_it(&scene, scene.get().arg("--verify").envs(variables))
}

fn too_short_lived() -> Row {
    let scene = Scene::with(Behaviour { expires_in: ExpiresIn::Seconds(1_200), ..Behaviour::default() });
    let call = |min_ttl: &str| scene.get().args(["--min-ttl", min_ttl]);
    let wrong = fails(
        "tokens that live too short for `--min-ttl`",
        call("1h"),
        7,
        "lower --min-ttl to less than 20m 0s",
    );
    wrong.after_it(&scene, call("10m"))
}
