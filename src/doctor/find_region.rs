//! Which region knows a client: every Genesys login host is asked at once.

use std::fmt::Write as _;
use std::time::Duration;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It gave a token, which has been ended again.
    Home,
    /// It knows the client, and refused it: the secret is wrong, or the grant.
    Known(String),
    /// It does not know the client.
    Unknown,
    /// It could not be asked; the reason is in words.
    Unreachable(String),
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

/// Asks all candidates at once, each for at most `limit`.
pub fn find_region(
    client: &Client,
    route: &Route,
    candidates: &[Candidate],
    limit: Duration,
) -> Vec<(&'static Region, Found)> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = candidates
            .iter()
            .map(|candidate| (candidate.region, scope.spawn(|| ask(client, route, candidate, limit))))
            .collect();
        let answer = |(region, thread): (_, std::thread::ScopedJoinHandle<Found>)| {
            let panicked = |_| Found::Unreachable("the request broke off".to_owned());
            (region, thread.join().unwrap_or_else(panicked))
        };
        asked.into_iter().map(answer).collect()
    })
}

/// What the regions said, in words, and the exit code for it.
pub fn report(client: &ClientId, found: &[(&'static Region, Found)]) -> (String, u8) {
    let mut text = String::new();
    let mut code = Category::Rejected.exit_code();
    for (region, found) in found {
        let (aws, domain) = (region.aws, region.domain);
        let _ = match found {
            Found::Home => writeln!(text, "✓ {aws} ({domain}) knows client {client} and gave a token"),
            Found::Known(why) => {
                writeln!(text, "! {aws} ({domain}) knows client {client}, and refused it: {why}")
            }
            Found::Unknown => continue,
            Found::Unreachable(why) => writeln!(text, "- {aws} ({domain}) could not be asked: {why}"),
        };
        if matches!(found, Found::Home | Found::Known(_)) {
            code = 0;
        }
    }
    if code != 0 {
        let asked = found.iter().filter(|(_, found)| !matches!(found, Found::Unreachable(_))).count();
        let _ = writeln!(text, "✗ none of the {asked} regions that answered knows client {client}");
    }
    (text, code)
}

fn ask(client: &Client, route: &Route, candidate: &Candidate, limit: Duration) -> Found {
    let clock: &dyn Clock = &SystemClock::start();
    let endpoint = Endpoint {
        login_url: candidate.login_url.clone(),
        api_url: candidate.api_url.clone(),
        client_id: client.id.clone(),
        region: candidate.region,
        chosen: Chosen::ByName,
        route: route.clone(),
    };
    let scopes = Scopes::default();
    match HttpLogin::new(&endpoint, client, &scopes, clock).ask(limit) {
        Ok(granted) => {
            let _ = Connection::new(route, clock).revoke(&candidate.api_url, &granted.value, limit);
            Found::Home
        }
        // Genesys says `invalid_client` for both: "client not found", and "authentication failed".
        Err(failure) if failure.error.category == Category::Rejected => {
            if failure.error.message.contains("client not found") {
                Found::Unknown
            } else {
                Found::Known(failure.error.message)
            }
        }
        Err(failure) => Found::Unreachable(failure.error.message),
    }
}
