//! The certificate that the login server shows, and the trust store that it is verified against.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::check::Check;
use super::context::Deadline;
use super::network::is_proxied;
use crate::error::Category;
use crate::login::{CertificateFault, Endpoint, Transport, trusted_certificates, verifier};
use crate::sanitize::sanitize;
use crate::secret::displayed_path;

const NAME: &str = "tls";
const FIX: &str = "give the CA's certificate in PEM form with --ca-cert or GENESYS_TOKEN_CA_CERT";

/// `address` is where the login server was reached.
pub(super) fn check(
    endpoint: &Endpoint,
    address: SocketAddr,
    deadline: &Deadline,
) -> (Vec<Check>, Option<()>) {
    let store = trust_store(&endpoint.transport);
    if !endpoint.login_url.is_https() {
        return (vec![Check::ok(NAME, "not used: plain http, on this machine")], Some(()));
    }
    let verifier = match trusted_certificates(&endpoint.transport).and_then(verifier) {
        Ok(verifier) => verifier,
        Err(error) => {
            let check = Check::failed(NAME, error.category, error.message)
                .because("without certificates to trust no server can be trusted")
                .fix(format!("install ca-certificates, or {FIX}"));
            return (vec![check], None);
        }
    };
    if is_proxied(endpoint) {
        let detail = format!("{store}, through the proxy: the token request below verifies");
        return (vec![Check::ok(NAME, detail)], Some(()));
    }
    let recording = Arc::new(RecordingVerifier { inner: verifier, shown: Mutex::default() });
    let outcome = handshake_in_time(endpoint, address, &recording, deadline.remaining());
    let shown = recording.shown.lock().unwrap_or_else(PoisonError::into_inner).take();
    let certificate = shown.as_deref().and_then(describe);
    match outcome {
        Ok(()) => {
            let certificate = certificate.unwrap_or_else(|| "a certificate".to_owned());
            (vec![Check::ok(NAME, format!("{certificate}; verified against {store}"))], Some(()))
        }
        Err(HandshakeError::Untrusted(fault)) => {
            let shown = certificate.map_or_else(String::new, |shown| format!("; the server shows {shown}"));
            let detail = format!("{}{shown}; verified against {store}", sanitize(&fault.to_string(), &[]));
            let check = Check::failed(NAME, Category::Unavailable, detail);
            (vec![check.because(fault.causes().join("; ")).fix(fault.fixes().join("; "))], None)
        }
        Err(HandshakeError::Failed(detail)) => {
            let check = Check::failed(NAME, Category::Unavailable, detail)
                .because("what listens there does not speak TLS as it should")
                .fix("correct the port of the login URL; have a proxy in the way let TLS through as it is");
            (vec![check], None)
        }
    }
}

enum HandshakeError {
    Untrusted(CertificateFault),
    Failed(String),
}

impl HandshakeError {
    fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        let inner = error.downcast_ref().and_then(io::Error::get_ref);
        let fault = inner.and_then(|inner| CertificateFault::find(inner.downcast_ref()?));
        fault.map_or_else(|| Self::Failed(error.to_string()), Self::Untrusted)
    }
}

fn trust_store(transport: &Transport) -> String {
    match (&transport.ca_cert, transport.ca_dirs.first()) {
        (Some(path), _) | (None, Some(path)) => displayed_path(path),
        (None, None) => "the system's trust store".to_owned(),
    }
}

/// A socket's own limits start anew with every byte: the handshake runs in a thread that may be left behind.
fn handshake_in_time(
    endpoint: &Endpoint,
    address: SocketAddr,
    verifier: &Arc<RecordingVerifier>,
    limit: Duration,
) -> Result<(), HandshakeError> {
    let (sender, receiver) = mpsc::channel();
    let (host, verifier) = (endpoint.login_url.host().to_owned(), Arc::clone(verifier));
    let started = std::thread::Builder::new().spawn(move || {
        let _ = sender.send(handshake(host, address, verifier, limit));
    });
    let failed = HandshakeError::Failed;
    started.map_err(|error| failed(format!("cannot start a thread for the handshake: {error}")))?;
    let late = || failed("the handshake did not end in time".to_owned());
    receiver.recv_timeout(limit).unwrap_or_else(|_| Err(late()))
}

fn handshake(
    host: String,
    address: SocketAddr,
    verifier: Arc<RecordingVerifier>,
    limit: Duration,
) -> Result<(), HandshakeError> {
    let mut stream =
        TcpStream::connect_timeout(&address, limit).map_err(|error| HandshakeError::of(&error))?;
    stream.set_read_timeout(Some(limit)).map_err(|error| HandshakeError::of(&error))?;
    stream.set_write_timeout(Some(limit)).map_err(|error| HandshakeError::of(&error))?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| HandshakeError::of(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    let name = ServerName::try_from(host).map_err(|error| HandshakeError::of(&error))?;
    let mut connection =
        ClientConnection::new(Arc::new(config), name).map_err(|error| HandshakeError::of(&error))?;
    let mut tls = rustls::Stream::new(&mut connection, &mut stream);
    // Flushing completes the handshake, although there is nothing to write.
    tls.flush().map_err(|error| HandshakeError::of(&error))
}

/// Verifies as the program does, and records the certificate that was shown.
#[derive(Debug)]
struct RecordingVerifier {
    inner: Arc<dyn ServerCertVerifier>,
    shown: Mutex<Option<Vec<u8>>>,
}

impl ServerCertVerifier for RecordingVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(certificate.to_vec());
        self.inner.verify_server_cert(certificate, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Subject, issuer and end of a certificate, fit for a terminal.
fn describe(certificate: &[u8]) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let plain = |text: String| sanitize(&text, &[]);
    Some(format!(
        "a certificate for {} by {}, until {}",
        plain(certificate.subject().to_string()),
        plain(certificate.issuer().to_string()),
        certificate.validity().not_after
    ))
}
