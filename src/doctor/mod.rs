//! The doctor: walks from the credential to a working token, and says what is wrong in the way, why, and what to do.
//!
//! The checks build on each other: what follows a failed one is skipped, so that the first failure is the cause. Only
//! the cache and the program itself stand apart. Nothing of a credential or a token is ever in a finding.

mod api;
mod cache;
mod check;
mod credential;
mod find_region;
mod network;
mod program;
mod tls;
mod token;

use std::io::Read;
use std::time::Duration;

pub use cache::try_lock;
pub use check::{Check, Status};
pub use find_region::{Candidate, Finding, Found, candidates, exit_code, find_region, report};

use crate::cli::ClientArgs;
use crate::client::Client;
use crate::env::Env;
use crate::login::{Endpoint, HttpLogin};
use crate::scope::Scopes;
use crate::time::Clock;

/// One question takes no longer, however much time is left: whoever is well answers sooner.
const PATIENCE: Duration = Duration::from_secs(10);

/// Everything the doctor needs, all of it given.
pub struct Patient<'a> {
    /// Who asks whom.
    pub args: &'a ClientArgs,
    /// The life that tokens must have, by flag.
    pub min_ttl: Option<Duration>,
    /// The protocol version of the Jenkins step, when that calls.
    pub step: Option<u32>,
    /// The environment.
    pub env: &'a Env<'a>,
    /// Where a secret may come from.
    pub stdin: &'a mut dyn Read,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// When the whole call is to be over.
pub struct Deadline<'a> {
    /// The stopwatch of the call.
    pub clock: &'a dyn Clock,
    /// How long it may take in all.
    pub timeout: Duration,
}

impl Deadline<'_> {
    /// What one question may take by now: never nothing, which a socket would take for no limit at all.
    pub fn remaining(&self) -> Duration {
        let left = self.timeout.saturating_sub(self.clock.elapsed());
        left.min(PATIENCE).max(Duration::from_millis(1))
    }
}

/// The terms of the place it runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surroundings {
    /// A Jenkins build.
    Jenkins,
    /// Anything else.
    Shell,
}

impl Surroundings {
    fn of(env: &Env) -> Self {
        if env.os("JENKINS_URL").is_some() || env.os("WORKSPACE").is_some() {
            Self::Jenkins
        } else {
            Self::Shell
        }
    }

    /// How to store a credential anew.
    fn store_again(self) -> &'static str {
        match self {
            Self::Jenkins => {
                "in Jenkins, Credentials, update the entry that the pipeline's credentialsId names, and paste id and \
                 secret again from Genesys Cloud's Admin, Integrations, OAuth"
            }
            Self::Shell => {
                "set GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET anew, from Genesys Cloud's Admin, \
                 Integrations, OAuth"
            }
        }
    }
}

/// Looks at everything, in order.
pub fn examine(patient: &mut Patient) -> Vec<Check> {
    let surroundings = Surroundings::of(patient.env);
    let mut checks = vec![program::check(patient.step)];
    let (found, wishes) = program::settings(patient.args, patient.min_ttl, patient.env);
    checks.extend(found);
    let asker = way_to_a_token(patient, &wishes, surroundings, &mut checks);
    checks.extend(cache::check(patient, asker.as_ref()));
    checks
}

/// Who asks, once that is known for certain.
struct Asker {
    client: Client,
    endpoint: Endpoint,
    scopes: Scopes,
}

/// The checks that build on each other.
fn way_to_a_token(
    patient: &mut Patient,
    wishes: &Wishes,
    surroundings: Surroundings,
    checks: &mut Vec<Check>,
) -> Option<Asker> {
    let failed = checks.iter().find(|check| check.status == Status::Failed).map(|check| check.name);
    let mut way = Way { checks, failed };
    let client =
        way.go("credential", || credential::check(patient.args, patient.env, patient.stdin, surroundings));
    let servers = way.go("region", || network::servers(patient.args, patient.env, surroundings));
    let scopes = way.go("scope", || token::scopes(patient.args, patient.env));
    let route = servers
        .as_ref()
        .and_then(|servers| way.go("proxy", || network::proxy(patient.args, patient.env, servers)));
    let asker = match (client, servers, scopes, route) {
        (Some(client), Some(servers), Some(scopes), Some(route)) => {
            let endpoint = Endpoint {
                client_id: client.id.clone(),
                route,
                login_url: servers.login_url,
                api_url: servers.api_url,
                region: servers.region,
                chosen: servers.chosen,
            };
            Some(Asker { client, endpoint, scopes })
        }
        _ => None,
    };
    let Some(asker) = asker else {
        for name in ["network", "tls", "token", "clock", "lifetime", "api"] {
            way.skip(name);
        }
        return None;
    };
    let deadline = Deadline { clock: patient.clock, timeout: wishes.timeout };
    match way.go("network", || network::reach(&asker.endpoint, &deadline)) {
        Some(address) => {
            way.go("tls", || tls::check(&asker.endpoint, address, &deadline));
        }
        None => way.skip("tls"),
    }
    let login = HttpLogin::new(&asker.endpoint, &asker.client, &asker.scopes, patient.clock);
    let granted = way.go("token", || token::request(&login, &asker, &deadline, surroundings));
    way.look("clock", || token::clock(&login));
    way.look("lifetime", || {
        granted.as_ref().map_or_else(Vec::new, |granted| token::lifetime(granted, wishes.min_ttl))
    });
    if let Some(granted) = &granted {
        way.look("scope", || token::granted_scopes(granted, &asker.scopes));
        way.go("api", || api::check(&asker, &granted.value, &deadline));
        api::forget(&asker, &granted.value, &deadline);
    } else {
        way.skip("api");
    }
    Some(asker)
}

/// What else the calls are told to do.
struct Wishes {
    timeout: Duration,
    min_ttl: Option<Duration>,
}

/// The findings so far, and which of them failed first.
struct Way<'c> {
    checks: &'c mut Vec<Check>,
    failed: Option<&'static str>,
}

impl Way<'_> {
    /// Makes a check that others need; skips it when an earlier one failed.
    fn go<T>(&mut self, name: &'static str, check: impl FnOnce() -> (Vec<Check>, Option<T>)) -> Option<T> {
        if self.failed.is_some() {
            self.skip(name);
            return None;
        }
        let (found, value) = check();
        self.add(found);
        value
    }

    /// Makes a check that no other needs.
    fn look(&mut self, name: &'static str, check: impl FnOnce() -> Vec<Check>) {
        let found = check();
        if found.is_empty() && self.failed.is_some() {
            return self.skip(name);
        }
        self.add(found);
    }

    fn add(&mut self, found: Vec<Check>) {
        if self.failed.is_none() {
            self.failed = found.iter().find(|check| check.status == Status::Failed).map(|check| check.name);
        }
        self.checks.extend(found);
    }

    fn skip(&mut self, name: &'static str) {
        self.checks.push(Check::skipped(name, self.failed.unwrap_or("a check")));
    }
}
