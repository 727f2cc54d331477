//! Certificates: each server gets a new one.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};

const HALF_A_DAY: Duration = Duration::from_hours(12);

/// The certificate of a TLS server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// For `localhost` and `127.0.0.1`, signed by the CA in [`ca_file`](crate::LoginServer::ca_file).
    Good,
    /// For `localhost` and `127.0.0.1`, signed by its own key; the CA in the CA file did not sign it.
    SelfSigned,
    /// For `localhost` and `127.0.0.1`, signed by its own key as a CA's certificate, as `openssl req -x509` makes it. The
    /// CA file has it.
    SelfSignedCa,
    /// Like [`Certificate::Good`], with its CA sent along, but the CA file has another CA.
    UnknownCa,
    /// Like [`Certificate::Good`], but signed by an intermediate CA that is not sent along.
    MissingIntermediate,
    /// Like [`Certificate::Good`], but the CA file has the certificate itself.
    OwnAsCa,
    /// Like [`Certificate::Good`], but with `localhost` as its common name only.
    CommonNameOnly,
    /// Like [`Certificate::Good`], but expired.
    Expired,
    /// Like [`Certificate::Good`], but not yet valid.
    NotValidYet,
    /// Like [`Certificate::Good`], but for five other hosts.
    WrongHost,
    /// Like [`Certificate::Good`], but for clients, and not for servers.
    ForClients,
    /// Like [`Certificate::Good`], and also for the hosts of Genesys' regions in the US, in Ireland and in Germany.
    Genesys,
    /// Like [`Certificate::Good`], but valid for half a day before and after now only.
    OfToday,
}

/// The server's side of TLS, and the CA file that makes a client trust it.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_file: NamedTempFile,
}

impl Tls {
    /// With a certificate and its key that something else made. The CA file is empty.
    pub(crate) fn of_pem(certificate: &Path, private_key: &Path) -> Self {
        let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(private_key).expect("a private key");
        Self { acceptor: acceptor(vec![certificate], key), ca_file: file("") }
    }
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
        let Issued { ca_pem, certificate, sent_along, private_key } = self.issue();
        let chain = vec![certificate].into_iter().chain(sent_along);
        let chain = chain.map(|certificate| certificate.der().clone()).collect();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(private_key.serialize_der()));
        Tls { acceptor: acceptor(chain, key), ca_file: file(&ca_pem) }
    }

    /// Makes a certificate and writes it into `dir`.
    ///
    /// # Panics
    /// The directory can't be written.
    pub fn write_pem(self, dir: &Path) -> PemFiles {
        let Issued { ca_pem, certificate, private_key, .. } = self.issue();
        let write = |name: &str, pem: &str| {
            let path = dir.join(name);
            std::fs::write(&path, pem).expect("the directory can be written");
            path
        };
        PemFiles {
            ca: write("ca.pem", &ca_pem),
            certificate: write("certificate.pem", &certificate.pem()),
            private_key: write("key.pem", &private_key.serialize_pem()),
        }
    }

    fn issue(self) -> Issued {
        let (ca, authority) = authority("loopback CA");
        let key = key_pair();
        let params = self.params();
        let signed = match self {
            Self::SelfSigned | Self::SelfSignedCa => params.self_signed(&key),
            Self::MissingIntermediate => params.signed_by(&key, &intermediate(&authority)),
            _ => params.signed_by(&key, &authority),
        };
        let certificate = signed.expect("a certificate");
        let ca_pem = match self {
            Self::SelfSignedCa | Self::OwnAsCa => certificate.pem(),
            Self::UnknownCa => self::authority("another CA").0.pem(),
            _ => ca.pem(),
        };
        Issued { ca_pem, certificate, sent_along: (self == Self::UnknownCa).then_some(ca), private_key: key }
    }

    fn params(self) -> CertificateParams {
        let names: &[&str] = match self {
            Self::WrongHost => {
                &["login.elsewhere.example", "a.example", "b.example", "c.example", "d.example"]
            }
            Self::CommonNameOnly => &[],
            Self::Genesys => {
                &["localhost", "127.0.0.1", "*.mypurecloud.com", "*.mypurecloud.ie", "*.mypurecloud.de"]
            }
            _ => &["localhost", "127.0.0.1"],
        };
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).expect("valid names");
        let common_name = if self == Self::CommonNameOnly { "localhost" } else { "loopback login server" };
        params.distinguished_name.push(DnType::CommonName, common_name);
        if self == Self::SelfSignedCa {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        if self == Self::ForClients {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }
        if self == Self::NotValidYet {
            params.not_before = date_time_ymd(2090, 1, 1);
        }
        if self == Self::Expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 2);
        }
        if self == Self::OfToday {
            let now = SystemTime::now();
            (params.not_before, params.not_after) = ((now - HALF_A_DAY).into(), (now + HALF_A_DAY).into());
        }
        params
    }
}

/// What a server and its clients get.
struct Issued {
    ca_pem: String,
    certificate: rcgen::Certificate,
    /// The CA's certificate, when the server sends it along.
    sent_along: Option<rcgen::Certificate>,
    private_key: KeyPair,
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn authority(name: &str) -> (rcgen::Certificate, Issuer<'static, KeyPair>) {
    let (params, key) = (authority_params(name), key_pair());
    let certificate = params.self_signed(&key).expect("a CA certificate");
    (certificate, Issuer::new(params, key))
}

fn intermediate(authority: &Issuer<'_, KeyPair>) -> Issuer<'static, KeyPair> {
    let (params, key) = (authority_params("loopback intermediate CA"), key_pair());
    params.signed_by(&key, authority).expect("a CA certificate");
    Issuer::new(params, key)
}

fn key_pair() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn acceptor(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> TlsAcceptor {
    // The provider is explicit: a test may install another one as the process's default, or none.
    let provider = default_provider();
    let key = provider.key_provider.load_private_key(key).expect("a private key");
    // Unchecked, since a server may show what rustls itself would not.
    let shown = SingleCertAndKey::from(CertifiedKey::new(chain, key));
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("ring has the default TLS versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

fn file(pem: &str) -> NamedTempFile {
    let mut file =
        tempfile::Builder::new().prefix("loopback-ca-").suffix(".pem").tempfile().expect("a temporary file");
    file.write_all(pem.as_bytes()).expect("a temporary file can be written");
    file
}
