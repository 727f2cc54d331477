//! How connections are made: what is trusted, and what they go through.

use std::path::PathBuf;

use ring::digest;

use crate::environment::variable::Variable;
use crate::hex::hex;
use crate::secret::Secret;

/// How connections to the servers are made.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// A PEM file of certificates to trust instead of the system's.
    pub ca_cert: Option<PathBuf>,
    /// Directories of PEM files to trust instead of the system's certificates, when there is no such file.
    pub ca_dirs: Vec<PathBuf>,
    /// The proxy to go through.
    pub proxy: Option<Proxy>,
    /// Whether all servers speak plain HTTP: nothing is verified then, so the system's trust store is not read.
    pub is_plain_http: bool,
}

impl Transport {
    /// Tells transports apart: 16 hex digits of a SHA-256 over the paths of the trusted certificates and the proxy.
    pub(crate) fn id(&self) -> String {
        let proxy = self.proxy.as_ref();
        let dirs: Vec<&[u8]> = self.ca_dirs.iter().map(|dir| dir.as_os_str().as_encoded_bytes()).collect();
        let dirs = dirs.join(&0);
        let parts = [
            &dirs[..],
            self.ca_cert.as_ref().map_or(&b""[..], |path| path.as_os_str().as_encoded_bytes()),
            proxy.map_or("", |proxy| proxy.text.expose()).as_bytes(),
            proxy.and_then(|proxy| proxy.no_proxy.as_deref()).unwrap_or_default().as_bytes(),
        ];
        let mut digest = digest::Context::new(&digest::SHA256);
        for part in parts {
            digest.update(&(part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        hex(&digest.finish().as_ref()[..8])
    }
}

/// A proxy as the environment names it. Its URL may hold a password, and may be unusable: that matters only to requests
/// that `NO_PROXY` does not exempt.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Its URL, as it was written.
    pub text: Secret,
    /// The hosts that bypass it, in the form of `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// The variable that named it.
    pub variable: &'static Variable,
}
