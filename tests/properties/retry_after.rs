//! `Retry-After` against a reading of its own, with chrono: seconds, or a date in one of its three forms.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use genesys_token::error::Error;
use genesys_token::login::{Backoff, Failure, Outlook, retry_after};
use genesys_token::random::SystemRandom;
use genesys_token::time::Timestamp;

/// RFC 9110 section 5.6.7: the one to write, and the two to read.
const FORMS: [&str; 3] = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
/// Years that two digits say without a doubt.
const SHORT_YEARS: std::ops::Range<i64> = 0..3_155_760_000;
/// The year 9999, beyond which there is no such date.
const LAST: i64 = 253_402_300_799;
/// The longest wait, and the shortest after a rate limit and after a failure.
const LONGEST: Duration = Duration::from_secs(180);
const SHORTEST: [(Outlook, Duration); 2] =
    [(Outlook::RateLimited, Duration::from_millis(500)), (Outlook::Transient, Duration::from_millis(125))];

/// The data: the seconds since the epoch that it is now, a space, and the header.
pub fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((now, value)) = text.split_once(' ') else { return };
    let Some(now) = now.parse::<i64>().ok().filter(|now| (0..=LAST).contains(now)) else { return };
    let read = retry_after(value, Timestamp::from_secs(now));
    match by_the_book(value.trim(), now) {
        Reading::Exactly(seconds) => {
            assert_eq!(read, Some(Duration::from_secs(seconds)), "{value:?} at {now}");
        }
        Reading::VeryLong => assert!(read.is_some_and(|wait| wait >= LONGEST), "{value:?}: {read:?}"),
        Reading::Nothing => assert_eq!(read, None, "{value:?}"),
        Reading::Unusual => {}
    }
    for (outlook, shortest) in SHORTEST {
        let failure = Failure { outlook, retry_after: read, error: Error::internal("") };
        let wait = Backoff::wait(&failure, 1, &SystemRandom::default());
        assert!((shortest..=LONGEST).contains(&wait), "{value:?} at {now}: {wait:?}");
        if let Some(asked) = read.filter(|asked| (shortest..=LONGEST).contains(asked)) {
            assert_eq!(wait, asked, "{value:?} at {now}");
        }
    }
    a_date_in_any_form_is_read(now);
}

enum Reading {
    Exactly(u64),
    VeryLong,
    Nothing,
    /// A date that is not as anybody writes it: with another day of the week, or a leap second.
    Unusual,
}

fn by_the_book(value: &str, now: i64) -> Reading {
    if !value.is_empty() && value.chars().all(|c| c.is_ascii_digit()) {
        let significant = value.trim_start_matches('0');
        return match format!("0{significant}").parse() {
            Ok(seconds) => Reading::Exactly(seconds),
            Err(_) => Reading::VeryLong,
        };
    }
    if let Some(date) = FORMS.iter().find_map(|form| date(value, form)) {
        return Reading::Exactly(u64::try_from(date.saturating_sub(now)).unwrap_or(0));
    }
    let may_be_date = value.is_ascii() && value.contains(':') && (24..=33).contains(&value.len());
    if may_be_date { Reading::Unusual } else { Reading::Nothing }
}

/// The date in `value`, if it is written as chrono would write it.
fn date(value: &str, form: &str) -> Option<i64> {
    let date = NaiveDateTime::parse_from_str(value, form).ok()?.and_utc();
    let is_plain = date.format(form).to_string() == value && (0..=LAST).contains(&date.timestamp());
    let is_leap_second = value.contains(":60");
    (is_plain && !is_leap_second).then(|| date.timestamp())
}

fn a_date_in_any_form_is_read(seconds: i64) {
    let Some(date) = DateTime::<Utc>::from_timestamp(seconds, 0) else { return };
    for form in FORMS {
        let is_clear =
            SHORT_YEARS.contains(&seconds) || (!form.contains("%y") && (0..=LAST).contains(&seconds));
        if is_clear {
            let (value, now) = (date.format(form).to_string(), Timestamp::from_secs(seconds - 77));
            assert_eq!(retry_after(&value, now), Some(Duration::from_secs(77)), "{value}");
        }
    }
}
