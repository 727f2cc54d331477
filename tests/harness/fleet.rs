//! A fleet in simulated time: machines with a disk and a clock of their own, a login server, and what they share.

use std::sync::Mutex;
use std::time::Duration;

use genesys_token::broker::{Broker, Provided, Request, Requirements};
use genesys_token::cache::{BuildShare, Cache, CacheKey, SharedCache, SharedLocation};
use genesys_token::client::ClientSecret;
use genesys_token::error::{Category, Error, Result};
use genesys_token::lane::Lane;
use genesys_token::log::NoLog;
use genesys_token::login::{Failure, FailureClass, Liveness, Login, TokenGrant};
use genesys_token::store::{
    LeaseHolder, Look, MemorySharedStore, MemoryStore, Put, SharedName, SharedStore, StoreFault,
};
use genesys_token::time::Clock;
use genesys_token::token::AccessToken;
use loopback_login_server::CLIENT_SECRET;

use super::entry::{access_token, cache_key, secret};
use super::simulation::{Seeded, Skewed, TaskClock};

pub const LOGIN_URL: &str = "https://login.example";
pub const PREFIX: &str = "genesys-token:";
/// How long a question to the shared store takes.
pub const STORE_TAKES: Duration = Duration::from_millis(2);

/// What a login server answers at a time of the simulation.
pub type Behaviour = Box<dyn Fn(&Server, Duration) -> std::result::Result<TokenGrant, Failure> + Send + Sync>;

/// The login server and the API host.
pub struct Server {
    behaviour: Behaviour,
    /// How long an answer takes, by the number of its request.
    takes: Box<dyn Fn(usize) -> Duration + Send + Sync>,
    requests: Mutex<Vec<Duration>>,
    /// The tokens that the API host no longer takes.
    pub dead: Mutex<Vec<String>>,
    pub checks: Mutex<usize>,
}

impl Server {
    pub fn new(
        behaviour: impl Fn(&Server, Duration) -> std::result::Result<TokenGrant, Failure> + Send + Sync + 'static,
    ) -> Self {
        Self {
            behaviour: Box::new(behaviour),
            takes: Box::new(|_| Duration::from_millis(100)),
            requests: Mutex::default(),
            dead: Mutex::default(),
            checks: Mutex::default(),
        }
    }

    /// A server that gives tokens that live so long.
    pub fn with_tokens(lives: Duration) -> Self {
        Self::new(move |server, _| Ok(server.grant(Some(lives))))
    }

    pub fn taking(self, takes: impl Fn(usize) -> Duration + Send + Sync + 'static) -> Self {
        Self { takes: Box::new(takes), ..self }
    }

    /// When it was asked, in the simulation's time.
    pub fn requests(&self) -> Vec<Duration> {
        self.requests.lock().expect("no thread panics with it").clone()
    }

    /// A token of its own for each request: it ends with the request's number, counted from 1.
    pub fn grant(&self, expires_in: Option<Duration>) -> TokenGrant {
        let number = self.requests.lock().expect("no thread panics with it").len();
        let value = access_token(&format!("token-{number}"));
        TokenGrant { value, expires_in, scope: None, warnings: Vec::new() }
    }

    /// When the request with this number was sent, counted from 1.
    pub fn requested_at(&self, number: usize) -> Duration {
        self.requests.lock().expect("no thread panics with it")[number - 1]
    }

    /// Lets the API host refuse a token.
    pub fn kill(&self, token: &str) {
        self.dead.lock().expect("no thread panics with it").push(token.to_owned());
    }

    pub fn checks(&self) -> usize {
        *self.checks.lock().expect("no thread panics with it")
    }
}

pub fn refused() -> Failure {
    Failure::new(FailureClass::Refused, Error::new(Category::Rejected, "the server's words"))
}

pub fn rate_limited(retry_after: Duration) -> Failure {
    let error = Error::new(Category::RateLimited, "too many requests");
    Failure { retry_after: Some(retry_after), ..Failure::new(FailureClass::RateLimited, error) }
}

/// The server, as one call sees it.
pub struct ServerOf<'a> {
    pub server: &'a Server,
    pub clock: &'a TaskClock,
}

impl Login for ServerOf<'_> {
    fn request_token(&self, _: Duration) -> std::result::Result<TokenGrant, Failure> {
        let number = {
            let mut requests = self.server.requests.lock().expect("no thread panics with it");
            requests.push(self.clock.time());
            requests.len()
        };
        let answer = (self.server.behaviour)(self.server, self.clock.time());
        self.clock.sleep((self.server.takes)(number));
        answer
    }

    fn check_token(&self, token: &AccessToken, _: Duration) -> Liveness {
        *self.server.checks.lock().expect("no thread panics with it") += 1;
        self.clock.sleep(Duration::from_millis(50));
        let dead = self.server.dead.lock().expect("no thread panics with it");
        if dead.iter().any(|dead| dead == token.expose()) { Liveness::Dead } else { Liveness::Alive }
    }

    fn transport_id(&self) -> String {
        "direct".to_owned()
    }
}

