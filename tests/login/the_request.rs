//! The request for a token, to the byte.

use super::*;

fn record_of(call: Call, server: &LoginServer) -> loopback_login_server::Record {
    assert_eq!(call.run().token(), server.tokens()[0]);
    let mut log = server.log();
    assert_eq!(log.len(), 1, "{log:?}");
    log.remove(0)
}

#[test]
fn is_the_client_credentials_grant_with_basic_authentication() {
    let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
    let record = record_of(Call::new("get", &server, cache.path()), &server);
    assert_eq!((record.method.as_str(), record.path.as_str()), ("POST", "/oauth/token"));
    assert_eq!(record.body, "grant_type=client_credentials");
    let expected = [
        ("authorization", format!("Basic {}", basic())),
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ("accept", "application/json".to_owned()),
        ("user-agent", concat!("genesys-token/", env!("CARGO_PKG_VERSION")).to_owned()),
        ("content-length", record.body.len().to_string()),
        ("host", server.login_url().trim_start_matches("http://").to_owned()),
    ];
    for (name, value) in &expected {
        let values: Vec<_> = record.headers.iter().filter(|(header, _)| header == name).collect();
        assert_eq!(values, [&((*name).to_owned(), value.clone())]);
    }
    assert_eq!(record.headers.len(), expected.len(), "nothing else goes along: {:?}", record.headers);
}

#[test]
fn goes_below_the_prefix_of_the_login_url() {
    for url in ["/gateway/eu", "/gateway/eu/"] {
        let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
        let call = Call::new("get", &server, cache.path()).login_url(&(server.login_url() + url));
        assert_eq!(record_of(call, &server).path, "/gateway/eu/oauth/token");
    }
}

#[test]
fn names_each_scope_once_in_one_order_however_they_are_given() {
    let expected = "grant_type=client_credentials&scope=analytics+routing%3Areadonly";
    let spellings: [&[&str]; 3] = [
        &["--scope", "routing:readonly", "--scope", "analytics"],
        &["--scope", "analytics  routing:readonly analytics"],
        &["--scope=analytics", "--scope=routing:readonly"],
    ];
    for flags in spellings {
        let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
        let call = Call::new("get", &server, cache.path()).args(flags);
        assert_eq!(record_of(call, &server).body, expected);
    }
    let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
    let call = Call::new("get", &server, cache.path());
    let call = call.env("GENESYS_TOKEN_SCOPE", "routing:readonly analytics");
    assert_eq!(record_of(call, &server).body, expected);
}

#[test]
fn has_no_scope_when_only_blanks_are_asked_for() {
    let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
    let call = Call::new("get", &server, cache.path()).env("GENESYS_TOKEN_SCOPE", "  ");
    assert_eq!(record_of(call, &server).body, "grant_type=client_credentials");
}
