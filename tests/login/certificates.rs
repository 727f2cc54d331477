//! Certificates: which login servers are trusted.

use super::*;

/// A call that trusts the certificates in this file, or the system's.
fn trusting(scene: &Scene, ca_file: Option<PathBuf>) -> Call {
    let call = scene.get().without("GENESYS_TOKEN_CA_CERT");
    ca_file.into_iter().fold(call, |call, file| call.env("GENESYS_TOKEN_CA_CERT", file))
}

#[test]
fn a_certificate_of_the_given_authority_is_trusted() {
    let scene = tls(Certificate::Good);
    let done = trusting(&scene, Some(scene.server.ca_file())).fetched("no entry").success();
    assert_eq!(done.token(), scene.server.tokens()[0]);
}

#[test]
fn an_authority_is_trusted_by_flag_or_by_the_variable_that_curl_reads() {
    let scene = tls(Certificate::Good);
    let call = || trusting(&scene, None).args(["--force-refresh"]);
    let flag = call().args(["--ca-cert".into(), scene.server.ca_file().into_os_string()]);
    let flag = flag.fetched("forced").success();
    let variable = call().env("SSL_CERT_FILE", scene.server.ca_file()).fetched("forced").success();
    assert_eq!([flag.token(), variable.token()], scene.server.tokens()[..]);
}

/// The error of a call that must distrust the server, and send nothing.
#[track_caller]
fn distrusted(scene: &Scene, call: Call) -> Error {
    let error = failed(scene, call.args(["--timeout", "60s"]), Category::Unavailable);
    assert!(error.message.starts_with("cannot trust the login server localhost:"), "{error:?}");
    assert_eq!(scene.server.log().len(), 0, "the credential was sent");
    error
}

#[test]
fn every_certificate_that_is_not_trusted_is_told_by_its_own_fault() {
    for (certificate, what, cause, fix) in [
        (
            Certificate::SelfSigned,
            ": its certificate is self-signed, by CN=loopback login server",
            "a private server or a proxy that intercepts TLS has made it for itself",
            "if it is yours, give this very certificate in PEM form with --ca-cert",
        ),
        (
            Certificate::UnknownCa,
            ": its certificate is of a CA that is not trusted, CN=loopback CA",
            "a proxy that intercepts TLS signs with a CA of its own",
            "if that CA is yours, give the CA's certificate in PEM form with --ca-cert",
        ),
        (
            Certificate::MissingIntermediate,
            ": the issuer of its certificate is neither trusted nor sent along, CN=loopback intermediate CA",
            "that issuer is the CA of a proxy that intercepts TLS, or of a private login server; the server does not send its",
            "if that is an intermediate certificate, have the server send its whole chain",
        ),
        (
            Certificate::OwnAsCa,
            ": its own certificate is trusted as if it were a CA's, and its issuer is not, CN=loopback CA",
            "the CA file has the server's own certificate",
            "give the CA's certificate in PEM form with --ca-cert or GENESYS_TOKEN_CA_CERT, not the server's",
        ),
        (
            Certificate::SelfSignedCa,
            ": its certificate is one of a CA, CN=loopback login server",
            "it was made with CA:TRUE, as openssl req -x509 does",
            "have the CA issue a certificate for the server's host",
        ),
        (
            Certificate::CommonNameOnly,
            ": its certificate has no subjectAltName, only the subject CN=localhost",
            "a host name counts only in subjectAltName",
            "have it issued again with subjectAltName=DNS:",
        ),
        (
            Certificate::WrongHost,
            ": its certificate is for login.elsewhere.example, a.example, b.example and others, not for localhost",
            "another server answers under this name",
            "correct the region or the URL",
        ),
        (
            Certificate::ForClients,
            ": certificate does not allow extended key usage for server authentication, allows client authentication",
            "the server's certificate, or one of its chain, is not made for this use",
            "have it issued again",
        ),
        (
            Certificate::NotValidYet,
            ": the certificate of CN=loopback login server is not valid until Jan 1 00:00:00 2090 +00:00",
            "this machine's clock is behind: it says ",
            "let NTP set this machine's clock",
        ),
    ] {
        let scene = tls(certificate);
        let error = distrusted(&scene, scene.get());
        assert!(error.message.ends_with(what), "{certificate:?}: {error:?}");
        assert!(error.hint().starts_with(cause), "{certificate:?}: {error:?}");
        assert!(error.hint().contains(&format!("; {fix}")), "{certificate:?}: {error:?}");
    }
}

#[test]
fn a_self_signed_certificate_that_is_given_itself_is_trusted() {
    let (scene, dir) = (tls(Certificate::Good), temporary_dir());
    let own = Certificate::SelfSigned.write_pem(dir.path());
    let server = LoginServer::start_with_pem(Behaviour::default(), &own.certificate, &own.private_key);
    let call = trusting(&scene, Some(own.certificate)).login_url(&server.login_url());
    let done = call.fetched("no entry").success();
    assert_eq!(done.token(), server.tokens()[0]);
}

#[test]
fn a_ca_of_the_same_name_with_another_key_is_told_from_an_unknown_one() {
    let (scene, other) = (tls(Certificate::Good), tls(Certificate::Good));
    let error = distrusted(&scene, trusting(&scene, Some(other.server.ca_file())));
    let what = ": the CA of its certificate has another key than the trusted CA of that name, CN=loopback CA";
    assert!(error.message.ends_with(what), "{error:?}");
    assert!(error.hint().starts_with("the CA was renewed, or another CA has the same name; "), "{error:?}");
}

