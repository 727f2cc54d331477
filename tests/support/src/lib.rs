//! A loopback stand-in for the two hosts of Genesys Cloud that matter to a client-credentials token: the login
//! host (`POST /oauth/token`) and the API host (`HEAD`, `GET` and `DELETE /api/v2/tokens/me`).
//!
//! A [`LoginServer`] plays both hosts on one port, over HTTP or TLS. A [`Behaviour`] says how it answers and can be
//! changed while it runs. Its [log](LoginServer::log) has every request. The server runs on a background thread and
//! everything public is synchronous, so that plain `#[test]` functions, benches and a small program can use it.
//!
//! ```
//! use loopback_login_server::{Answer, Behaviour, LoginServer};
//! use std::time::Duration;
//!
//! let server = LoginServer::start(Behaviour { delay: Duration::from_millis(50), ..Behaviour::default() });
//! // … run the program under test against server.login_url() …
//! server.set(Behaviour::answering(Answer::FailTimes(2, 503)));
//! assert_eq!(server.token_requests(), 0);
//! ```
//!
//! Other failures of a network come from a [`Proxy`], a [`BlackHole`] that never answers, and a [`refused_url`].
//!
//! # Limitations
//!
//! - **It is built from public documents and captures, not from the service**: where those say nothing (the status of
//!   `invalid_client`, a `Retry-After` on a rate limit), it guesses.
//! - It speaks HTTP/1.1 only. Tokens do not expire; [`LoginServer::kill_token`] and `DELETE` end them.
//! - It protects no secret: never give it real credentials.

mod api_host;
mod background;
mod behaviour;
mod black_hole;
mod certificate;
mod control;
mod login_host;
mod ports;
mod proxy;
mod reply;
mod routes;
mod server;
mod state;

pub use api_host::{ORGANIZATION, ORGANIZATION_ID};
pub use behaviour::{Answer, Behaviour, ExpiresIn, VerifyAnswer};
pub use black_hole::BlackHole;
pub use certificate::{Certificate, PemFiles};
pub use ports::refused_url;
pub use proxy::{Proxy, ProxyBehaviour};
pub use server::LoginServer;
pub use state::Record;

/// The id of the client that every server knows from the start: a UUID, like the ids of Genesys Cloud.
pub const CLIENT_ID: &str = "11111111-2222-3333-4444-555555555555";

/// The secret of [`CLIENT_ID`]: 43 characters of base64url, like the secrets of Genesys Cloud. So `id:secret` in base64
/// is longer than the 76 characters at which some encoders break the line.
pub const CLIENT_SECRET: &str = "loopback-secret_that-opens_nothing-anywhere";

const _: () = assert!(CLIENT_ID.len() == 36 && CLIENT_SECRET.len() == 43);
