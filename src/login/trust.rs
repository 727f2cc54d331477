//! Which certificates are trusted: those of a file, those of directories, or the system's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::explaining_verifier::ExplainingVerifier;
use super::transport::Transport;
use crate::error::{Category, Error, Result};
use crate::secret;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// OpenSSL's own form, which holds more than a certificate.
const TRUSTED_LABEL: &str = "-----BEGIN TRUSTED CERTIFICATE-----";

/// The certificates to trust; `None` when the operating system's verifier decides.
///
/// # Errors
/// A file or directory that can't be used, or a system without certificates.
pub(crate) fn trusted_certificates(transport: &Transport) -> Result<Option<Vec<CertificateDer<'static>>>> {
    if let Some(path) = &transport.ca_cert {
        return of_file(path).map(Some).map_err(|why| {
            Error::usage(format!("cannot use the CA file {}: {why}", secret::displayed_path(path))).fix(
                "name a PEM file of the CA's certificate with --ca-cert, GENESYS_TOKEN_CA_CERT or SSL_CERT_FILE",
            )
        });
    }
    if !transport.ca_dirs.is_empty() {
        return of_dirs(&transport.ca_dirs).map(Some);
    }
    if transport.is_plain_http { Ok(Some(Vec::new())) } else { of_system() }
}

/// Verifies servers by [`trusted_certificates`]. A refusal is a [`CertificateFault`](super::CertificateFault).
///
/// # Errors
/// They can't be used, or the operating system has no verifier.
pub(crate) fn verifier(
    certificates: Option<Vec<CertificateDer<'static>>>,
) -> Result<Arc<dyn ServerCertVerifier>> {
    let provider = Arc::new(ring::default_provider());
    let unusable = |why: String| {
        Error::new(Category::Unavailable, format!("cannot prepare TLS: {why}"))
            .cause("the system's trust store may be missing")
            .fix("install ca-certificates, or give --ca-cert")
    };
    let mut roots = RootCertStore::empty();
    let is_of_system = certificates.is_none();
    roots.add_parsable_certificates(certificates.into_iter().flatten());
    let roots = Arc::new(roots);
    let inner: Arc<dyn ServerCertVerifier> = if is_of_system {
        let system = rustls_platform_verifier::Verifier::new(provider);
        Arc::new(system.map_err(|error| unusable(error.to_string()))?)
    } else {
        let built = WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), provider).build();
        built.map_err(|error| unusable(error.to_string()))?
    };
    Ok(Arc::new(ExplainingVerifier { inner, roots }))
}

fn of_file(path: &Path) -> std::result::Result<Vec<CertificateDer<'static>>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        // A pipe might never end.
        return Err("it is no regular file".to_owned());
    }
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let pem = pem.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&pem);
    let mut roots = RootCertStore::empty();
    let mut certificates = Vec::new();
    for (index, certificate) in CertificateDer::pem_slice_iter(pem).enumerate() {
        let block = index + 1;
        let certificate =
            certificate.map_err(|error| format!("its certificate {block} can't be read: {error}"))?;
        roots
            .add(certificate.clone())
            .map_err(|error| format!("its certificate {block} can't be used: {error}"))?;
        certificates.push(certificate);
    }
    if certificates.is_empty() {
        let is_trusted_form = String::from_utf8_lossy(pem).contains(TRUSTED_LABEL);
        return Err(if is_trusted_form {
            "it is in OpenSSL's TRUSTED form; `openssl x509 -in FILE` writes the plain one".to_owned()
        } else {
            "it has no certificate in PEM form".to_owned()
        });
    }
    Ok(certificates)
}

fn of_dirs(dirs: &[PathBuf]) -> Result<Vec<CertificateDer<'static>>> {
    let loaded = dirs.iter().map(|dir| rustls_native_certs::load_certs_from_paths(None, Some(dir)));
    let certificates = usable(loaded.flat_map(|loaded| loaded.certs));
    if certificates.is_empty() {
        let shown: Vec<String> = dirs.iter().map(|dir| secret::displayed_path(dir)).collect();
        return Err(Error::usage(format!("SSL_CERT_DIR names no certificate: {}", shown.join(", ")))
            .cause("it takes directories of PEM files")
            .fix("name such a directory, or unset it for the system's trust store"));
    }
    Ok(certificates)
}

/// Not by the library's own search, which takes an empty `SSL_CERT_FILE` for the name of a file.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn of_system() -> Result<Option<Vec<CertificateDer<'static>>>> {
    let places = openssl_probe::probe();
    let files =
        places.cert_file.iter().map(|file| rustls_native_certs::load_certs_from_paths(Some(file), None));
    let dirs = places.cert_dir.iter().map(|dir| rustls_native_certs::load_certs_from_paths(None, Some(dir)));
    let mut certificates = usable(files.flat_map(|loaded| loaded.certs));
    if certificates.is_empty() {
        certificates = usable(dirs.flat_map(|loaded| loaded.certs));
    }
    if certificates.is_empty() {
        return Err(Error::new(Category::Unavailable, "the system's trust store has no certificate")
            .fix("install ca-certificates, or give --ca-cert"));
    }
    Ok(Some(certificates))
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
#[expect(clippy::unnecessary_wraps, reason = "the one of the other systems may fail")]
fn of_system() -> Result<Option<Vec<CertificateDer<'static>>>> {
    Ok(None)
}

/// Those that can be used. One odd certificate among the system's must not stop every call.
fn usable(certificates: impl Iterator<Item = CertificateDer<'static>>) -> Vec<CertificateDer<'static>> {
    certificates.filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok()).collect()
}