#[test]
fn a_certificate_of_version_1_which_can_not_name_a_host_is_told_as_such() {
    let (scene, dir) = (tls(Certificate::Good), temporary_dir());
    let version_1 =
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 9 &&
        openssl req -newkey rsa:2048 -nodes -keyout key.pem -out csr.pem -subj /CN=localhost &&
        openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out certificate.pem -days 9";
    let made = std::process::Command::new("sh").args(["-c", version_1]).current_dir(dir.path()).output();
    assert!(made.expect("sh starts").status.success());
    let pem = |name: &str| dir.path().join(name);
    let server = LoginServer::start_with_pem(Behaviour::default(), &pem("certificate.pem"), &pem("key.pem"));
    let call = trusting(&scene, Some(pem("ca.pem"))).login_url(&server.login_url());
    let error = distrusted(&scene, call);
    assert!(error.message.ends_with(" has no subjectAltName, only the subject CN=localhost"), "{error:?}");
}

#[test]
fn a_fault_is_told_in_the_same_words_behind_a_proxy_and_for_the_api_host() {
    let (scene, proxy) = (tls(Certificate::CommonNameOnly), Proxy::start(ProxyBehaviour::Forward));
    let error = distrusted(&scene, scene.get().env("HTTPS_PROXY", proxy.url()));
    assert!(error.message.ends_with(" has no subjectAltName, only the subject CN=localhost"), "{error:?}");

    let good = tls(Certificate::Good);
    let call = || good.get().env("GENESYS_TOKEN_API_URL", scene.server.api_url());
    call().fetched("no entry").success();
    let why = "cannot tell whether the token is alive: cannot trust the API host localhost:*: *";
    call().arg("--verify").reused().warns(why).success();
}

#[test]
fn a_server_that_does_not_speak_tls_is_an_error_that_says_so() {
    let (scene, other) = (Scene::new(), tls(Certificate::Good));
    let url = scene.server.login_url().replace("http:", "https:");
    let call = scene.get().login_url(&url).env("GENESYS_TOKEN_CA_CERT", other.server.ca_file());
    let call = call.args(["--timeout", "2s"]);
    let error = failed(&scene, call, Category::Unavailable);
    assert!(error.message.starts_with("TLS with the login server 127.0.0.1:"), "{error:?}");
    assert!(error.hint().contains("does not speak TLS"), "{error:?}");
}

#[test]
fn a_ca_file_that_is_missing_or_no_certificate_is_a_usage_error_that_names_it() {
    let scene = tls(Certificate::Good);
    for path in ["/nonexistent/ca.pem", PROGRAM] {
        let error = failed(&scene, trusting(&scene, Some(path.into())), Category::Usage);
        assert!(error.message.starts_with(&format!("cannot use the CA file {path}: ")), "{error:?}");
    }
}

#[test]
fn an_empty_variable_for_certificates_counts_as_unset() {
    let scene = tls(Certificate::Good);
    let call = trusting(&scene, None).env("SSL_CERT_FILE", "").env("SSL_CERT_DIR", "");
    let error = failed(&scene, call, Category::Unavailable);
    assert!(error.message.starts_with("cannot trust the login server"), "{error:?}");
}

#[cfg(unix)]
#[test]
fn the_certificates_of_a_directory_are_trusted() {
    let (scene, dir) = (tls(Certificate::Good), temporary_dir());
    let call = || trusting(&scene, None).env("SSL_CERT_DIR", dir.path());
    let error = failed(&scene, call(), Category::Usage);
    assert_eq!(error.message, format!("SSL_CERT_DIR names no certificate: {}", dir.path().display()));
    std::fs::copy(scene.server.ca_file(), dir.path().join("ca.pem")).expect("it can be copied");
    assert_eq!(call().fetched("no entry").success().token(), scene.server.tokens()[0]);
}

#[test]
fn a_ca_file_may_begin_with_a_byte_order_mark_and_what_is_wrong_with_it_is_named() {
    let (scene, dir) = (tls(Certificate::Good), temporary_dir());
    let path = dir.path().join("ca.pem");
    let call = || trusting(&scene, Some(path.clone())).arg("--force-refresh");
    let pem = std::fs::read_to_string(scene.server.ca_file()).expect("a file");
    std::fs::write(&path, format!("\u{feff}{pem}")).expect("a file");
    call().fetched("forced").success();
    let not_a_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let trusted_form = pem.replace(" CERTIFICATE", " TRUSTED CERTIFICATE");
    for (content, why) in [
        (format!("{pem}\n{not_a_certificate}"), "its certificate 2 can't be used: "),
        (pem.replacen("MII", "!!!", 1), "its certificate 1 can't be read: "),
        (trusted_form, "it is in OpenSSL's TRUSTED form; `openssl x509 -in FILE` writes the plain one"),
    ] {
        std::fs::write(&path, content).expect("a file");
        let error = failed(&scene, call(), Category::Usage);
        assert!(
            error.message.starts_with(&format!("cannot use the CA file {}: {why}", path.display())),
            "{error:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_ca_file_is_an_error_at_once() {
    let (scene, dir) = (tls(Certificate::Good), temporary_dir());
    let pipe = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo starts");
    assert!(made.success());
    let error = failed(&scene, trusting(&scene, Some(pipe.clone())), Category::Usage);
    assert_eq!(error.message, format!("cannot use the CA file {}: it is no regular file", pipe.display()));
}
