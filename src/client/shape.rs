//! The shapes of ids, secrets, and what people paste in their place.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

/// The number of characters of Genesys' client secrets.
pub(super) const SECRET_LEN: usize = 43;

pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Whether `text` has the shape of a Genesys client secret: 256 bits in base64url.
pub(super) fn is_secret(text: &str) -> bool {
    text.len() == SECRET_LEN && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

pub(super) fn is_quoted(text: &str) -> bool {
    [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')]
        .iter()
        .any(|(open, close)| text.strip_prefix(*open).is_some_and(|rest| rest.ends_with(*close)))
}

/// What people and templates write where a value should be, without punctuation.
const PLACEHOLDER_WORDS: [&str; 14] = [
    "null",
    "none",
    "undefined",
    "changeme",
    "replaceme",
    "placeholder",
    "redacted",
    "todo",
    "secret",
    "password",
    "clientid",
    "clientsecret",
    "yourclientid",
    "yourclientsecret",
];

/// Whether `text` is what templates and masking leave where a value should be: surely no secret, so that it can be shown.
pub(crate) fn is_placeholder(text: &str) -> bool {
    /// Characters. No name of a variable is as long as a secret.
    const MAX_NAME: usize = 40;
    if is_secret(text) {
        return false;
    }
    let is_short = |name: &str| (1..=MAX_NAME).contains(&name.len());
    let is_name = |name: &str| {
        is_short(name) && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
    };
    // Without braces a secret may look like this, but not in capitals alone.
    let is_capital_name = |name: &str| {
        is_short(name)
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    let between = |(open, close): (&str, &str)| text.strip_prefix(open)?.strip_suffix(close);
    let is_variable = [("${", "}"), ("$(", ")"), ("{{", "}}")].into_iter().filter_map(between).any(is_name)
        || [("$", ""), ("%", "%")].into_iter().filter_map(between).any(is_capital_name);
    let bare = text.trim_start_matches('<').trim_end_matches('>').replace(['_', '-'], "");
    let is_word = PLACEHOLDER_WORDS.iter().any(|word| bare.eq_ignore_ascii_case(word));
    let is_masked = text.bytes().all(|byte| matches!(byte, b'*' | b'x' | b'X'));
    is_variable || is_masked || is_word
}

/// Whether `bytes` are `id:secret`.
pub(super) fn is_pair(bytes: &[u8]) -> bool {
    bytes
        .split_at_checked(36)
        .is_some_and(|(id, rest)| rest.starts_with(b":") && std::str::from_utf8(id).is_ok_and(is_uuid))
}

/// Whether `text` is base64 of `id:secret`.
pub(super) fn has_encoded_pair(text: &str) -> bool {
    decoded(text).is_some_and(|bytes| is_pair(&bytes))
}

/// Whether `text` is base64 of a secret.
pub(super) fn has_encoded_secret(text: &str) -> bool {
    decoded(text).is_some_and(|bytes| std::str::from_utf8(&bytes).is_ok_and(is_secret))
}

/// What `text` is base64 of. 36 characters and a colon are 50 in it, and a secret's 43 are 58: neither a UUID nor a secret
/// is ever decoded.
fn decoded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let is_long = text.len() >= 50;
    is_long.then(|| STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok())?.map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_quote_is_no_pair_of_quotes() {
        assert!(!is_quoted("\""));
        assert!(is_quoted("\"\""));
    }
}
