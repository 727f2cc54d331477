//! The scope parser against RFC 6749 section 3.3.

use std::collections::BTreeSet;

use genesys_token::error::Category;
use genesys_token::scope::Scopes;

/// Longer than any of Genesys' scopes: what has no separator in it may be a secret.
const LONGEST: usize = 40;
/// A scope is shown with a sentence that says what is wrong with it.
const LONGEST_WARNING: usize = 250;

/// The data: values as of several flags, one a line; the last one is what the server granted.
pub fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // Only what the flags can't have: a line is a value here, and a line break is a character as any other.
    let values: Vec<&str> = text.split('\n').collect();
    let (granted, values) = values.split_last().expect("a text has a line");
    assert_eq!(Scopes::parse([text]).is_ok(), text.chars().all(is_allowed), "{text:?}");
    let scopes = match Scopes::parse(values.iter().copied()) {
        Ok(scopes) => scopes,
        Err(error) => {
            assert!(values.iter().any(|value| !value.chars().all(is_allowed)), "{values:?}: {error:?}");
            assert_eq!(error.category, Category::Usage);
            assert!(error.message.len() < 100 && !error.message.contains(char::is_control), "{error:?}");
            return;
        }
    };
    assert!(values.iter().all(|value| value.chars().all(is_allowed)), "{values:?}");
    let expected: BTreeSet<&str> =
        values.iter().flat_map(|value| value.split(' ')).filter(|scope| !scope.is_empty()).collect();
    assert!(scopes.iter().eq(expected.iter().copied()), "{scopes:?} of {values:?}");
    assert_eq!(scopes.is_empty(), expected.is_empty());

    let line = scopes.to_string();
    let twice_and_backwards: Vec<&str> = values.iter().rev().chain(values).copied().collect();
    for other in [vec![line.as_str()], expected.iter().rev().copied().collect(), twice_and_backwards] {
        assert_eq!(Scopes::parse(other.iter().copied()).as_ref(), Ok(&scopes), "{other:?}");
    }
    warnings_are_short_and_repeat_no_secret(&scopes);
    what_is_missing_is_what_was_asked_for_and_not_granted(&scopes, granted);
}

/// `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`, and spaces between them.
fn is_allowed(c: char) -> bool {
    matches!(u32::from(c), 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

fn warnings_are_short_and_repeat_no_secret(scopes: &Scopes) {
    let warnings = scopes.warnings();
    assert!(warnings.len() <= scopes.iter().count());
    for warning in &warnings {
        assert!(warning.len() <= LONGEST_WARNING && !warning.contains(char::is_control), "{warning}");
    }
    for scope in scopes.iter().filter(|scope| scope.len() > LONGEST && !scope.contains([',', ';', ':'])) {
        let tail = &scope[LONGEST / 2..];
        let of_it = Scopes::parse([scope]).expect("it was one").warnings();
        assert!(!of_it.concat().contains(tail), "{of_it:?}");
    }
}

fn what_is_missing_is_what_was_asked_for_and_not_granted(scopes: &Scopes, granted: &str) {
    assert!(scopes.missing_from(&scopes.to_string()).is_empty());
    assert!(scopes.missing_from("").iter().map(String::as_str).eq(scopes.iter()));
    let missing = scopes.missing_from(granted);
    for scope in scopes.iter() {
        let is_granted = |name: &str| granted.split_ascii_whitespace().any(|one| one == name);
        let writable = scope.strip_suffix(":readonly").unwrap_or(scope);
        assert_ne!(
            missing.iter().any(|one| one == scope),
            is_granted(scope) || is_granted(writable),
            "{scope}"
        );
    }
}
