//! What every test here starts from.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use genesys_token::broker::{Broker, Provided, Request, Requirements};
use genesys_token::cache::Cache;
use genesys_token::error::{Category, Error, Result};
use genesys_token::log::NoLog;
use genesys_token::login::{Failure, FailureClass, Liveness, Login, TokenGrant};
use genesys_token::random::Random;
use genesys_token::store::{Held, Lease, MemoryStore, Store};
use genesys_token::time::Clock;
use genesys_token::token::AccessToken;
use tempfile::TempDir;

use crate::harness::clock::FakeClock;
use crate::harness::entry;
use crate::harness::temporary_dir;

pub(crate) const DAY: u64 = 86_400;
pub(crate) const LOGIN_URL: &str = "https://login.example";

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Always draws the middle.
pub(crate) struct Half;

impl Random for Half {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        bytes.fill(127);
        true
    }
}

/// A store and a clock.
pub(crate) struct Setup {
    /// Leaked, as is the store: a memory store borrows its clock, and a clock may look at the store.
    pub(crate) clock: &'static FakeClock,
    pub(crate) store: &'static dyn Store,
    _dir: Option<TempDir>,
}

impl Setup {
    pub(crate) fn dir() -> Self {
        let dir = temporary_dir();
        let store = Box::leak(Box::new(entry::dir_store(dir.path())));
        Self { clock: Box::leak(Box::new(FakeClock::new())), store, _dir: Some(dir) }
    }

    pub(crate) fn memory() -> Self {
        let clock: &'static FakeClock = Box::leak(Box::new(FakeClock::new()));
        Self::on(clock, Box::leak(Box::new(MemoryStore::new(clock))))
    }

    pub(crate) fn on(clock: &'static FakeClock, store: &'static MemoryStore<'static>) -> Self {
        Self { clock, store, _dir: None }
    }

    /// A memory store that has no room for anything more, once it is filled.
    pub(crate) fn full(fill: impl Fn(&Self)) -> Self {
        let clock: &'static FakeClock = Box::leak(Box::new(FakeClock::new()));
        let store: &'static MemoryStore = Box::leak(Box::new(MemoryStore::new(clock)));
        let setup = Self { clock, store, _dir: None };
        fill(&setup);
        store.set_full(true);
        setup
    }

    /// The client's cache, as any process sees it.
    pub(crate) fn cache(&self) -> Cache<'_> {
        entry::cache(self.store, LOGIN_URL)
    }

    /// Caches the token "current", which lives for a day and has so many seconds left.
    pub(crate) fn cache_token_with(&self, left: u64) {
        let requested_at = self.clock.now().minus(seconds(DAY - left));
        entry::put_at(&self.cache(), "current", requested_at, seconds(DAY));
    }

    /// Takes the client's lock, as another process.
    pub(crate) fn lock(&self) -> Held {
        match self.cache().try_lock() {
            Lease::Held(lock) => lock,
            lease => panic!("the lock is free: {lease:?}"),
        }
    }

    /// A login server that gives these answers in turn.
    pub(crate) fn login(&self, answers: impl IntoIterator<Item = Answer>) -> ScriptedLogin<'_> {
        ScriptedLogin {
            clock: self.clock,
            answers: RefCell::new(answers.into_iter().collect()),
            takes: Duration::from_millis(10),
            limits: RefCell::default(),
            liveness: Liveness::Alive,
            checks: Cell::default(),
            transport_id: "direct",
        }
    }

    /// A call that starts now.
    pub(crate) fn request(&self) -> Request {
        self.clock.restart();
        let requirements = Requirements { started_at: self.clock.now(), min_ttl: None, force_refresh: false };
        Request { requirements, verify_after: None, timeout: seconds(60) }
    }

    pub(crate) fn request_with_min_ttl(&self, min_ttl: u64) -> Request {
        let mut request = self.request();
        request.requirements.min_ttl = Some(seconds(min_ttl));
        request
    }

    pub(crate) fn forced_request(&self) -> Request {
        let mut request = self.request();
        request.requirements.force_refresh = true;
        request
    }

    pub(crate) fn provide(&self, login: &dyn Login, request: Request) -> Result<Provided> {
        self.provide_by(self.clock, login, request)
    }

    pub(crate) fn provide_by(
        &self,
        clock: &dyn Clock,
        login: &dyn Login,
        request: Request,
    ) -> Result<Provided> {
        let cache = self.cache();
        Broker { cache: Some(&cache), build: None, fleet: None, login, clock, random: &Half, log: &NoLog }
            .token(request)
    }

    /// The token that a plain call provides.
    #[track_caller]
    pub(crate) fn token(&self, login: &dyn Login) -> String {
        value(&self.provide(login, self.request()).expect("a token"))
    }
}

pub(crate) fn value(provided: &Provided) -> String {
    provided.token.value.expose().to_owned()
}

pub(crate) type Answer = std::result::Result<TokenGrant, Failure>;

/// Answers from a script, and records how it was called.
pub(crate) struct ScriptedLogin<'c> {
    pub(crate) clock: &'c FakeClock,
    answers: RefCell<VecDeque<Answer>>,
    /// How long each request takes.
    pub(crate) takes: Duration,
    /// The limit of each request.
    pub(crate) limits: RefCell<Vec<Duration>>,
    pub(crate) liveness: Liveness,
    pub(crate) checks: Cell<usize>,
    pub(crate) transport_id: &'static str,
}

impl ScriptedLogin<'_> {
    pub(crate) fn requests(&self) -> usize {
        self.limits.borrow().len()
    }
}

impl Login for ScriptedLogin<'_> {
    fn request_token(&self, limit: Duration) -> Answer {
        self.limits.borrow_mut().push(limit);
        self.clock.sleep(self.takes.min(limit));
        self.answers.borrow_mut().pop_front().expect("the script has an answer for this request")
    }

    fn check_token(&self, _: &AccessToken, _: Duration) -> Liveness {
        self.checks.set(self.checks.get() + 1);
        self.liveness.clone()
    }

    fn transport_id(&self) -> String {
        self.transport_id.to_owned()
    }
}

/// A token that can't be cached.
#[expect(clippy::unnecessary_wraps, reason = "an answer of the script, beside those that fail")]
pub(crate) fn token_without_lifetime(value: &str) -> Answer {
    Ok(TokenGrant { value: entry::access_token(value), expires_in: None, scope: None, warnings: Vec::new() })
}

#[expect(clippy::unnecessary_wraps, reason = "an answer of the script, beside those that fail")]
pub(crate) fn token(value: &str, expires_in: u64) -> Answer {
    let (value, expires_in) = (entry::access_token(value), Some(seconds(expires_in)));
    Ok(TokenGrant { value, expires_in, scope: None, warnings: Vec::new() })
}

pub(crate) fn failure(class: FailureClass, category: Category) -> Answer {
    Err(Failure::new(class, Error::new(category, "the server's words")))
}

pub(crate) fn down() -> Answer {
    failure(FailureClass::Transient, Category::Unavailable)
}

pub(crate) fn rate_limited(retry_after: u64) -> Answer {
    let error = Error::new(Category::RateLimited, "too many requests");
    Err(Failure { retry_after: Some(seconds(retry_after)), ..Failure::new(FailureClass::RateLimited, error) })
}
