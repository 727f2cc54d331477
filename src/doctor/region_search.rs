//! The region that knows a client: every Genesys login host is asked at once.

use std::fmt::Write as _;
use std::io;
use std::thread::ScopedJoinHandle;

use serde::Serialize;

use super::context::Deadline;
use crate::base_url::BaseUrl;
use crate::client::{Client, ClientId};
use crate::error::Category;
use crate::log::{Awaited, NoLog};
use crate::login::{
    Connection, Endpoint, Failure, HttpLogin, Login as _, OAuthErrorCode, RegionSource, Transport,
};
use crate::region::Region;
use crate::scope::Scopes;

/// A region to ask.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The region.
    pub region: &'static Region,
    /// Its login server.
    pub login_url: BaseUrl,
    /// Its API server.
    pub api_url: BaseUrl,
}

/// What a region answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It gave a token, which was ended again.
    Home,
    /// It knows the client and refused it, by its own words.
    Known,
    /// It does not know the client.
    Unknown,
    /// It did not say whether it knows the client.
    NoAnswer,
}

/// One region's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegionAnswer {
    /// AWS name of the region.
    pub region: &'static str,
    /// Its domain.
    pub domain: &'static str,
    /// What it answered.
    pub found: Found,
    /// Its words, or why it did not answer; empty when there is no more to say.
    pub detail: String,
}

/// All of Genesys' own regions. The credential goes to no other host.
pub fn candidates() -> Vec<Candidate> {
    let candidate = |region: &'static Region| Candidate {
        region,
        login_url: region.login_url(),
        api_url: region.api_url(),
    };
    Region::all().iter().map(candidate).collect()
}

/// Asks all candidates at once.
pub fn find_region(
    client: &Client,
    transport: &Transport,
    candidates: &[Candidate],
    deadline: &Deadline,
) -> Vec<RegionAnswer> {
    deadline.while_waiting(Awaited::LoginServers, || ask_all(client, transport, candidates, deadline))
}

fn ask_all(
    client: &Client,
    transport: &Transport,
    candidates: &[Candidate],
    deadline: &Deadline,
) -> Vec<RegionAnswer> {
    std::thread::scope(|scope| {
        let ask = |candidate| {
            let asking = move || ask(client, transport, candidate, deadline);
            std::thread::Builder::new().spawn_scoped(scope, asking)
        };
        let asked: Vec<_> = candidates.iter().map(|candidate| (candidate.region, ask(candidate))).collect();
        let answer = |(region, thread): (&'static Region, io::Result<ScopedJoinHandle<_>>)| {
            let broke_off = |_| (Found::NoAnswer, "the request broke off".to_owned());
            let (found, detail) = match thread {
                Ok(thread) => thread.join().unwrap_or_else(broke_off),
                Err(error) => (Found::NoAnswer, format!("cannot start a thread to ask: {error}")),
            };
            RegionAnswer { region: region.aws, domain: region.domain, found, detail }
        };
        asked.into_iter().map(answer).collect()
    })
}

/// The answers in words.
pub fn region_report(client: &ClientId, answers: &[RegionAnswer]) -> String {
    let mut text = String::new();
    for RegionAnswer { region, domain, found, detail } in answers {
        let _ = match found {
            Found::Home => writeln!(text, "✓ {region} ({domain}) knows client {client} and gave a token"),
            Found::Known => writeln!(text, "! {region} ({domain}) seems to know client {client}: {detail}"),
            Found::Unknown => continue,
            Found::NoAnswer => writeln!(text, "- {region} ({domain}) did not say: {detail}"),
        };
    }
    let answered = answers.iter().filter(|answer| answer.found != Found::NoAnswer).count();
    let _ = match region_exit_code(answers) {
        0 => Ok(()),
        _ if answered == 0 => writeln!(text, "✗ no region could be asked: check the network and the proxy"),
        _ => writeln!(text, "✗ none of the {answered} regions that answered knows client {client}"),
    };
    text
}

/// 0 when a region knows the client; else that of `rejected`, or of `unavailable` when no region answered.
pub fn region_exit_code(answers: &[RegionAnswer]) -> i32 {
    let any = |wanted: &[Found]| answers.iter().any(|answer| wanted.contains(&answer.found));
    if any(&[Found::Home, Found::Known]) {
        0
    } else if any(&[Found::Unknown]) {
        Category::Rejected.exit_code()
    } else {
        Category::Unavailable.exit_code()
    }
}

fn ask(
    client: &Client,
    transport: &Transport,
    candidate: &Candidate,
    deadline: &Deadline,
) -> (Found, String) {
    let endpoint = Endpoint {
        login_url: candidate.login_url.clone(),
        api_url: candidate.api_url.clone(),
        client_id: client.id.clone(),
        region: candidate.region,
        region_source: RegionSource::Name,
        transport: transport.clone(),
    };
    let scopes = Scopes::default();
    // That all of them are waited for is said once.
    let login = HttpLogin::new(&endpoint, client, &scopes, deadline.clock, &NoLog);
    match login.request_token(deadline.remaining()) {
        Ok(grant) => {
            // A courtesy: that the token can't be ended is no finding, since it expires by itself.
            let connection = Connection::new(transport, deadline.clock, &NoLog);
            let _ = connection.revoke(&candidate.api_url, &grant.value, deadline.remaining());
            (Found::Home, String::new())
        }
        Err(failure) => (knowledge(&failure), failure.error.message),
    }
}

/// What a failure says of the client. Genesys answers `invalid_client` to both a wrong id and a wrong secret; people
/// report that the description tells them apart.
fn knowledge(failure: &Failure) -> Found {
    let Some(oauth) = failure.oauth.as_ref().filter(|_| failure.error.category == Category::Rejected) else {
        return Found::NoAnswer;
    };
    match oauth.code {
        OAuthErrorCode::InvalidClient if oauth.begins_with("client not found") => Found::Unknown,
        OAuthErrorCode::InvalidClient if oauth.begins_with("authentication failed") => Found::Known,
        OAuthErrorCode::UnauthorizedClient => Found::Known,
        _ => Found::NoAnswer,
    }
}
