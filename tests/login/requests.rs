//! The request for a token, to the byte.

use super::*;

/// The only request of a call that fetches a token.
#[track_caller]
fn request_of(scene: &Scene, call: Call) -> Record {
    assert_eq!(call.fetched("no entry").success().token(), scene.server.tokens()[0]);
    let mut log = scene.server.log();
    assert_eq!(log.len(), 1, "{log:?}");
    log.remove(0)
}

#[test]
fn a_request_is_the_client_credentials_grant_with_basic_authentication() {
    let scene = Scene::new();
    let request = request_of(&scene, scene.get());
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/oauth/token"));
    assert_eq!(request.body, "grant_type=client_credentials");
    let expected = [
        ("authorization", format!("Basic {}", basic_credentials())),
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ("accept", "application/json".to_owned()),
        ("user-agent", concat!("genesys-token/", env!("CARGO_PKG_VERSION")).to_owned()),
        ("content-length", request.body.len().to_string()),
        ("host", scene.server.login_url().trim_start_matches("http://").to_owned()),
    ];
    for (name, value) in &expected {
        let values: Vec<_> = request.headers.iter().filter(|(header, _)| header == name).collect();
        assert_eq!(values, [&((*name).to_owned(), value.clone())]);
    }
    assert_eq!(request.headers.len(), expected.len(), "another header is sent: {:?}", request.headers);
}

#[test]
fn a_request_goes_below_the_prefix_of_the_login_url() {
    for prefix in ["/gateway/eu", "/gateway/eu/"] {
        let scene = Scene::new();
        let call = scene.get().login_url(&(scene.server.login_url() + prefix));
        assert_eq!(request_of(&scene, call).path, "/gateway/eu/oauth/token");
    }
}

#[test]
fn a_request_names_each_scope_once_and_in_order() {
    let expected = "grant_type=client_credentials&scope=analytics+routing%3Areadonly";
    let spellings: [&[&str]; 3] = [
        &["--scope", "routing:readonly", "--scope", "analytics"],
        &["--scope", "analytics  routing:readonly analytics"],
        &["--scope=analytics", "--scope=routing:readonly"],
    ];
    for flags in spellings {
        let scene = Scene::new();
        assert_eq!(request_of(&scene, scene.get().args(flags)).body, expected);
    }
    let scene = Scene::new();
    let call = scene.get().env("GENESYS_TOKEN_SCOPE", "routing:readonly analytics");
    assert_eq!(request_of(&scene, call).body, expected);
}

#[test]
fn a_request_has_no_scope_when_the_scope_is_blank() {
    let scene = Scene::new();
    let call = scene.get().env("GENESYS_TOKEN_SCOPE", "  ");
    assert_eq!(request_of(&scene, call).body, "grant_type=client_credentials");
}
