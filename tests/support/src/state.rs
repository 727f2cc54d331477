//! The state of a server: its clients, its tokens and its log. The server's thread and the test share it.

use crate::{Answer, Behaviour, CLIENT_ID, CLIENT_SECRET, ORGANIZATION, ORGANIZATION_ID};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

/// One request, and how it was answered.
#[derive(Debug, Clone)]
pub struct Record {
    /// When its last byte had arrived.
    pub at: Instant,
    /// The method.
    pub method: String,
    /// The path and the query.
    pub path: String,
    /// The headers in the order of arrival, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body. Bytes that are not UTF-8 are replaced.
    pub body: String,
    /// The status of its answer. `None` while the request waits, and for a request that never gets an answer.
    pub status: Option<u16>,
    /// The token in its answer.
    pub token: Option<String>,
    /// For a token request: the behaviour when it arrived.
    pub behaviour: Option<Arc<Behaviour>>,
    /// For a token request: when its answer was sent, or when the server noticed that its client had left. `None` while
    /// the request waits.
    pub ended: Option<Instant>,
}

impl Record {
    /// The value of the first header with this name. The case of the name does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The current behaviour, and the counts that some of its answers depend on.
struct Current {
    behaviour: Arc<Behaviour>,
    token_requests: usize,
    first_token_request: Option<Instant>,
    verify_requests: usize,
}

impl Current {
    fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour: Arc::new(behaviour),
            token_requests: 0,
            first_token_request: None,
            verify_requests: 0,
        }
    }

    /// The answer to the token request that has just arrived. A temporary failure that is over becomes a token.
    fn next_answer(&mut self) -> Answer {
        self.token_requests += 1;
        let first = *self.first_token_request.get_or_insert_with(Instant::now);
        match &self.behaviour.answer {
            Answer::RateLimitedFor(time) if first.elapsed() >= *time => Answer::Token,
            Answer::FailTimes(times, _) if self.token_requests > *times => Answer::Token,
            answer => answer.clone(),
        }
    }
}

struct Client {
    secret: String,
    /// Id and name of its organisation.
    organization: (String, String),
}

struct Inner {
    current: Current,
    /// Clients by their ids.
    clients: HashMap<String, Client>,
    /// Client ids by live token.
    live: HashMap<String, String>,
    /// Every issued token, including dead ones.
    issued: Vec<String>,
    log: Vec<Record>,
    token_requests: usize,
    verify_requests: usize,
    in_flight: usize,
    max_in_flight: usize,
}

impl Client {
    fn new(secret: &str, organization_id: &str, organization: &str) -> Self {
        Self {
            secret: secret.to_owned(),
            organization: (organization_id.to_owned(), organization.to_owned()),
        }
    }
}

/// The state of one server.
pub(crate) struct State(Mutex<Inner>);

impl State {
    pub(crate) fn new(behaviour: Behaviour) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Inner {
            current: Current::new(behaviour),
            clients: HashMap::from([(
                CLIENT_ID.to_owned(),
                Client::new(CLIENT_SECRET, ORGANIZATION_ID, ORGANIZATION),
            )]),
            live: HashMap::new(),
            issued: Vec::new(),
            log: Vec::new(),
            token_requests: 0,
            verify_requests: 0,
            in_flight: 0,
            max_in_flight: 0,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("nothing panics while it holds the state")
    }

    pub(crate) fn set(&self, behaviour: Behaviour) {
        self.lock().current = Current::new(behaviour);
    }

    pub(crate) fn behaviour(&self) -> Arc<Behaviour> {
        Arc::clone(&self.lock().current.behaviour)
    }

    pub(crate) fn add_client(&self, id: &str, secret: &str, organization: (&str, &str)) {
        let client = Client::new(secret, organization.0, organization.1);
        self.lock().clients.insert(id.to_owned(), client);
    }

    pub(crate) fn secret_of(&self, id: &str) -> Option<String> {
        self.lock().clients.get(id).map(|client| client.secret.clone())
    }

    /// Id and name of a known client's organisation.
    pub(crate) fn organization_of(&self, id: &str) -> (String, String) {
        self.lock().clients[id].organization.clone()
    }

    /// Counts the token request with this number as in flight until the guard is dropped. The behaviour and the answer
    /// are those of this moment, whatever the delay of the answer.
    pub(crate) fn token_request(self: &Arc<Self>, number: usize) -> (InFlight, Arc<Behaviour>, Answer) {
        let mut inner = self.lock();
        inner.token_requests += 1;
        inner.in_flight += 1;
        inner.max_in_flight = inner.max_in_flight.max(inner.in_flight);
        let answer = inner.current.next_answer();
        let behaviour = Arc::clone(&inner.current.behaviour);
        inner.log[number].behaviour = Some(Arc::clone(&behaviour));
        (InFlight { state: Arc::clone(self), number }, behaviour, answer)
    }

    /// Counts the request, and returns its number under the current behaviour.
    pub(crate) fn count_verify_request(&self) -> usize {
        let mut inner = self.lock();
        inner.verify_requests += 1;
        inner.current.verify_requests += 1;
        inner.current.verify_requests
    }

    /// Adds a request to the log, and returns its number there for [`log_answer`](Self::log_answer).
    pub(crate) fn log_request(&self, record: Record) -> usize {
        let mut inner = self.lock();
        inner.log.push(record);
        inner.log.len() - 1
    }

    pub(crate) fn log_answer(&self, number: usize, status: u16, token: Option<String>) {
        let mut inner = self.lock();
        let record = &mut inner.log[number];
        record.status = Some(status);
        record.token = token;
    }

    pub(crate) fn issue_token(&self, token: &str, client: &str) {
        let mut inner = self.lock();
        inner.live.insert(token.to_owned(), client.to_owned());
        inner.issued.push(token.to_owned());
    }

    /// The client that a live token was issued to.
    pub(crate) fn client_of(&self, token: &str) -> Option<String> {
        self.lock().live.get(token).cloned()
    }

    pub(crate) fn kill_token(&self, token: &str) {
        self.lock().live.remove(token);
    }

    pub(crate) fn kill_all_tokens(&self) {
        self.lock().live.clear();
    }

    pub(crate) fn tokens(&self) -> Vec<String> {
        self.lock().issued.clone()
    }

    pub(crate) fn log(&self) -> Vec<Record> {
        self.lock().log.clone()
    }

    pub(crate) fn token_requests(&self) -> usize {
        self.lock().token_requests
    }

    pub(crate) fn verify_requests(&self) -> usize {
        self.lock().verify_requests
    }

    pub(crate) fn max_in_flight(&self) -> usize {
        self.lock().max_in_flight
    }
}

/// A token request that is not answered yet. Dropped with its answer, or when the client leaves.
pub(crate) struct InFlight {
    state: Arc<State>,
    number: usize,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut inner = self.state.lock();
        inner.in_flight -= 1;
        inner.log[self.number].ended = Some(Instant::now());
    }
}
