//! The request for a token (RFC 6749 section 4.4.2) over HTTP.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

use super::answer_failure::{HttpAnswer, of_answer, of_malformed};
use super::connection::{Connection, Destination, MAX_BODY_LEN};
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::interface::{Liveness, Login, TokenGrant};
use super::retry::parse_retry_after;
use super::token_response;
use crate::client::Client;
use crate::error::Error;
use crate::log::{Awaited, Log};
use crate::sanitize::sanitize;
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::{Clock, Timestamp};
use crate::token::AccessToken;

/// The login server over HTTP(S).
pub(crate) struct HttpLogin<'a> {
    endpoint: &'a Endpoint,
    connection: Connection<'a>,
    /// A connection of its own: a look-up of the API host's name that does not end would hold up the login server's.
    api: Connection<'a>,
    client: &'a Client,
    scopes: &'a Scopes,
    clock: &'a dyn Clock,
    clock_skew: Cell<Option<ClockSkew>>,
}

/// The server's clock beside ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockSkew {
    /// The server's time, by its `Date` header (RFC 9110 section 6.6.1).
    pub(crate) server: Timestamp,
    /// The local time at which that arrived.
    pub(crate) local: Timestamp,
}

impl<'a> HttpLogin<'a> {
    /// Prepares a request; nothing is opened or read before the first one.
    pub(crate) fn new(
        endpoint: &'a Endpoint,
        client: &'a Client,
        scopes: &'a Scopes,
        clock: &'a dyn Clock,
        log: &'a dyn Log,
    ) -> Self {
        Self {
            endpoint,
            connection: Connection::new(&endpoint.transport, clock, log),
            api: Connection::new(&endpoint.transport, clock, log),
            client,
            scopes,
            clock,
            clock_skew: Cell::default(),
        }
    }

    /// What the last answer said of the server's clock.
    pub(crate) fn clock_skew(&self) -> Option<ClockSkew> {
        self.clock_skew.get()
    }

    /// What must not come back in an error, also when the server quotes it.
    fn sent<'s>(&'s self, basic: &'s Secret) -> [&'s str; 2] {
        [self.client.secret.expose(), basic.expose()]
    }

    fn form(&self) -> String {
        let mut form = String::from("grant_type=client_credentials");
        if !self.scopes.is_empty() {
            form.push_str("&scope=");
            form.extend(url::form_urlencoded::byte_serialize(self.scopes.to_string().as_bytes()));
        }
        form
    }
}

/// The longest `Retry-After`: a gateway may add its own to the server's.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let values = headers.get_all(RETRY_AFTER).iter().filter_map(|value| value.to_str().ok());
    values.filter_map(|value| parse_retry_after(value, now)).max()
}

impl Login for HttpLogin<'_> {
    fn request_token(&self, limit: Duration) -> Result<TokenGrant, Failure> {
        let endpoint = self.endpoint;
        let http = self.connection.http(&endpoint.login_url).map_err(Failure::before_request)?;
        let basic = self.client.basic_credentials();
        let sent = self.sent(&basic);
        let mut authorization = HeaderValue::try_from(format!("Basic {}", basic.expose())).map_err(|_| {
            Failure::before_request(Error::internal("id and secret do not fit into an HTTP header"))
        })?;
        authorization.set_sensitive(true);
        let request = http
            .post(endpoint.login_url.join("/oauth/token"))
            .header("Authorization", authorization)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .body(self.form());
        let destination = Destination {
            url: &endpoint.login_url,
            server: &endpoint.login_server(),
            awaited: Awaited::LoginServer,
        };
        let (response, body) = self.connection.exchange(request, &destination, limit, &sent)?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let date = header("date").and_then(|date| httpdate::parse_http_date(date).ok());
        let local = self.clock.now();
        let skew = |date: SystemTime| ClockSkew { server: date.into(), local };
        self.clock_skew.set(date.map(skew));
        let answer = HttpAnswer {
            status: response.status().as_u16(),
            body: &body,
            retry_after: retry_after(response.headers(), date.map_or(local, Timestamp::from)),
            correlation_id: header("inin-correlation-id"),
            location: header("location"),
        };
        if answer.status != 200 {
            return Err(of_answer(endpoint, &answer, &sent));
        }
        if body.len() as u64 > MAX_BODY_LEN {
            let why = format!("it is longer than {MAX_BODY_LEN} bytes");
            return Err(of_malformed(endpoint, &why, &answer, &sent));
        }
        token_response::parse(&body, &sent).map_err(|why| {
            let why = match header("content-encoding") {
                Some(encoding) => format!("{why} (Content-Encoding {})", sanitize(encoding, &sent)),
                None => why,
            };
            of_malformed(endpoint, &why, &answer, &sent)
        })
    }

    fn check_token(&self, token: &AccessToken, limit: Duration) -> Liveness {
        self.api.check_token(&self.endpoint.api_url, token, limit)
    }

    fn transport_id(&self) -> String {
        self.endpoint.transport.id()
    }
}
