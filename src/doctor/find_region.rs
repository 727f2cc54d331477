//! Which region knows a client: every Genesys login host is asked at once.

use std::fmt::Write as _;
use std::io;
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use serde::Serialize;

use super::Deadline;
use crate::client::{Client, ClientId};
use crate::error::Category;
use crate::login::{Chosen, Connection, Endpoint, HttpLogin, Login as _, Route};
use crate::region::{REGIONS, Region};
use crate::scope::Scopes;
use crate::time::{Clock, SystemClock};

/// A region to ask.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Which.
    pub region: &'static Region,
    /// Its login server.
    pub login_url: String,
    /// Its API server.
    pub api_url: String,
}

/// What a region said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It gave a token, which has been ended again.
    Home,
    /// It knows the client and refused it, by its own words.
    Known,
    /// It does not know the client.
    Unknown,
    /// It did not say.
    NoAnswer,
}

/// One region's finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// AWS name of the region.
    pub region: &'static str,
    /// Its domain.
    pub domain: &'static str,
    /// What it said.
    pub found: Found,
    /// Its words, or why it said nothing; empty when there is no more to say.
    pub detail: String,
}

/// All of Genesys' own regions. The credential goes to no other host.
pub fn candidates() -> Vec<Candidate> {
    let candidate = |region: &'static Region| Candidate {
        region,
        login_url: region.login_url(),
        api_url: region.api_url(),
    };
    REGIONS.iter().map(candidate).collect()
}

/// Asks all candidates at once.
pub fn find_region(
    client: &Client,
    route: &Route,
    candidates: &[Candidate],
    deadline: &Deadline,
) -> Vec<Finding> {
    // Clocks are not for sharing: each thread has a stopwatch of its own for what is left.
    let limit = deadline.remaining();
    std::thread::scope(|scope| {
        let ask = |candidate| {
            let asking = move || ask(client, route, candidate, limit);
            std::thread::Builder::new().spawn_scoped(scope, asking)
        };
        let asked: Vec<_> = candidates.iter().map(|candidate| (candidate.region, ask(candidate))).collect();
        let finding = |(region, thread): (&'static Region, io::Result<ScopedJoinHandle<_>>)| {
            let broke_off = |_| (Found::NoAnswer, "the request broke off".to_owned());
            let (found, detail) = match thread {
                Ok(thread) => thread.join().unwrap_or_else(broke_off),
                Err(error) => (Found::NoAnswer, format!("cannot start a thread to ask: {error}")),
            };
            Finding { region: region.aws, domain: region.domain, found, detail }
        };
        asked.into_iter().map(finding).collect()
    })
}

/// What the regions said, in words.
pub fn report(client: &ClientId, findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { region, domain, found, detail } in findings {
        let _ = match found {
            Found::Home => writeln!(text, "✓ {region} ({domain}) knows client {client} and gave a token"),
            Found::Known => writeln!(text, "! {region} ({domain}) seems to know client {client}: {detail}"),
            Found::Unknown => continue,
            Found::NoAnswer => writeln!(text, "- {region} ({domain}) did not say: {detail}"),
        };
    }
    let said = findings.iter().filter(|finding| finding.found != Found::NoAnswer).count();
    let _ = match exit_code(findings) {
        0 => Ok(()),
        _ if said == 0 => writeln!(text, "✗ no region could be asked: check the network and the proxy"),
        _ => writeln!(text, "✗ none of the {said} regions that answered knows client {client}"),
    };
    text
}

/// 0 when a region knows the client; else `rejected`, or `unavailable` when not one of them said anything.
pub fn exit_code(findings: &[Finding]) -> u8 {
    let any = |wanted: &[Found]| findings.iter().any(|finding| wanted.contains(&finding.found));
    if any(&[Found::Home, Found::Known]) {
        0
    } else if any(&[Found::Unknown]) {
        Category::Rejected.exit_code()
    } else {
        Category::Unavailable.exit_code()
    }
}

fn ask(client: &Client, route: &Route, candidate: &Candidate, limit: Duration) -> (Found, String) {
    let clock: &dyn Clock = &SystemClock::start();
    let deadline = Deadline { clock, timeout: limit };
    let endpoint = Endpoint {
        login_url: candidate.login_url.clone(),
        api_url: candidate.api_url.clone(),
        client_id: client.id.clone(),
        region: candidate.region,
        chosen: Chosen::ByName,
        route: route.clone(),
    };
    let scopes = Scopes::default();
    let failure = match HttpLogin::new(&endpoint, client, &scopes, clock).ask(deadline.remaining()) {
        Ok(granted) => {
            // A courtesy: that it can't be ended is no finding, it ends by itself.
            let connection = Connection::new(route, clock);
            let _ = connection.revoke(&candidate.api_url, &granted.value, deadline.remaining());
            return (Found::Home, String::new());
        }
        Err(failure) => failure.error,
    };
    // Genesys says `invalid_client` for both; the words after it tell them apart, by what people report.
    let says = |words: &str| failure.message.contains(words);
    let found = if failure.category != Category::Rejected {
        Found::NoAnswer
    } else if says("invalid_client: client not found") {
        Found::Unknown
    } else if says("invalid_client: authentication failed") || says(": unauthorized_client") {
        Found::Known
    } else {
        Found::NoAnswer
    };
    (found, failure.message)
}
