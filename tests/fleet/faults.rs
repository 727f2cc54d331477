//! What a shared cache in trouble costs: a warning, its time, and one request more per machine. Never an error, and never
//! a wrong token. A store whose clock jumps is in tests/broker/fleet.rs: redis-server does not run under libfaketime.

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use loopback_login_server::Certificate;

use crate::fleet::{ACL, Fleet};
use crate::harness::page::Part;
use crate::harness::redis_server::RedisServer;
use crate::harness::{Call, temporary_dir};
use crate::misbehaving::{dripping, hanging_up, silent, web};

const HEAD: &str =
    "| the shared cache | says | requests | adds at most | slowest call |\n|---|---|---|---|---|\n";
const MACHINES: usize = 3;

/// What a fault costs.
struct Row {
    fault: String,
    says: BTreeSet<String>,
    /// Of all machines together, beside that of the first one.
    requests: BTreeSet<usize>,
    /// In words: time is not compared.
    bound: &'static str,
    slowest: Duration,
}

impl Row {
    fn new(fault: &str) -> Self {
        let (says, requests) = (BTreeSet::new(), BTreeSet::new());
        Self { fault: fault.to_owned(), says, requests, bound: "–", slowest: Duration::ZERO }
    }

    fn bound(self, bound: &'static str) -> Self {
        Self { bound, ..self }
    }

    /// New machines ask, each twice, with the trouble that `change` makes. Each gets a token that is alive, with at most
    /// one request of its own, and has it on its disk.
    #[track_caller]
    fn see(mut self, fleet: &Fleet, change: impl Fn(Call) -> Call) -> Self {
        let server = &fleet.scene.server;
        let first = server.token_requests();
        for machine in 1..=MACHINES {
            let (before, began) = (server.token_requests(), Instant::now());
            let done = change(fleet.on(machine, "get").any_stdout().any_stderr()).success();
            self.slowest = self.slowest.max(began.elapsed());
            assert!(server.tokens().contains(&done.token().to_owned()), "{}: {}", self.fault, done.stderr);
            assert!(server.token_requests() <= before + 1, "{}", self.fault);
            self.says.extend(warning(&done.stderr));
            let again = change(fleet.on(machine, "get").reused()).success();
            assert_eq!(again.token(), done.token(), "{}", self.fault);
        }
        self.requests.insert(server.token_requests() - first);
        self
    }

    /// The row of the page; its time is that which the page has.
    fn line(&self, documented: &str) -> String {
        let says: Vec<_> = self.says.iter().map(String::as_str).collect();
        let requests: Vec<_> = self.requests.iter().map(usize::to_string).collect();
        let (says, requests) = (says.join("; or "), requests.join(" or "));
        let begins = format!("| {} | {says} | {requests} | {} |", self.fault, self.bound);
        let line = documented.lines().find(|line| line.starts_with(&begins));
        line.map_or_else(|| format!("{begins} {:.2} s |", self.slowest.as_secs_f64()), str::to_owned) + "\n"
    }
}

/// What stands behind `not shared:`, without what differs from run to run.
fn warning(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("; warning: not shared: ")?;
    let words = rest.split(" (the shared cache at ").next().unwrap_or_default();
    Some(words.split(" (os error").next().unwrap_or_default().trim().to_owned())
}

/// One machine has fetched a token, which is in the shared cache.
fn with_token() -> Fleet {
    let fleet = Fleet::new();
    fleet.get(0).success();
    fleet
}

fn at(address: String) -> impl Fn(Call) -> Call {
    move |call| call.env("GENESYS_TOKEN_SHARED_CACHE", &address)
}

fn as_it_is(call: Call) -> Call {
    call
}

fn logged_in(call: Call, password: &str) -> Call {
    let call = call.env("GENESYS_TOKEN_SHARED_CACHE_USERNAME", "genesys");
    call.env("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", password)
}

fn unreachable() -> Vec<Row> {
    let mut down = with_token();
    down.redis.kill();
    let within = "its timeout";
    vec![
        Row::new("is down").see(&down, as_it_is),
        Row::new("has no name").bound(within).see(&with_token(), at("redis://nowhere.invalid".to_owned())),
        Row::new("never answers").bound(within).see(&with_token(), at(silent())),
        Row::new("answers byte by byte").bound(within).see(&with_token(), at(dripping())),
        Row::new("is a web server").see(&with_token(), at(web())),
    ]
}

/// A look, the lease, another look, what is to be changed, and the change; before and after the store has done it.
fn dies_in_a_call() -> Vec<Row> {
    let mut row = Row::new("dies at any of the five questions of a call").bound("the lease of that call");
    for question in 0..5 {
        for is_done in [false, true] {
            let fleet = Fleet::new();
            let call = fleet.on(1, "get").any_stdout().any_stderr();
            let began = Instant::now();
            let done = at(hanging_up(fleet.redis.port(), question, is_done))(call.clone()).success();
            row.says.extend(warning(&done.stderr));
            assert_eq!(call.success().token(), done.token(), "{question} {is_done}");
            // The machine may have left its lease behind, which ends by itself: after 2 s of these 8.
            let other = fleet.get(2).args(["--timeout", "8s"]).success();
            row.slowest = row.slowest.max(began.elapsed());
            assert!(fleet.scene.server.tokens().contains(&other.token().to_owned()), "{question}");
            row.requests.insert(fleet.scene.server.token_requests() - 1);
        }
    }
    vec![row]
}

