//! How connections are made: trusted certificates and proxies.

use std::path::PathBuf;

use crate::base_url::BaseUrl;
use crate::cli::ClientArgs;
use crate::environment::Environment;
use crate::environment::variable;
use crate::error::Result;
use crate::login::{Proxy, Transport};
use crate::secret::Secret;

use super::value::path;

/// The transport for these servers.
///
/// # Errors
/// A proxy's variable that is not text.
pub(super) fn transport(
    args: &ClientArgs,
    environment: Environment,
    servers: &[&BaseUrl],
) -> Result<Transport> {
    Ok(Transport {
        ca_cert: path(args.ca_cert.as_deref(), environment, &[variable::CA_CERT, variable::SSL_CERT_FILE]),
        ca_dirs: ca_dirs(environment),
        proxy: proxy(environment)?,
        is_plain_http: !servers.is_empty() && servers.iter().all(|url| !url.is_https()),
    })
}

/// Directories of certificates to trust instead of the system's, when no file is named.
pub(super) fn ca_dirs(environment: Environment) -> Vec<PathBuf> {
    let Some(dirs) = environment.path(variable::SSL_CERT_DIR) else { return Vec::new() };
    std::env::split_paths(&dirs).filter(|dir| !dir.as_os_str().is_empty()).collect()
}

/// The proxy for https as curl finds it: the lower-case variable first, then the one for all protocols.
fn proxy(environment: Environment) -> Result<Option<Proxy>> {
    let variables =
        [variable::HTTPS_PROXY_LOWER, variable::HTTPS_PROXY, variable::ALL_PROXY_LOWER, variable::ALL_PROXY];
    for variable in variables {
        if let Some(url) = environment.text(variable)? {
            let no_proxy = match environment.text(variable::NO_PROXY_LOWER)? {
                Some(hosts) => Some(hosts),
                None => environment.text(variable::NO_PROXY)?,
            };
            return Ok(Some(Proxy { text: Secret::new(url), no_proxy, variable }));
        }
    }
    Ok(None)
}
