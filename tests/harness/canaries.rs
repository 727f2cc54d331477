//! Values that must not be seen, and a search for them in a text: whole or in part, in any spelling.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// Bytes. A piece of this length is no coincidence: a random one has some 60 bits. Of a client id less is shown on
/// purpose, and of a secret nothing.
const PIECE: usize = 12;

/// Not every piece is searched for, since lists of tokens are long: a piece that is longer by this contains one of them.
const STRIDE: usize = 4;
/// Bytes. A longer spelling has more pieces than a test has time for.
const LONG: usize = 1_000;

/// Some values, ready to be searched for.
pub struct Canaries<N> {
    pieces: AhoCorasick,
    /// The value that each piece belongs to.
    names: Vec<N>,
}

impl<N: Copy + Ord> Canaries<N> {
    /// Prepares the search for `values`, each with its name.
    pub fn new<'a>(values: impl IntoIterator<Item = (N, &'a str)>) -> Self {
        let (mut pieces, mut names) = (Vec::new(), Vec::new());
        for (name, value) in values {
            for spelling in spellings(value) {
                let windows = spelling.windows(PIECE.min(spelling.len()));
                let stride = if spelling.len() > LONG { PIECE } else { STRIDE };
                for piece in windows.step_by(stride) {
                    pieces.push(piece.to_owned());
                    names.push(name);
                }
            }
        }
        Self { pieces: AhoCorasick::new(pieces).expect("they are few"), names }
    }

    /// The names of the values that are in `text`.
    pub fn found_in(&self, text: &[u8]) -> Vec<N> {
        let mut found: Vec<_> =
            self.pieces.find_overlapping_iter(text).map(|hit| self.names[hit.pattern().as_usize()]).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Raw, JSON, URL-encoded (as a form, with the fewest escapes, and every byte), hexadecimal, and base64 in both alphabets
/// at every alignment.
fn spellings(value: &str) -> Vec<Vec<u8>> {
    let json = serde_json::to_string(value).expect("a string");
    let json = json.trim_matches('"');
    let hex = hex(value);
    let percent: Vec<String> =
        hex.as_bytes().chunks(2).map(|pair| format!("%{}", pair.escape_ascii())).collect();
    let escaped: Vec<String> = value
        .chars()
        .zip(&percent)
        .map(|(c, escaped)| if c.is_ascii_alphanumeric() { c.into() } else { escaped.clone() })
        .collect();
    let every_byte = percent.concat();
    let mut texts = vec![
        value.to_owned(),
        json.to_owned(),
        json.replace('/', r"\/"),
        url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
        escaped.concat(),
        every_byte.to_uppercase(),
        every_byte,
        hex.to_uppercase(),
        hex,
    ];
    for before in 0..3 {
        let text = [&" ".repeat(before), value].concat();
        for encoded in [BASE64_STANDARD_NO_PAD.encode(&text), BASE64_URL_SAFE_NO_PAD.encode(&text)] {
            // Without the characters that depend on what surrounds the value.
            let last = encoded.len() - usize::from(!text.len().is_multiple_of(3));
            texts.push(encoded[[0, 2, 3][before]..last].to_owned());
        }
    }
    texts.into_iter().map(String::into_bytes).collect()
}

/// Every byte as two digits.
pub fn hex(text: &str) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).expect("four bits are one digit");
    text.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
