//! Whom to trust.

use super::*;

fn call(server: &LoginServer, ca_file: Option<PathBuf>) -> Done {
    let cache = cache();
    let mut call = Call::new("get", server, cache.path()).without("GENESYS_TOKEN_CA_CERT");
    if let Some(file) = ca_file {
        call = call.env("GENESYS_TOKEN_CA_CERT", file);
    }
    let done = call.args(["--error-format", "json"]).run();
    done.keeps_to_itself(server.tokens());
    done
}

#[test]
fn of_the_given_authority_is_trusted() {
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    assert_eq!(call(&server, Some(server.ca_file())).token(), server.tokens()[0]);
}

#[test]
fn may_be_trusted_by_flag_or_by_the_variable_that_curl_reads() {
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let cache = cache();
    let new =
        || Call::new("get", &server, cache.path()).without("GENESYS_TOKEN_CA_CERT").args(["--force-refresh"]);
    let flag = new().args(["--ca-cert".into(), server.ca_file().into_os_string()]).run();
    let variable = new().env("SSL_CERT_FILE", server.ca_file()).run();
    assert_eq!([flag.token(), variable.token()], server.tokens()[..]);
}

#[test]
fn that_does_not_hold_is_final_and_the_credential_never_sent() {
    let stranger = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let start = |certificate| LoginServer::start_tls(Behaviour::default(), certificate);
    let own = |server: LoginServer| (Some(server.ca_file()), server);
    let rows = [
        ("expired", own(start(Certificate::Expired))),
        ("UnknownIssuer", own(start(Certificate::SelfSigned))),
        ("not valid for name", own(start(Certificate::WrongHost))),
        ("BadSignature", (Some(stranger.ca_file()), start(Certificate::Good))),
    ];
    for (says, (ca_file, server)) in rows {
        let error = call(&server, ca_file).refused();
        assert_eq!(error.category, Category::Unavailable);
        assert!(error.message.contains("cannot trust the login server"), "{error:?}");
        assert!(error.message.contains(says), "{says} is not in {error:?}");
        assert!(error.hint.contains("--ca-cert"), "{error:?}");
        assert_eq!(server.log().len(), 0);
    }
}

#[test]
fn of_an_authority_that_the_system_does_not_know_is_not_trusted() {
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let error = call(&server, None).refused();
    assert_eq!(error.category, Category::Unavailable);
    assert!(error.hint.contains("--ca-cert"), "{error:?}");
    assert_eq!(server.log().len(), 0);
}

#[test]
fn is_not_expected_of_a_server_that_speaks_plain_http() {
    let server = LoginServer::start(Behaviour::default());
    let stranger = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let cache = cache();
    let call = Call::new("get", &server, cache.path());
    let call = call.login_url(&server.login_url().replace("http:", "https:"));
    let done = call.env("GENESYS_TOKEN_CA_CERT", stranger.ca_file()).args(["--error-format", "json"]).run();
    let error = done.refused();
    assert_eq!(error.category, Category::Unavailable);
    assert!(error.hint.contains("does not speak TLS"), "{error:?}");
}

#[test]
fn file_that_is_none_is_a_usage_error() {
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    for path in ["/nonexistent/ca.pem", PROGRAM] {
        let error = call(&server, Some(path.into())).refused();
        assert_eq!(error.category, Category::Usage);
        assert!(error.message.contains(path), "{error:?}");
    }
}
