//! Ids and secrets that were altered on their way.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::harness::{Call, Scene, basic_credentials};
use crate::row::{Row, fails};
use crate::table::check;

#[test]
fn a_credential_that_was_altered_says_how_to_set_it_right() {
    let scene = Scene::new();
    check(
        "credential",
        &[
            swapped(&scene),
            quoted(&scene),
            base64_of_both(&scene),
            base64_of_the_secret(&scene),
            placeholder(&scene),
            newline(&scene),
        ],
    );
}

fn with_secret(scene: &Scene, secret: &str) -> Call {
    scene.get().credential(CLIENT_ID, secret)
}

fn swapped(scene: &Scene) -> Row {
    let call = scene.get().credential(CLIENT_SECRET, CLIENT_ID);
    fails("id and secret are swapped", call, 4, "swap them").after_it(scene, scene.get())
}

fn quoted(scene: &Scene) -> Row {
    let value = format!("\"{CLIENT_SECRET}\"");
    let wrong = fails("the secret is in quotes", with_secret(scene, &value), 4, "take the quotes off");
    wrong.after_it(scene, with_secret(scene, value.trim_matches('"')))
}

fn base64_of_both(scene: &Scene) -> Row {
    let call = with_secret(scene, &basic_credentials());
    let fix = "give the secret alone, as Genesys shows it";
    fails("base64 of id and secret in place of the secret", call, 4, fix)
        .after_it(scene, with_secret(scene, CLIENT_SECRET))
}

fn base64_of_the_secret(scene: &Scene) -> Row {
    let call = with_secret(scene, &BASE64_STANDARD.encode(CLIENT_SECRET));
    let fix = "give the secret as Genesys shows it, not in base64";
    fails("base64 of the secret in its place", call, 4, fix)
        .after_it(scene, with_secret(scene, CLIENT_SECRET))
}

fn placeholder(scene: &Scene) -> Row {
    let call = with_secret(scene, "${GENESYS_SECRET}");
    let fix = "give the value itself: nothing has replaced the placeholder";
    fails("a placeholder in place of the secret", call, 4, fix)
        .after_it(scene, with_secret(scene, CLIENT_SECRET))
}

fn newline(scene: &Scene) -> Row {
    let (before, after) = CLIENT_SECRET.split_at(20);
    let value = [before, after].join("\n");
    let fix = "store the value again without that character";
    fails("a newline inside of the secret", with_secret(scene, &value), 3, fix)
        .after_it(scene, with_secret(scene, &value.replace('\n', "")))
}
