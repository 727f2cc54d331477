//! What the API host says.

use super::*;

#[test]
fn is_down() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).env("GENESYS_TOKEN_API_URL", refused_url());
    assert_first(&server, call, "api", 6, &["cannot reach the API host", "allow the API host as well"]);
}

#[test]
fn does_not_take_the_token() {
    let (server, other, cache) = (server(), server(), dir());
    let call = doctor(&server, cache.path()).env("GENESYS_TOKEN_API_URL", other.api_url());
    assert_first(&server, call, "api", 6, &["bad.credentials", "of two regions"]);
}

#[test]
fn is_another_server() {
    let verify_answer = VerifyAnswer::Status(200);
    let (server, cache) = (LoginServer::start(Behaviour { verify_answer, ..Behaviour::default() }), dir());
    assert_first(
        &server,
        doctor(&server, cache.path()),
        "api",
        6,
        &["not about the token", "captive portal"],
    );
}

#[test]
fn is_not_trusted() {
    let (server, cache) = (server(), dir());
    let other = LoginServer::start_tls(Behaviour::default(), Certificate::SelfSigned);
    let call = doctor(&server, cache.path()).env("GENESYS_TOKEN_API_URL", other.api_url());
    let call = call.env("GENESYS_TOKEN_CA_CERT", other.ca_file());
    assert_first(&server, call, "api", 6, &["cannot trust the API host", "UnknownIssuer"]);
}

#[test]
fn that_repeats_the_token_is_not_repeated() {
    for status in [200, 401, 403, 500] {
        let verify_answer = VerifyAnswer::Echo(status);
        let (server, cache) =
            (LoginServer::start(Behaviour { verify_answer, ..Behaviour::default() }), dir());
        let (done, _) = findings(&server, doctor(&server, cache.path()));
        let text = doctor(&server, cache.path()).run();
        for token in server.tokens() {
            // Nor a good part of it.
            for part in [&token[..16], &token[40..56], &token[70..]] {
                assert!(!done.stdout.contains(part) && !text.stdout.contains(part), "{status}: {done:?}");
            }
        }
    }
}

#[test]
fn does_not_take_this_address() {
    let verify_answer = VerifyAnswer::Code(401, "ip.not.authorized".to_owned());
    let (server, cache) = (LoginServer::start(Behaviour { verify_answer, ..Behaviour::default() }), dir());
    assert_first(
        &server,
        doctor(&server, cache.path()),
        "api",
        6,
        &["ip.not.authorized", "certain addresses"],
    );
}
