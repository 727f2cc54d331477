//! OAuth clients that Genesys Cloud refuses, and what they ask for.

use loopback_login_server::{Answer, Behaviour};

use crate::harness::Scene;
use crate::row::{Row, fails};
use crate::table::check;

#[test]
fn a_client_that_is_refused_says_what_to_change() {
    check("client", &[other_grant(), disabled(), unknown_scope()]);
}

/// A client that is refused until an administrator has changed it.
#[track_caller]
fn until_changed(input: &'static str, error: &str, description: &str, fix: &str) -> Row {
    let scene = Scene::answering(Answer::OAuthError {
        status: 400,
        error: error.to_owned(),
        description: description.to_owned(),
    });
    let wrong = fails(input, scene.get(), 4, fix);
    scene.server.set(Behaviour::default());
    wrong.after_it(&scene, scene.get())
}

fn other_grant() -> Row {
    until_changed(
        "a client of another grant",
        "unauthorized_client",
        "",
        "make the grant type of this OAuth client Client Credentials, in Genesys Cloud's Admin, Integrations, OAuth",
    )
}

/// Genesys does not publish what it answers then.
fn disabled() -> Row {
    until_changed(
        "a disabled client",
        "invalid_client",
        "client is disabled",
        "activate the OAuth client, in Genesys Cloud's Admin, Integrations, OAuth",
    )
}

fn unknown_scope() -> Row {
    let scene = Scene::answering(Answer::TokenWithoutScope);
    let call = scene.get().args(["--scope", "login:read"]);
    let fix = "leave the scope out: with this grant the client's roles decide";
    fails("an unknown scope", call, 4, fix).after_it(&scene, scene.get())
}