/// The shared store, as one call sees it: each question takes its time.
struct StoreOf<'a> {
    store: &'a MemorySharedStore<'a>,
    clock: &'a TaskClock,
}

impl SharedStore for StoreOf<'_> {
    fn look(&self, names: &[SharedName], lease: &SharedName) -> std::result::Result<Look, StoreFault> {
        self.clock.sleep(STORE_TAKES);
        self.store.look(names, lease)
    }

    fn take_lease(
        &self,
        lease: &SharedName,
        holder: &LeaseHolder,
        life: Duration,
    ) -> std::result::Result<bool, StoreFault> {
        self.clock.sleep(STORE_TAKES);
        self.store.take_lease(lease, holder, life)
    }

    fn update(
        &self,
        names: &[SharedName],
        lease: &SharedName,
        holder: &LeaseHolder,
        change: &mut dyn FnMut(&Look) -> Vec<Put>,
    ) -> std::result::Result<(), StoreFault> {
        self.clock.sleep(STORE_TAKES);
        self.store.update(names, lease, holder, change)
    }

    fn location(&self) -> String {
        self.store.location()
    }
}

/// A machine: what is on its disk, and how wrong its clock is.
pub struct Machine<'c> {
    disk: MemoryStore<'c>,
    /// Seconds.
    pub clock_skew: i64,
    pub random: Seeded,
}

impl<'c> Machine<'c> {
    /// `number` tells its random numbers from those of others.
    pub fn new(clock: &'c dyn Clock, number: u64, clock_skew: i64) -> Self {
        Self { disk: MemoryStore::new(clock), clock_skew, random: Seeded::new(number) }
    }
}

/// What a call asks for.
#[derive(Clone, Debug)]
pub struct CallOptions {
    pub force_refresh: bool,
    pub verify_after: Option<Duration>,
    pub timeout: Duration,
    pub lane: Option<String>,
    pub uses_disk: bool,
}

impl Default for CallOptions {
    fn default() -> Self {
        let timeout = Duration::from_mins(1);
        Self { force_refresh: false, verify_after: None, timeout, lane: None, uses_disk: true }
    }
}

/// What a call has beside the disk of its machine.
#[derive(Clone, Copy, Default)]
pub struct Sharing<'a> {
    pub build: Option<&'a BuildShare>,
    pub fleet: Option<&'a SharedCache<'a>>,
}

impl Machine<'_> {
    /// One call for `client`. Its stopwatch is that of `clock`, which shows this machine's time.
    pub fn call(
        &self,
        (key, secret): (&CacheKey, &ClientSecret),
        login: &dyn Login,
        clock: &Skewed,
        sharing: Sharing,
        options: &CallOptions,
    ) -> Result<Provided> {
        let cache = self.cache(key, secret);
        let broker = Broker {
            cache: Some(&cache).filter(|_| options.uses_disk),
            build: sharing.build,
            fleet: sharing.fleet,
            login,
            clock,
            random: &self.random,
            log: &NoLog,
        };
        let requirements =
            Requirements { started_at: clock.now(), min_ttl: None, force_refresh: options.force_refresh };
        let request = Request { requirements, verify_after: options.verify_after, timeout: options.timeout };
        broker.token(request)
    }

    /// What is on its disk of a client.
    pub fn cache(&self, key: &CacheKey, secret: &ClientSecret) -> Cache<'_> {
        Cache::new(&self.disk, key.clone(), secret)
    }
}

/// What all machines share.
pub struct Fleet<'c> {
    pub server: &'c Server,
    pub store: &'c MemorySharedStore<'c>,
}

impl Fleet<'_> {
    /// One call on `machine`.
    pub fn call(&self, machine: &Machine, task: &TaskClock, options: &CallOptions) -> Result<Provided> {
        let clock = Skewed::new(task, machine.clock_skew);
        let lane = options.lane.as_deref().map(|lane| Lane::parse(lane, "lane").expect("a lane"));
        let key = CacheKey { lane, ..cache_key(LOGIN_URL) };
        let secret = secret(CLIENT_SECRET);
        let store = StoreOf { store: self.store, clock: task };
        let location = SharedLocation { prefix: PREFIX, identity: "memory".to_owned() };
        let shared = SharedCache::new(&store, location, &key, &secret, &clock, &machine.random);
        let login = ServerOf { server: self.server, clock: task };
        let sharing = Sharing { fleet: Some(&shared), ..Sharing::default() };
        machine.call((&key, &secret), &login, &clock, sharing, options)
    }
}
