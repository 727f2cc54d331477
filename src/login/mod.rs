//! The login server: one request for a token (RFC 6749 section 4.4), and every answer it can bring. Also the few
//! calls of the Platform API that are about a token.
//!
//! A connection, its thread and its certificates come into being with the first request: a hit needs none of them.
//! Whether to try again is for the broker to decide.

pub mod answer_failure;
mod api;
mod api_fixes;
mod certificate_fault;
mod connection;
mod endpoint;
mod explaining_verifier;
mod failure;
mod handshakes;
mod hop;
mod interface;
mod json;
mod no_proxy;
mod oauth_error;
mod proxy;
mod proxy_failure;
mod proxy_url;
mod resolver;
mod resource_limits;
mod retry;
mod sources;
mod tls;
mod tls_failure;
mod token_info;
mod token_request;
pub mod token_response;
mod transport;
mod transport_failure;
mod trust;
mod tunnel;
mod web_page;

pub(crate) use answer_failure::IP_ALLOW_LIST;
pub(crate) use api::{ADDRESS_REFUSED, ADDRESS_REFUSED_WORDS, ApiResponse, Revocation};
pub(crate) use api_fixes::{ALLOW_ADDRESS, ALLOW_API_HOST, ONE_REGION};
pub(crate) use certificate_fault::CertificateFault;
pub(crate) use connection::{Connection, Method};
pub use endpoint::{Endpoint, RegionSource};
pub use failure::{Audience, Failure, FailureClass};
pub use interface::{Liveness, Login, TokenGrant};
pub use oauth_error::{OAuthError, OAuthErrorCode};
pub use retry::{Backoff, parse_retry_after};
pub(crate) use tls::client_config;
pub(crate) use token_info::{Identification, RoleGrant, TokenInfo};
pub(crate) use token_request::{ClockSkew, HttpLogin};
pub use transport::{Proxy, Transport};
pub(crate) use trust::{trusted_certificates, verifier};
