//! The scope parser against RFC 6749 section 3.3.

use std::collections::BTreeSet;

use genesys_token::error::Category;
use genesys_token::scope::Scopes;

/// Genesys' scopes are shorter, and anything longer without a separator may be a secret.
const MAX_SHOWN_LEN: usize = 40;
/// The scope, and a sentence that says what is wrong with it.
const MAX_FINDING_LEN: usize = 250;

/// The data: the values of several flags, one on each line, and on the last line the scopes that the server granted.
pub(crate) fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // Only here can a value contain a line break: below, each line is a value.
    assert_eq!(Scopes::parse([text]).is_ok(), text.chars().all(is_allowed), "{text:?}");
    let values: Vec<&str> = text.split('\n').collect();
    let (granted, values) = values.split_last().expect("a text has a line");
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
    assert_findings_are_short_and_repeat_no_secret(&scopes);
    assert_missing_scopes_were_requested_and_not_granted(&scopes, granted);
}

/// `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`, and spaces between them.
fn is_allowed(c: char) -> bool {
    matches!(u32::from(c), 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

fn assert_findings_are_short_and_repeat_no_secret(scopes: &Scopes) {
    let findings = scopes.lint();
    assert!(findings.len() <= scopes.iter().count());
    for finding in &findings {
        assert!(finding.len() <= MAX_FINDING_LEN && !finding.contains(char::is_control), "{finding}");
    }
    let long = |scope: &&str| scope.len() > MAX_SHOWN_LEN && !scope.contains([',', ';', ':']);
    for scope in scopes.iter().filter(long) {
        let tail = &scope[MAX_SHOWN_LEN / 2..];
        let findings = Scopes::parse([scope]).expect("it was accepted before").lint();
        assert!(!findings.concat().contains(tail), "{findings:?}");
    }
}

fn assert_missing_scopes_were_requested_and_not_granted(scopes: &Scopes, granted: &str) {
    assert!(scopes.missing_from(&scopes.to_string()).is_empty());
    assert!(scopes.missing_from("").iter().map(String::as_str).eq(scopes.iter()));
    let missing = scopes.missing_from(granted);
    for scope in scopes.iter() {
        let is_granted = |name: &str| granted.split_ascii_whitespace().any(|one| one == name);
        let writable = scope.strip_suffix(":readonly").unwrap_or(scope);
        let is_covered = is_granted(scope) || is_granted(writable);
        assert_ne!(missing.iter().any(|one| one == scope), is_covered, "{scope}");
    }
}
