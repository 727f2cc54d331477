//! What a server knows and remembers, shared between its thread and the test.

use crate::{Answer, Behaviour, CLIENT_ID, CLIENT_SECRET};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

/// One request, and what became of it.
#[derive(Debug, Clone)]
pub struct Record {
    /// When its last byte had come.
    pub at: Instant,
    /// The method.
    pub method: String,
    /// The path, with the query if there was one.
    pub path: String,
    /// The headers in the order they came, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are not UTF-8 are replaced.
    pub body: String,
    /// The status it was answered with: none while it waits, and none ever when the answer was silence or a hang-up.
    pub status: Option<u16>,
    /// The token it was given.
    pub token: Option<String>,
    /// Of a token request: the behaviour that was in force when it came.
    pub behaviour: Option<Arc<Behaviour>>,
    /// Of a token request: when its answer was on its way, or its client was seen to have left; none while it waits.
    pub ended: Option<Instant>,
}

impl Record {
    /// The value of the first header with this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A behaviour in force, with what it has to count.
struct Reign {
    behaviour: Arc<Behaviour>,
    token_requests: usize,
    first_token_request: Option<Instant>,
}

impl Reign {
    fn new(behaviour: Behaviour) -> Self {
        Self { behaviour: Arc::new(behaviour), token_requests: 0, first_token_request: None }
    }

    /// The answer to the token request that has just come: answers that wear off become tokens.
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

struct Inner {
    reign: Reign,
    /// Secrets by client id.
    clients: HashMap<String, String>,
    /// Client ids by live token.
    live: HashMap<String, String>,
    handed_out: Vec<String>,
    log: Vec<Record>,
    token_requests: usize,
    verify_requests: usize,
    in_flight: usize,
    max_in_flight: usize,
}

/// The state of one server.
pub(crate) struct State(Mutex<Inner>);

impl State {
    pub(crate) fn new(behaviour: Behaviour) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Inner {
            reign: Reign::new(behaviour),
            clients: HashMap::from([(CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned())]),
            live: HashMap::new(),
            handed_out: Vec::new(),
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
        self.lock().reign = Reign::new(behaviour);
    }

    pub(crate) fn behaviour(&self) -> Arc<Behaviour> {
        Arc::clone(&self.lock().reign.behaviour)
    }

    pub(crate) fn add_client(&self, id: &str, secret: &str) {
        self.lock().clients.insert(id.to_owned(), secret.to_owned());
    }

    pub(crate) fn secret_of(&self, id: &str) -> Option<String> {
        self.lock().clients.get(id).cloned()
    }

    /// Counts the token request of this number in; the guard counts it out. The behaviour and the answer are those of
    /// this moment, however long the answer is then delayed.
    pub(crate) fn token_request(self: &Arc<Self>, number: usize) -> (InFlight, Arc<Behaviour>, Answer) {
        let mut inner = self.lock();
        inner.token_requests += 1;
        inner.in_flight += 1;
        inner.max_in_flight = inner.max_in_flight.max(inner.in_flight);
        let answer = inner.reign.next_answer();
        let behaviour = Arc::clone(&inner.reign.behaviour);
        inner.log[number].behaviour = Some(Arc::clone(&behaviour));
        (InFlight { state: Arc::clone(self), number }, behaviour, answer)
    }

    pub(crate) fn count_verify_request(&self) {
        self.lock().verify_requests += 1;
    }

    /// Remembers a request, under the number by which it can be [marked answered](Self::answered).
    pub(crate) fn remember(&self, record: Record) -> usize {
        let mut inner = self.lock();
        inner.log.push(record);
        inner.log.len() - 1
    }

    pub(crate) fn answered(&self, number: usize, status: u16, token: Option<String>) {
        let mut inner = self.lock();
        let record = &mut inner.log[number];
        record.status = Some(status);
        record.token = token;
    }

    pub(crate) fn hand_out(&self, token: &str, client: &str) {
        let mut inner = self.lock();
        inner.live.insert(token.to_owned(), client.to_owned());
        inner.handed_out.push(token.to_owned());
    }

    /// The client a token was handed to, as long as the token lives.
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
        self.lock().handed_out.clone()
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

/// A token request that has not been answered yet. Also dropped when the client goes away.
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
