//! The request for a token (RFC 6749 section 4.4.2) over HTTP.

use std::cell::Cell;
use std::time::Duration;

use reqwest::header::HeaderValue;

use super::connection::{BODY_LIMIT, Connection, Problem};
use super::endpoint::Endpoint;
use super::refusal::{self, Answered};
use super::{Failure, Granted, Liveness, Login, answer, retry_after, text};
use crate::client::Client;
use crate::error::Error;
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::{Clock, Timestamp};

/// The login server over HTTP(S).
pub struct HttpLogin<'a> {
    endpoint: &'a Endpoint,
    connection: Connection<'a>,
    /// Of its own: a look-up of the API host's name that does not end would hold up the login server's.
    api: Connection<'a>,
    client: &'a Client,
    scopes: &'a Scopes,
    clock: &'a dyn Clock,
    ahead: Cell<Option<Ahead>>,
}

/// How far a server's clock is ahead of ours, or behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// The server's time, by its `Date` header (RFC 9110 section 6.6.1).
    pub theirs: Timestamp,
    /// Our own when that arrived.
    pub ours: Timestamp,
}

impl<'a> HttpLogin<'a> {
    /// Prepares to ask; nothing is opened or read before the first request.
    pub fn new(endpoint: &'a Endpoint, client: &'a Client, scopes: &'a Scopes, clock: &'a dyn Clock) -> Self {
        Self {
            endpoint,
            connection: Connection::new(&endpoint.route, clock),
            api: Connection::new(&endpoint.route, clock),
            client,
            scopes,
            clock,
            ahead: Cell::default(),
        }
    }

    /// What the last answer said of the server's clock.
    pub fn ahead(&self) -> Option<Ahead> {
        self.ahead.get()
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

impl Login for HttpLogin<'_> {
    fn ask(&self, limit: Duration) -> Result<Granted, Failure> {
        let endpoint = self.endpoint;
        let http = self.connection.http().map_err(refusal::before_asking)?;
        let basic = self.client.basic_credentials();
        let sent = self.sent(&basic);
        let mut authorization = HeaderValue::try_from(format!("Basic {}", basic.expose())).map_err(|_| {
            refusal::before_asking(Error::internal("id and secret do not fit into an HTTP header"))
        })?;
        authorization.set_sensitive(true);
        let request = http
            .post(format!("{}/oauth/token", endpoint.login_url))
            .header("Authorization", authorization)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .body(self.form());
        let (response, body) = self.connection.send(request, limit).map_err(|problem| match problem {
            Problem::Transport(error) => refusal::of_transport(&endpoint.asked(), &error, &sent),
            Problem::Slow => refusal::of_slowness(&endpoint.asked()),
        })?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let theirs = header("date").and_then(|date| httpdate::parse_http_date(date).ok()).map(Timestamp::of);
        self.ahead.set(theirs.map(|theirs| Ahead { theirs, ours: self.clock.now() }));
        let answered = Answered {
            status: response.status().as_u16(),
            body: &body,
            retry_after: header("retry-after").and_then(|value| retry_after(value, self.clock.now())),
            correlation_id: header("inin-correlation-id"),
            location: header("location"),
        };
        if answered.status != 200 {
            return Err(refusal::of_answer(endpoint, &answered, &sent));
        }
        if body.len() as u64 > BODY_LIMIT {
            let why = format!("it is longer than {BODY_LIMIT} bytes");
            return Err(refusal::of_malformed(endpoint, &why, &answered, &sent));
        }
        answer::read(&body, &sent).map_err(|why| {
            let why = match header("content-encoding") {
                Some(encoding) => format!("{why} (Content-Encoding {})", text::showable(encoding, &sent)),
                None => why,
            };
            refusal::of_malformed(endpoint, &why, &answered, &sent)
        })
    }

    fn check(&self, token: &Secret, limit: Duration) -> Liveness {
        self.api.check(&self.endpoint.api_url, token, limit)
    }
}
