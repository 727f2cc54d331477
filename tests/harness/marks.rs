//! Values that must not be seen, and whether a text gives one away: whole or in part, in whatever spelling.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// So much of a value's spelling in one piece is no chance: a random one has some 60 bits in it. Less of it is shown of
/// a client id on purpose, and of a secret by nothing.
const PIECE: usize = 12;

/// Not every piece is looked for, since lists of tokens are long: one that is longer by this has one of them in it.
const STRIDE: usize = 4;
/// A spelling so long has more pieces than a test has time for.
const LONG: usize = 1_000;

/// Some values, ready to be looked for.
pub struct Marks<N> {
    pieces: AhoCorasick,
    /// Whose piece each pattern is.
    names: Vec<N>,
}

impl<N: Copy + Ord> Marks<N> {
    /// Marks `values`, each with its name.
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

    /// The values that `text` gives away.
    pub fn in_text(&self, text: &[u8]) -> Vec<N> {
        let mut found: Vec<_> =
            self.pieces.find_overlapping_iter(text).map(|hit| self.names[hit.pattern().as_usize()]).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Raw, JSON, URL-encoded (as a form, as little as can be, and every byte), hexadecimal, and base64 in both alphabets
/// wherever it begins.
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
            // Without the characters that depend on what stands around the value.
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
