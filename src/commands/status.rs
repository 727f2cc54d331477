//! `status`: shows what is cached, without the secret and without the network.

use std::fmt::Write as _;

use serde::Serialize;

use super::{World, answer};
use crate::broker::{Verdict, Wishes, judge};
use crate::cache::{self, Readable};
use crate::cli::{ListFormat, StatusArgs};
use crate::client::ClientId;
use crate::error::{Error, Result};
use crate::login::text::showable;
use crate::output::report::{Level, Reporter};
use crate::region;
use crate::settings;
use crate::time::{Timestamp, humane};
use crate::token::Lifetime;

/// The exit code when nothing is cached, which is no error.
const NOTHING_CACHED: u8 = 8;

/// One cached token as its entry describes it. Nothing of it is certain without the secret.
#[derive(Serialize)]
struct Row {
    region: String,
    login_url: String,
    client_id: String,
    scopes: String,
    requested_at: String,
    expires_at: String,
    age: u64,
    expires_in: u64,
    state: &'static str,
}

pub fn run(args: &StatusArgs, world: &mut World) -> Result<u8> {
    let place = settings::place(args.cache_dir.as_deref(), &world.env);
    let dir = cache::find(&place, &world.env).map_err(|why| {
        Error::usage(why).hint("name the cache's directory with --cache-dir or GENESYS_TOKEN_CACHE_DIR")
    })?;
    let now = world.clock.now();
    let entries = dir.as_ref().map(cache::entries).unwrap_or_default();
    let rows: Vec<Row> = entries.into_iter().map(|(_, entry)| row(entry, now)).collect();
    let text = match args.format {
        ListFormat::Json => serde_json::to_string_pretty(&rows).expect("strings are always JSON") + "\n",
        ListFormat::Table if rows.is_empty() => String::new(),
        ListFormat::Table => table(&rows),
    };
    answer(world, &text)?;
    if rows.is_empty() {
        let at = cache::path(&place, &world.env).map_or_else(|why| why, |path| path.display().to_string());
        Reporter::new(&args.log, &world.env, world.stderr)?
            .say(Level::Normal, || format!("nothing is cached in {at}"));
        return Ok(NOTHING_CACHED);
    }
    Ok(0)
}

fn row(entry: Option<Readable>, now: Timestamp) -> Row {
    let Some(entry) = entry else { return Row::unreadable() };
    let life = Lifetime {
        requested_at: entry.times.requested_at,
        received_at: entry.times.received_at,
        expires_at: entry.times.expires_at,
    };
    // An entry that somebody forged may say anything; what it says ends up on a terminal.
    let plain = |text: &str| showable(text, &[]);
    let host = entry.login_url.split('/').nth(2).unwrap_or_default();
    Row {
        region: region::of_host(host).map_or_else(|| plain(host), |region| region.aws.to_owned()),
        login_url: plain(&entry.login_url),
        client_id: plain(&entry.client_id),
        scopes: plain(&entry.scopes),
        requested_at: life.requested_at.rfc3339(),
        expires_at: life.expires_at.rfc3339(),
        age: now.since(life.requested_at).as_secs(),
        expires_in: life.left(now).as_secs(),
        state: state(life, now),
    }
}

/// What the next call without any flags would do with it.
fn state(life: Lifetime, now: Timestamp) -> &'static str {
    let wishes = Wishes { began: now, min_ttl: None, force_refresh: false };
    match judge(life, now, &wishes) {
        _ if life.left(now).is_zero() => "expired",
        _ if now < life.requested_at => "from the future",
        Verdict::Fresh | Verdict::TooShort => "fresh",
        Verdict::Renew | Verdict::LastResort | Verdict::Useless => "renewed at the next call",
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

fn table(rows: &[Row]) -> String {
    let heading = ["REGION", "CLIENT", "SCOPES", "AGE", "LEFT", "STATE"].map(str::to_owned);
    let cells: Vec<[String; 6]> = std::iter::once(heading).chain(rows.iter().map(cells)).collect();
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    let mut table = String::new();
    for row in &cells {
        for (cell, width) in row[..5].iter().zip(&widths) {
            let _ = write!(table, "{cell:<width$}  ");
        }
        let _ = writeln!(table, "{}", row[5]);
    }
    table
}

fn cells(row: &Row) -> [String; 6] {
    if !row.is_readable() {
        let mut cells = [(); 6].map(|()| "?".to_owned());
        row.state.clone_into(&mut cells[5]);
        return cells;
    }
    let client = ClientId::clean(&row.client_id).map_or("?".to_owned(), |(id, _)| id.to_string());
    let scopes = if row.scopes.is_empty() { "-".to_owned() } else { row.scopes.clone() };
    let time = |seconds| humane(std::time::Duration::from_secs(seconds));
    [row.region.clone(), client, scopes, time(row.age), time(row.expires_in), row.state.to_owned()]
}
