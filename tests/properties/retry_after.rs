//! `Retry-After` against a parser of its own, with chrono: seconds, or a date in one of its three forms.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use genesys_token::error::Error;
use genesys_token::login::{Backoff, Failure, FailureClass, parse_retry_after};
use genesys_token::random::SystemRandom;
use genesys_token::time::Timestamp;

/// RFC 9110 section 5.6.7: the preferred form, and the two obsolete ones.
const FORMS: [&str; 3] = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
/// 1970 to 2069: the times whose years are unambiguous in two digits.
const TWO_DIGIT_YEARS: std::ops::Range<i64> = 0..3_155_760_000;
/// The end of the year 9999: none of the forms can write a later date.
const MAX_DATE: i64 = 253_402_300_799;
const MAX_WAIT: Duration = Duration::from_mins(3);
/// The back-off after the first failure of each class: at least this long, and at most twice as long.
const BACKOFFS: [(FailureClass, Duration); 2] = [
    (FailureClass::RateLimited, Duration::from_millis(500)),
    (FailureClass::Transient, Duration::from_millis(125)),
];

/// The data: the current time in seconds since the epoch, a space, and the header.
pub(crate) fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((now, value)) = text.split_once(' ') else { return };
    let Some(now) = now.parse::<i64>().ok().filter(|now| (0..=MAX_DATE).contains(now)) else { return };
    let parsed = parse_retry_after(value, Timestamp::from_secs(now));
    match expected(value.trim(), now) {
        Expected::Exactly(seconds) => {
            assert_eq!(parsed, Some(Duration::from_secs(seconds)), "{value:?} at {now}");
        }
        Expected::VeryLong => assert!(parsed.is_some_and(|wait| wait >= MAX_WAIT), "{value:?}: {parsed:?}"),
        Expected::Nothing => assert_eq!(parsed, None, "{value:?}"),
        Expected::Anything => {}
    }
    for (class, backoff) in BACKOFFS {
        let failure = Failure { retry_after: parsed, ..Failure::new(class, Error::internal("")) };
        let wait = Backoff::wait(&failure, 1, &SystemRandom::default());
        assert!((backoff..=MAX_WAIT).contains(&wait), "{value:?} at {now}: {wait:?}");
        if let Some(wanted) = parsed.filter(|wanted| (backoff * 2..=MAX_WAIT).contains(wanted)) {
            assert_eq!(wait, wanted, "{value:?} at {now}");
        }
    }
    assert_date_is_parsed_in_every_form(now);
}

enum Expected {
    Exactly(u64),
    VeryLong,
    Nothing,
    /// An unusual date, on which parsers differ: with the wrong day of the week, or a leap second.
    Anything,
}

fn expected(value: &str, now: i64) -> Expected {
    if let Some(longest) = value.split(',').filter_map(|part| seconds(part.trim())).max() {
        return match longest {
            u64::MAX => Expected::VeryLong,
            seconds => Expected::Exactly(seconds),
        };
    }
    if let Some(date) = FORMS.iter().find_map(|form| date(value, form)) {
        return Expected::Exactly(u64::try_from(date.saturating_sub(now)).unwrap_or(0));
    }
    let may_be_date = value.is_ascii() && value.contains(':') && (24..=33).contains(&value.len());
    if may_be_date { Expected::Anything } else { Expected::Nothing }
}

/// Seconds with or without a fraction, rounded up; the largest number for more digits than fit.
fn seconds(text: &str) -> Option<u64> {
    let is_of_number = |c: char| c.is_ascii_digit() || c == '.';
    let is_number = text.chars().all(is_of_number) && text.starts_with(|c: char| c.is_ascii_digit());
    if !is_number || text.matches('.').count() > 1 {
        return None;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let rounded_up = u64::from(fraction.contains(|c: char| c != '0'));
    let significant = format!("0{}", whole.trim_start_matches('0'));
    Some(significant.parse().map_or(u64::MAX, |whole: u64| whole.saturating_add(rounded_up)))
}

/// The date in `value`, if chrono would write it the same way.
fn date(value: &str, form: &str) -> Option<i64> {
    let date = NaiveDateTime::parse_from_str(value, form).ok()?.and_utc();
    let is_plain = date.format(form).to_string() == value && (0..=MAX_DATE).contains(&date.timestamp());
    let is_leap_second = value.contains(":60");
    (is_plain && !is_leap_second).then(|| date.timestamp())
}

fn assert_date_is_parsed_in_every_form(seconds: i64) {
    let Some(date) = DateTime::<Utc>::from_timestamp(seconds, 0) else { return };
    for form in FORMS {
        let is_unambiguous =
            TWO_DIGIT_YEARS.contains(&seconds) || (!form.contains("%y") && (0..=MAX_DATE).contains(&seconds));
        if is_unambiguous {
            let (value, now) = (date.format(form).to_string(), Timestamp::from_secs(seconds - 77));
            assert_eq!(parse_retry_after(&value, now), Some(Duration::from_secs(77)), "{value}");
        }
    }
}
