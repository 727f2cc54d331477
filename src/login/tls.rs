//! What TLS connections are configured with.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use super::handshakes::Handshakes;
use super::transport::Transport;
use super::trust::{trusted_certificates, verifier};
use crate::error::{Error, Result};

/// The configuration of every handshake of a connection, and their number.
pub(super) struct Tls {
    pub(super) config: ClientConfig,
    pub(super) handshakes: Arc<Handshakes>,
}

impl Tls {
    /// # Errors
    /// The CA file or the trust store can't be used.
    pub(super) fn new(transport: &Transport) -> Result<Self> {
        let mut config = client_config(transport)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let handshakes = Arc::new(Handshakes::default());
        config.resumption = Resumption::store(Arc::clone(&handshakes) as _);
        Ok(Self { config, handshakes })
    }
}

/// What any TLS connection over `transport` is configured with.
///
/// # Errors
/// The CA file or the trust store can't be used.
pub(crate) fn client_config(transport: &Transport) -> Result<ClientConfig> {
    // Ring, for its start-up: aws-lc takes some 50 ms to gather entropy.
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::internal(error.to_string()))?;
    let certificates = trusted_certificates(transport)?;
    let builder = if certificates.as_ref().is_some_and(Vec::is_empty) {
        builder.with_root_certificates(RootCertStore::empty())
    } else {
        builder.dangerous().with_custom_certificate_verifier(verifier(certificates)?)
    };
    Ok(builder.with_no_client_auth())
}
