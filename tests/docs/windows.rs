//! The refresh windows in `docs/how-it-works.md`, against those that the program computes.

use std::iter::zip;
use std::time::Duration;

use genesys_token::broker::{Freshness, RefreshWindows, Requirements, freshness};
use genesys_token::duration::{format_duration, parse_duration};
use genesys_token::time::Timestamp;
use genesys_token::token::Lifetime;

use crate::pages::{Block, read};

const PAGE: &str = "docs/how-it-works.md";

const DAY: Duration = Duration::from_hours(24);
/// The shortest lifetime that Genesys allows.
const SHORT: Duration = Duration::from_mins(5);

/// Parses a time of the page, such as `23 h 40 min`.
fn parsed(text: &str) -> Duration {
    parse_duration(&text.replace("min", "m").replace(' ', "")).expect("a time")
}

/// A time as the page writes it.
fn written(time: Duration) -> String {
    format_duration(time).replace('h', " h").replace('m', " min").replace('s', " s")
}

/// The two times at the end of a line of the diagram, for tokens of 24 h and of 300 s.
fn times_of(block: &Block, line: &str) -> [Duration; 2] {
    let found = block.text.lines().find(|text| text.trim_start().starts_with(line));
    let found = found.unwrap_or_else(|| panic!("{block} has no line {line}"));
    let times = found.rsplit('─').next().expect("the times are at the end");
    let words: Vec<&str> = times.split_whitespace().collect();
    [&words[..2], &words[2..]].map(|words| parsed(&words.concat()))
}

fn freshness_of(lifetime: Duration, left: Duration) -> Freshness {
    let requested_at = Timestamp::from_secs(0);
    let expires_at = requested_at.plus(lifetime);
    let now = expires_at.minus(left);
    let requirements = Requirements { started_at: now, min_ttl: None, force_refresh: false };
    freshness(Lifetime { requested_at, received_at: requested_at, expires_at }, now, &requirements)
}

/// At each line of the diagram the freshness of a token changes.
pub(crate) fn the_diagram_shows_the_refresh_windows(block: &Block) {
    let second = Duration::from_secs(1);
    for (line, above, at_and_below) in [
        ("advisory", Freshness::Fresh, Freshness::RefreshDue),
        ("mandatory", Freshness::RefreshDue, Freshness::StaleUsable),
    ] {
        for (lifetime, left) in zip([DAY, SHORT], times_of(block, line)) {
            let found = [left + second, left].map(|left| freshness_of(lifetime, left));
            assert_eq!(found, [above, at_and_below], "{line}, {lifetime:?}");
        }
    }
    for (lifetime, left) in zip([DAY, SHORT], times_of(block, "stale-if-error")) {
        let found = [left, left.saturating_sub(second)].map(|left| freshness_of(lifetime, left));
        assert_eq!(found, [Freshness::StaleUsable, Freshness::Unusable], "{lifetime:?}");
    }
}

/// The last three cells of a row of the table.
fn cells_of(row: &str) -> Vec<Option<Duration>> {
    let page = read(PAGE);
    let line =
        page.lines().find(|line| line.starts_with(&format!("| {row}"))).expect("the table has this row");
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).skip(2).collect();
    cells.into_iter().map(|cell| (cell != "none").then(|| parsed(cell))).collect()
}

#[test]
fn the_table_has_the_refresh_windows_of_three_tokens() {
    let tokens = [(DAY, None), (SHORT, None), (DAY, Some(Duration::from_hours(2)))];
    let windows = tokens.map(|(lifetime, min_ttl)| RefreshWindows::new(lifetime, min_ttl));
    assert_eq!(cells_of("advisory refresh"), windows.map(|windows| Some(windows.advisory)));
    assert_eq!(cells_of("mandatory refresh"), windows.map(|windows| Some(windows.mandatory)));
    assert_eq!(cells_of("stale-if-error"), windows.map(|windows| windows.stale_if_error));
}

#[test]
fn the_page_says_how_often_tokens_are_fetched_and_how_large_min_ttl_may_be() {
    let page = read(PAGE);
    for lifetime in [DAY, SHORT] {
        let interval = written(lifetime.saturating_sub(RefreshWindows::new(lifetime, None).advisory));
        assert!(page.contains(&format!("every {interval}")), "{interval}");
    }
    let is_never_fresh = |min_ttl| RefreshWindows::new(DAY, Some(min_ttl)).is_never_fresh();
    let limit = parsed("23 h 45 min");
    assert!(is_never_fresh(limit) && !is_never_fresh(limit.saturating_sub(Duration::from_secs(1))));
    assert!(page.contains("Keep M below L − s, which is 23 h 45 min for 24 h"));
}
