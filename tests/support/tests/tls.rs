//! Certificates, as a client that trusts the CA file verifies them.

#![allow(missing_docs)]

mod client;

use client::{connect, exchange, token_request};
use loopback_login_server::{Behaviour, Certificate, LoginServer};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, Error, RootCertStore, StreamOwned};
use std::io;
use std::sync::Arc;
use std::thread;

fn request_token_at(server: &LoginServer, host: &'static str) -> io::Result<u16> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(server.ca_file()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let session = ClientConnection::new(Arc::new(config), ServerName::try_from(host).unwrap()).unwrap();
    exchange(StreamOwned::new(session, connect(&server.login_url())?), &token_request())
        .map(|answer| answer.status)
}

fn certificate_error(certificate: Certificate) -> CertificateError {
    let server = LoginServer::start_tls(Behaviour::default(), certificate);
    let error = request_token_at(&server, "localhost").expect_err("the certificate is not trusted");
    assert_eq!(server.token_requests(), 0);
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(Error::InvalidCertificate(error)) => error.clone(),
        _ => panic!("this error is not about the certificate: {error}"),
    }
}

#[test]
fn a_good_certificate_is_trusted_for_the_name_and_the_address() {
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    assert!(server.login_url().starts_with("https://localhost:"));
    assert_eq!(request_token_at(&server, "localhost").unwrap(), 200);
    assert_eq!(request_token_at(&server, "127.0.0.1").unwrap(), 200);
}

#[test]
fn each_bad_certificate_is_refused_for_its_own_reason() {
    assert!(matches!(certificate_error(Certificate::SelfSigned), CertificateError::UnknownIssuer));
    assert!(matches!(certificate_error(Certificate::UnknownCa), CertificateError::UnknownIssuer));
    assert!(matches!(certificate_error(Certificate::MissingIntermediate), CertificateError::UnknownIssuer));
    assert!(matches!(certificate_error(Certificate::OwnAsCa), CertificateError::UnknownIssuer));
    assert!(matches!(certificate_error(Certificate::SelfSignedCa), CertificateError::Other(_)));
    assert!(matches!(
        certificate_error(Certificate::CommonNameOnly),
        CertificateError::NotValidForNameContext { .. }
    ));
    assert!(matches!(
        certificate_error(Certificate::NotValidYet),
        CertificateError::NotValidYetContext { .. }
    ));
    assert!(matches!(certificate_error(Certificate::Expired), CertificateError::ExpiredContext { .. }));
    assert!(matches!(
        certificate_error(Certificate::WrongHost),
        CertificateError::NotValidForNameContext { .. }
    ));
}

#[test]
fn two_hundred_simultaneous_handshakes_succeed() {
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    thread::scope(|scope| {
        let clients: Vec<_> =
            (0..200).map(|_| scope.spawn(|| request_token_at(&server, "localhost").unwrap())).collect();
        assert!(clients.into_iter().all(|client| client.join().unwrap() == 200));
    });
    assert_eq!(server.token_requests(), 200);
}

#[test]
fn the_ca_file_is_removed_with_its_server() {
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let path = server.ca_file();
    assert!(path.exists());
    drop(server);
    assert!(!path.exists());
}