fn forgets() -> Vec<Row> {
    let flushed = with_token();
    flushed.redis(["FLUSHALL"]);
    let evicted = with_token();
    let [token, _, _, lease] = evicted.names();
    evicted.redis(["DEL", &token, &lease]);
    let replica = RedisServer::start();
    let promoted = at(format!("redis://127.0.0.1:{}", replica.port()));
    vec![
        Row::new("was flushed").see(&flushed, as_it_is),
        Row::new("has evicted the token and the lease").see(&evicted, as_it_is),
        Row::new("failed over to a replica that lags").see(&with_token(), promoted),
    ]
}

fn refuses() -> Vec<Row> {
    let full = Fleet::configured("maxmemory 1\nmaxmemory-policy noeviction");
    let primary = RedisServer::start();
    let replica = Fleet::configured(&format!("replicaof 127.0.0.1 {}", primary.port()));
    let clustered = Fleet::configured("cluster-enabled yes");
    let closed = Fleet::configured("requirepass some");
    let mut rows = vec![
        Row::new("is full, and may evict nothing").see(&full, as_it_is),
        Row::new("is a replica").see(&replica, as_it_is),
        Row::new("is a cluster").see(&clustered, as_it_is),
        Row::new("requires a password, and none is given").see(&closed, as_it_is),
        Row::new("refuses the password").see(&Fleet::configured(ACL), |call| logged_in(call, "another")),
    ];
    let mut denies = Row::new("denies a command");
    for command in ["getrange", "set", "watch", "multi", "exec", "pttl", "time", "del"] {
        let fleet = Fleet::configured(&ACL.replace(&format!(" +{command}"), ""));
        denies = denies.see(&fleet, |call| logged_in(call, "store-password"));
    }
    rows.push(denies);
    rows
}

fn is_not_trusted() -> Vec<Row> {
    let (dir, other) = (temporary_dir(), temporary_dir());
    let (pem, other) = (Certificate::Good.write_pem(dir.path()), Certificate::Good.write_pem(other.path()));
    let (certificate, key) = (pem.certificate.display(), pem.private_key.display());
    let lines =
        format!("tls-port PORT\ntls-cert-file {certificate}\ntls-key-file {key}\ntls-auth-clients no");
    let fleet = Fleet::configured(&lines);
    let url = format!("rediss://localhost:{}", fleet.redis.port());
    let trusting = |call: Call, ca: &Path| {
        call.env("GENESYS_TOKEN_SHARED_CACHE", &url).env("GENESYS_TOKEN_SHARED_CACHE_CA_CERT", ca)
    };
    let row = Row::new("has the certificate of an unknown CA").see(&fleet, |call| trusting(call, &other.ca));
    trusting(fleet.on(8, "get"), &pem.ca).fetched("no entry").success();
    let line = "reused token of client 1111…5555 at HOST, * left (from the shared cache)";
    trusting(fleet.on(9, "get"), &pem.ca).provided(line).success();
    vec![row]
}

fn has_foreign_records() -> Vec<Row> {
    let foreign = with_token();
    for name in foreign.names() {
        foreign.redis(["SET", &name, "\u{7f}foreign", "PX", "3000"]);
    }
    let large = with_token();
    for name in large.names() {
        large.redis(["SETRANGE", &name, "209715199", "x"]);
        large.redis(["PEXPIRE", &name, "3000"]);
    }
    let lists = with_token();
    for name in lists.names() {
        lists.redis(["DEL", &name]);
        lists.redis(["LPUSH", &name, "x"]);
    }
    let endless = with_token();
    let [token, _, _, lease] = endless.names();
    endless.redis(["DEL", &token]);
    endless.redis(["SET", &lease, "x"]);
    let put_back = with_token();
    let [token, ..] = put_back.names();
    let bytes = String::from_utf8(put_back.redis_bytes(["GET", &token])).expect("two lines of text");
    let bytes = bytes.strip_suffix('\n').expect("redis-cli adds one");
    put_back.redis(["SET", &token, bytes, "PX", "99999999999"]);
    let as_a_lease = "what such a lease lasts";
    vec![
        Row::new("has foreign bytes in every record and the lease").bound(as_a_lease).see(&foreign, as_it_is),
        Row::new("has 200 MB in every record and the lease").bound(as_a_lease).see(&large, as_it_is),
        Row::new("has lists in their place").see(&lists, as_it_is),
        Row::new("has a lease without an end").see(&endless, as_it_is),
        Row::new("has a token with a longer life than it had").see(&put_back, as_it_is),
    ]
}

#[test]
fn each_fault_costs_what_the_page_says() {
    let families: [fn() -> Vec<Row>; 6] =
        [unreachable, dies_in_a_call, forgets, refuses, is_not_trusted, has_foreign_records];
    let rows: Vec<Row> = thread::scope(|scope| {
        let running = families.map(|family| scope.spawn(family));
        running.into_iter().flat_map(|thread| thread.join().expect("no fault is an error")).collect()
    });
    let begin = "<!-- faults: shared cache -->";
    let part = Part { page: "docs/reliability.md", begin, variable: "UPDATE_RELIABILITY" };
    part.check(HEAD, |documented| rows.iter().map(|row| row.line(documented)).collect());
}
