//! `status`: shows what is cached, without the secret and without the network.

use std::time::Duration;

use serde::Serialize;

use super::print::print;
use crate::base_url::BaseUrl;
use crate::broker::{Freshness, Requirements, freshness};
use crate::cache::{self, EntryHeader};
use crate::cli::StatusArgs;
use crate::client::ClientId;
use crate::duration::format_duration;
use crate::error::{Error, Result};
use crate::output::{ListFormat, Reporter, table};
use crate::region;
use crate::sanitize::sanitize;
use crate::secret::visible;
use crate::settings::StatusSettings;
use crate::store::CacheLocation;
use crate::time::Timestamp;
use crate::token::Lifetime;
use crate::world::World;

/// The exit code when nothing is cached, which is no error.
const NOTHING_CACHED: i32 = 8;

/// One cached token as its entry describes itself. Without the secret nothing of it is certain.
#[derive(Serialize)]
struct Row {
    region: String,
    login_url: String,
    client_id: String,
    scopes: String,
    lane: Option<String>,
    requested_at: String,
    expires_at: String,
    age: u64,
    expires_in: u64,
    state: &'static str,
}

pub(super) fn run(args: &StatusArgs, world: &mut World) -> Result<i32> {
    let StatusSettings { cache, format, log } = StatusSettings::resolve(args, world)?;
    let store = cache.open_existing().map_err(|why| {
        Error::usage(why).fix("name the cache's directory with --cache-dir or GENESYS_TOKEN_CACHE_DIR")
    })?;
    let now = world.clock.now();
    let headers = store.as_ref().map_or_else(Vec::new, |store| cache::headers(store));
    let rows: Vec<Row> = headers
        .into_iter()
        .map(|header| header.map_or_else(Row::unreadable, |header| row(&header, now)))
        .collect();
    let text = match format {
        ListFormat::Json => serde_json::to_string_pretty(&rows).expect("strings are always JSON") + "\n",
        ListFormat::Table if rows.is_empty() => String::new(),
        ListFormat::Table => {
            let heading =
                ["REGION", "CLIENT", "SCOPES", "LANE", "AGE", "LEFT", "STATE"].map(str::to_owned).to_vec();
            let rows: Vec<_> = std::iter::once(heading).chain(rows.iter().map(cells)).collect();
            table(&rows)
        }
    };
    print(world, &text)?;
    if rows.is_empty() {
        let sentence = match &cache {
            CacheLocation::At(path) => format!("nothing is cached in {}", visible(path.display())),
            CacheLocation::Nowhere(reason) => format!("there is no cache: {reason}"),
        };
        Reporter::new(log, world.clock, world.machine, world.stderr).done(sentence, &[]);
        return Ok(NOTHING_CACHED);
    }
    Ok(0)
}

fn row(header: &EntryHeader, now: Timestamp) -> Row {
    let lifetime = header.times.lifetime();
    // A forged entry may say anything, and what it says is printed on a terminal.
    let plain = |text: &str| sanitize(text, &[]);
    let login_url = BaseUrl::parse(&header.login_url);
    let region = login_url.as_ref().ok().and_then(|url| region::of_host(url.host()));
    let host = login_url.as_ref().map_or_else(|_| "?".to_owned(), |url| plain(url.authority()));
    Row {
        region: region.map_or(host, |region| region.aws.to_owned()),
        login_url: plain(&header.login_url),
        client_id: plain(&header.client_id),
        scopes: plain(&header.scopes),
        lane: header.lane.as_deref().map(plain),
        requested_at: lifetime.requested_at.rfc3339(),
        expires_at: lifetime.expires_at.rfc3339(),
        age: now.since(lifetime.requested_at).as_secs(),
        expires_in: lifetime.remaining(now).as_secs(),
        state: state(lifetime, now),
    }
}

/// What the next call without any flags would do with the token.
fn state(lifetime: Lifetime, now: Timestamp) -> &'static str {
    let requirements = Requirements { started_at: now, min_ttl: None, force_refresh: false };
    match freshness(lifetime, now, &requirements) {
        _ if lifetime.remaining(now).is_zero() => "expired",
        _ if now < lifetime.requested_at => "from the future",
        Freshness::Fresh | Freshness::TooShortLived => "fresh",
        Freshness::RefreshDue | Freshness::StaleUsable | Freshness::Unusable => "renewed at the next call",
    }
}

impl Row {
    fn unreadable() -> Self {
        let nothing = String::new;
        Self {
            region: nothing(),
            login_url: nothing(),
            client_id: nothing(),
            scopes: nothing(),
            lane: None,
            requested_at: nothing(),
            expires_at: nothing(),
            age: 0,
            expires_in: 0,
            state: "unreadable",
        }
    }

    fn is_readable(&self) -> bool {
        self.state != "unreadable"
    }
}

fn cells(row: &Row) -> Vec<String> {
    if !row.is_readable() {
        return ["?", "?", "?", "?", "?", "?", row.state].map(str::to_owned).to_vec();
    }
    let client = ClientId::parse(&row.client_id).map_or("?".to_owned(), |(id, _)| id.to_string());
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let (scopes, lane) = (or_dash(&row.scopes), or_dash(row.lane.as_deref().unwrap_or_default()));
    let time = |seconds| format_duration(Duration::from_secs(seconds));
    vec![row.region.clone(), client, scopes, lane, time(row.age), time(row.expires_in), row.state.to_owned()]
}
