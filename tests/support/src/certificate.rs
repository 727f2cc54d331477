//! Certificates: each server gets a new one.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// The certificate of a TLS server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// For `localhost` and `127.0.0.1`, signed by the CA in [`ca_file`](crate::LoginServer::ca_file).
    Good,
    /// For `localhost` and `127.0.0.1`, signed by its own key; the CA in the CA file did not sign it.
    SelfSigned,
    /// Like [`Certificate::Good`], but expired.
    Expired,
    /// Like [`Certificate::Good`], but for another host.
    WrongHost,
}

/// The server's side of TLS, and the CA file that makes a client trust it.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_file: NamedTempFile,
}

/// A certificate in PEM files, for a server in another program.
#[derive(Debug)]
pub struct PemFiles {
    /// The CA for a client to trust.
    pub ca: PathBuf,
    /// The server's certificate.
    pub certificate: PathBuf,
    /// The server's private key.
    pub private_key: PathBuf,
}

impl Certificate {
    pub(crate) fn tls(self) -> Tls {
        let (ca_pem, certificate, key) = self.issue();
        Tls { acceptor: acceptor(vec![certificate.der().clone()], &key), ca_file: file(&ca_pem) }
    }

    /// Makes a certificate and writes it into `dir`.
    ///
    /// # Panics
    /// The directory can't be written.
    pub fn write_pem(self, dir: &Path) -> PemFiles {
        let (ca_pem, certificate, key) = self.issue();
        let write = |name: &str, pem: &str| {
            let path = dir.join(name);
            std::fs::write(&path, pem).expect("the directory can be written");
            path
        };
        PemFiles {
            ca: write("ca.pem", &ca_pem),
            certificate: write("certificate.pem", &certificate.pem()),
            private_key: write("key.pem", &key.serialize_pem()),
        }
    }

    fn issue(self) -> (String, rcgen::Certificate, KeyPair) {
        let (ca_pem, ca) = authority();
        let key = key_pair();
        let params = self.params();
        let certificate = match self {
            Self::SelfSigned => params.self_signed(&key),
            _ => params.signed_by(&key, &ca),
        };
        (ca_pem, certificate.expect("a certificate"), key)
    }

    fn params(self) -> CertificateParams {
        let names: &[&str] = match self {
            Self::WrongHost => &["login.elsewhere.example"],
            _ => &["localhost", "127.0.0.1"],
        };
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).expect("valid names");
        params.distinguished_name.push(DnType::CommonName, "loopback login server");
        if self == Self::Expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 2);
        }
        params
    }
}

fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "loopback CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = key_pair();
    let pem = params.self_signed(&key).expect("a CA certificate").pem();
    (pem, Issuer::new(params, key))
}

fn key_pair() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn acceptor(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    // The provider is explicit: a test may install another one as the process's default, or none.
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the default TLS versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("the key belongs to the certificate");
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

fn file(pem: &str) -> NamedTempFile {
    let mut file =
        tempfile::Builder::new().prefix("loopback-ca-").suffix(".pem").tempfile().expect("a temporary file");
    file.write_all(pem.as_bytes()).expect("a temporary file can be written");
    file
}
