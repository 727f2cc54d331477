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

#[test]
fn a_certificate_that_is_not_trusted_is_an_error_and_the_credential_is_never_sent() {
    let other = tls(Certificate::Good);
    let with_own_ca = |certificate| {
        let scene = tls(certificate);
        (Some(scene.server.ca_file()), scene)
    };
    let rows = [
        ("expired", with_own_ca(Certificate::Expired)),
        ("UnknownIssuer", with_own_ca(Certificate::SelfSigned)),
        ("not valid for name", with_own_ca(Certificate::WrongHost)),
        ("BadSignature", (Some(other.server.ca_file()), tls(Certificate::Good))),
    ];
    for (says, (ca_file, scene)) in rows {
        let error = failed(&scene, trusting(&scene, ca_file), Category::Unavailable);
        assert!(error.message.starts_with("cannot trust the login server localhost:"), "{error:?}");
        assert!(error.message.contains(says), "{says} is not in {error:?}");
        assert!(error.hint().contains("--ca-cert"), "{error:?}");
        assert_eq!(scene.server.log().len(), 0);
    }
}

#[test]
fn a_certificate_of_an_authority_that_the_system_does_not_know_is_not_trusted() {
    let scene = tls(Certificate::Good);
    let error = failed(&scene, trusting(&scene, None), Category::Unavailable);
    assert!(error.hint().contains("--ca-cert"), "{error:?}");
    assert_eq!(scene.server.log().len(), 0);
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
