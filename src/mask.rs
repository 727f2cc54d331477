//! Hides secrets in a stream of bytes.
//!
//! A [`Masker`] knows every form a secret is likely to appear in: as it is, URL-encoded, and inside a base64
//! text, wherever in that text it begins. A [`Filter`] passes one stream through and writes `****` over each
//! of them:
//!
//! 1. **Nothing leaks at an edge.** Every byte of every occurrence is hidden, however the stream is cut into
//!    chunks and however occurrences overlap; those that overlap share one `****`.
//! 2. **Nothing waits without need.** What is held back is the longest end of the stream that may still
//!    become an occurrence, never a line: a prompt without a newline passes at once.
//! 3. **Nothing else changes.** The stream is bytes, not text, and a chunk without a secret is passed on
//!    uncopied.
//!
//! ```
//! use genesys_token::mask::{Filter, Masker};
//! use genesys_token::secret::Secret;
//!
//! let token = Secret::from("s3cr3t-t0k3n");
//! let masker = Masker::new(&[&token]);
//! let mut filter = Filter::new(&masker);
//! let mut out = Vec::new();
//! filter.write(b"token=s3cr3t-", &mut out)?;
//! assert_eq!(out, b"token=");
//! filter.write(b"t0k3n;", &mut out)?;
//! filter.finish(&mut out)?;
//! assert_eq!(out, b"token=****;");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Limitations
//!
//! - **A secret that was transformed in any other way is not recognised**: base64 wrapped into lines,
//!   hexadecimal, compressed, reversed, split by colour codes. Masking keeps accidents out of a log; it does
//!   not stop intent.
//! - A prompt that ends in a character some form begins with shows that character only once more follows.

use std::io::{self, Write};
use std::mem;

use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, Match, MatchKind, Span};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::secret::Secret;

/// What stands in the output where a secret stood; the same as Jenkins writes.
const MASK: &[u8] = b"****";

/// An encoded form shorter than this would also hide innocent text. The secret itself is hidden at any
/// length.
const SHORTEST_ENCODED_FORM: usize = 8;

/// What encoders of URLs leave alone beside letters and digits; Genesys' own tokens have nothing that one of them
/// escapes.
const LEFT_ALONE: [&[u8]; 4] = [
    // RFC 3986 section 2.3: what needs no escape.
    b"-._~",
    // The same for a value that is taken for a path, as by Python's `quote`.
    b"-._~/",
    // A form's fields (WHATWG URL, section 5.2), as by browsers and Java.
    b"*-._",
    // JavaScript's `encodeURIComponent`.
    b"-._~!'()*",
];

/// All forms of some secrets, ready to be searched for. One serves any number of [`Filter`]s.
#[derive(Clone)]
pub struct Masker {
    forms: Vec<Vec<u8>>,
    search: Search,
    first_bytes: [bool; 256],
    longest: usize,
}

impl Masker {
    /// Prepares the search for all forms of `secrets`. An empty secret is nothing to hide.
    pub fn new(secrets: &[&Secret]) -> Self {
        let mut forms: Vec<Vec<u8>> =
            secrets.iter().flat_map(|secret| forms(secret.expose().as_bytes())).collect();
        forms.sort_unstable();
        forms.dedup();
        let search = Search::new(&forms);
        let mut first_bytes = [false; 256];
        for form in &forms {
            first_bytes[usize::from(form[0])] = true;
        }
        let longest = forms.iter().map(Vec::len).max().unwrap_or(0);
        Self { forms, search, first_bytes, longest }
    }

    /// Where the longest end of `bytes` begins that is the beginning, but not the whole, of a form.
    fn unfinished_from(&self, bytes: &[u8]) -> usize {
        let earliest = bytes.len().saturating_sub(self.longest.saturating_sub(1));
        (earliest..bytes.len())
            .find(|&at| self.first_bytes[usize::from(bytes[at])] && self.is_unfinished(&bytes[at..]))
            .unwrap_or(bytes.len())
    }

    fn is_unfinished(&self, end: &[u8]) -> bool {
        self.forms.iter().any(|form| form.len() > end.len() && form.starts_with(end))
    }
}

/// Finds the leftmost occurrence, and of those that begin there the longest.
#[derive(Clone)]
enum Search {
    /// SIMD over the first bytes of all forms at once: gigabytes per second in any text, also in base64,
    /// where the automaton's own choice of a prefilter stops at every few bytes.
    Packed(Searcher),
    /// For processors without it, and for very many secrets.
    Automaton(AhoCorasick),
}

impl Search {
    fn new(forms: &[Vec<u8>]) -> Self {
        let packed = packed::Config::new()
            .match_kind(packed::MatchKind::LeftmostLongest)
            .builder()
            .extend(forms)
            .build();
        packed.map_or_else(|| Self::automaton(forms), Self::Packed)
    }

    fn automaton(forms: &[Vec<u8>]) -> Self {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(forms)
            .expect("secrets are no gigabytes");
        Self::Automaton(automaton)
    }

    fn find(&self, bytes: &[u8], from: usize) -> Option<Match> {
        match self {
            Self::Packed(searcher) => searcher.find_in(bytes, Span::from(from..bytes.len())),
            Self::Automaton(automaton) => automaton.find(Input::new(bytes).range(from..)),
        }
    }
}

/// One stream on its way through a [`Masker`].
pub struct Filter<'m> {
    masker: &'m Masker,
    /// The end of the stream so far that may still become an occurrence.
    held: Vec<u8>,
    /// How many of the first held bytes lie under a mask that is already written.
    hidden: usize,
    /// Where a chunk with a secret is put together, so that it too leaves in one write.
    scratch: Vec<u8>,
}

impl<'m> Filter<'m> {
    /// The beginning of a stream.
    pub fn new(masker: &'m Masker) -> Self {
        Self { masker, held: Vec::new(), hidden: 0, scratch: Vec::new() }
    }

    /// Passes on what can be told of `chunk` by now, in at most one `write_all`.
    ///
    /// # Errors
    ///
    /// Those of `out`; the filter is of no use afterwards.
    pub fn write(&mut self, chunk: &[u8], out: &mut impl Write) -> io::Result<()> {
        if self.held.is_empty() {
            let keep_from = self.masker.unfinished_from(chunk);
            self.pass_on(chunk, keep_from, out)?;
            self.held.extend_from_slice(&chunk[keep_from..]);
        } else {
            let mut bytes = mem::take(&mut self.held);
            bytes.extend_from_slice(chunk);
            let keep_from = self.masker.unfinished_from(&bytes);
            self.pass_on(&bytes, keep_from, out)?;
            bytes.drain(..keep_from);
            self.held = bytes;
        }
        Ok(())
    }

    /// Passes on what was held back: no more is to come that could make it a secret.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn finish(mut self, out: &mut impl Write) -> io::Result<()> {
        let bytes = mem::take(&mut self.held);
        self.pass_on(&bytes, bytes.len(), out)
    }

    /// Writes `bytes[..keep_from]` with every occurrence that begins there hidden, and notes how far beyond
    /// `keep_from` the last of them reaches. None of them is cut: an occurrence that needs bytes yet to come
    /// would have moved `keep_from` to its beginning.
    fn pass_on(&mut self, bytes: &[u8], keep_from: usize, out: &mut impl Write) -> io::Result<()> {
        let mut hidden_to = self.hidden;
        let mut search_from = 0;
        self.scratch.clear();
        while let Some(found) = self.masker.search.find(bytes, search_from)
            && found.start() < keep_from
        {
            if found.start() >= hidden_to {
                self.scratch.extend_from_slice(&bytes[hidden_to..found.start()]);
                self.scratch.extend_from_slice(MASK);
            }
            hidden_to = hidden_to.max(found.end());
            // Not from its end: an occurrence may begin inside this one.
            search_from = found.start() + 1;
        }
        self.hidden = hidden_to.saturating_sub(keep_from);
        let clear = &bytes[hidden_to.min(keep_from)..keep_from];
        if self.scratch.is_empty() {
            return if clear.is_empty() { Ok(()) } else { out.write_all(clear) };
        }
        self.scratch.extend_from_slice(clear);
        out.write_all(&self.scratch)
    }
}

/// The secret itself and its encodings.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    if secret.is_empty() {
        return Vec::new();
    }
    let mut forms = vec![secret.to_vec()];
    let encoded = url_encoded_forms(secret).into_iter().chain(base64_forms(secret));
    forms.extend(encoded.filter(|form| form.len() >= SHORTEST_ENCODED_FORM));
    forms
}

fn url_encoded_forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for left_alone in LEFT_ALONE {
        for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
            forms.push(url_encoded(secret, left_alone, digits));
        }
    }
    forms
}

fn url_encoded(secret: &[u8], left_alone: &[u8], digits: &[u8; 16]) -> Vec<u8> {
    let mut form = Vec::with_capacity(3 * secret.len());
    for &byte in secret {
        if byte.is_ascii_alphanumeric() || left_alone.contains(&byte) {
            form.push(byte);
        } else {
            form.extend([b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
    }
    form
}

/// The characters that a base64 text has in common whatever surrounds the secret in it, for each of the three
/// ways the secret can lie across groups of three bytes.
fn base64_forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for bytes_before in 0..3 {
        let mut plain = vec![0; bytes_before];
        plain.extend_from_slice(secret);
        // A character stands for 6 bits; the first and the last may mix the secret with its neighbours.
        let own = (8 * bytes_before).div_ceil(6)..8 * plain.len() / 6;
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            forms.push(alphabet.encode(&plain).as_bytes()[own.clone()].to_vec());
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "q9Zk-7_XbT3vLw0s8RfYh2Jd5NcPgMuE";

    fn masker(secrets: &[&str]) -> Masker {
        let secrets: Vec<Secret> = secrets.iter().copied().map(Secret::from).collect();
        Masker::new(&secrets.iter().collect::<Vec<_>>())
    }

    fn masked(masker: &Masker, chunks: &[&[u8]]) -> Vec<u8> {
        let mut filter = Filter::new(masker);
        let mut out = Vec::new();
        for chunk in chunks {
            filter.write(chunk, &mut out).unwrap();
        }
        filter.finish(&mut out).unwrap();
        out
    }

    fn masked_text(secret: &str, text: &str) -> String {
        String::from_utf8(masked(&masker(&[secret]), &[text.as_bytes()])).unwrap()
    }

    /// Marks every byte of every occurrence, then writes one mask per run of overlapping ones.
    fn oracle(forms: &[Vec<u8>], bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut hidden_to = 0;
        for at in 0..bytes.len() {
            let longest = forms.iter().filter(|form| bytes[at..].starts_with(form)).map(Vec::len).max();
            if let Some(length) = longest {
                if at >= hidden_to {
                    out.extend_from_slice(MASK);
                }
                hidden_to = hidden_to.max(at + length);
            }
            if at >= hidden_to {
                out.push(bytes[at]);
            }
        }
        out
    }

    #[test]
    fn a_token_is_hidden_wherever_it_is_cut_in_two_or_three() {
        let masker = masker(&[TOKEN]);
        let text = format!("<{TOKEN}> and {TOKEN}{TOKEN}.");
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let chunks =
                    [&text.as_bytes()[..first], &text.as_bytes()[first..second], &text.as_bytes()[second..]];
                assert_eq!(masked(&masker, &chunks), b"<****> and ********.", "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn a_token_that_comes_byte_by_byte_is_hidden() {
        let text = format!("a{TOKEN}b");
        let chunks: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(masked(&masker(&[TOKEN]), &chunks), b"a****b");
    }

    #[test]
    fn base64_is_hidden_at_every_alignment_and_in_both_alphabets() {
        let token = "?>~\u{ff}q9Zk-7_XbT3vLw0s8RfYh2Jd5NcPg\u{ff}?>~";
        for before in ["", "a", "ab", "abc", "user:"] {
            for after in ["", "z", "yz", "xyz"] {
                for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                    let encoded = alphabet.encode(format!("{before}{token}{after}"));
                    let shown = masked_text(token, &encoded);
                    assert!(shown.contains("****"), "{before}_{after}: {shown}");
                    let most_left = (before.len() + after.len()).div_ceil(3) * 4 + 4;
                    assert!(shown.len() <= 4 + most_left, "{before}_{after}: {shown}");
                }
            }
        }
    }

    #[test]
    fn url_encoded_forms_are_hidden_in_either_case() {
        let token = "ab+cd/ef==gh";
        for encoded in ["ab%2Bcd%2Fef%3D%3Dgh", "ab%2bcd%2fef%3d%3dgh", "ab%2Bcd/ef%3D%3Dgh", token] {
            assert_eq!(masked_text(token, &format!("?t={encoded}&x")), "?t=****&x");
        }
        let token = "ab~cd'ef*gh";
        for encoded in ["ab~cd%27ef%2Agh", "ab%7Ecd%27ef*gh", "ab~cd'ef*gh"] {
            assert_eq!(masked_text(token, &format!("?t={encoded}&x")), "?t=****&x");
        }
    }

    #[test]
    fn occurrences_that_overlap_leave_no_piece() {
        assert_eq!(masked_text("abcabc", "-abcabcabc-"), "-****-");
        let both = masker(&["xabc", "abcdefg"]);
        assert_eq!(masked(&both, &[b"-xabcdefg-"]), b"-****-");
        assert_eq!(masked(&both, &[b"-xabc", b"def", b"g-"]), b"-****-");
        assert_eq!(masked(&both, &[b"-xabc", b"de", b"h-"]), b"-****deh-");
    }

    #[test]
    fn a_prompt_without_a_newline_passes_at_once() {
        let masker = masker(&[TOKEN]);
        let mut filter = Filter::new(&masker);
        let mut out = Vec::new();
        filter.write(b"Continue? ", &mut out).unwrap();
        assert_eq!(out, b"Continue? ");
        filter.write(b"=q9Z", &mut out).unwrap();
        assert_eq!(out, b"Continue? =");
        filter.write(b"!", &mut out).unwrap();
        assert_eq!(out, b"Continue? =q9Z!");
    }

    #[test]
    fn a_chunk_leaves_in_one_write() {
        struct Writes(Vec<usize>);
        impl Write for Writes {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.push(bytes.len());
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let masker = masker(&[TOKEN]);
        let mut filter = Filter::new(&masker);
        let mut writes = Writes(Vec::new());
        filter.write(format!("a{TOKEN}b{TOKEN};").as_bytes(), &mut writes).unwrap();
        filter.write(b"plain", &mut writes).unwrap();
        assert_eq!(writes.0, [11, 5]);
    }

    #[test]
    fn binary_output_is_left_as_it_is() {
        let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
        assert_eq!(masked(&masker(&[TOKEN]), &[&bytes[..40_001], &bytes[40_001..]]), bytes);
    }

    #[test]
    fn no_secret_and_an_empty_secret_hide_nothing() {
        for masker in [masker(&[]), masker(&[""])] {
            assert_eq!(masked(&masker, &[b"as it ", b"is"]), b"as it is");
        }
    }

    #[test]
    fn a_short_secret_is_hidden_as_it_is_only() {
        assert_eq!(masked_text("pw", "pw cHc"), "**** cHc");
    }

    proptest! {
        #[test]
        fn any_cut_of_any_stream_is_masked_as_the_oracle_says(
            secrets in prop::collection::vec("[ab+]{1,9}", 0..4),
            chunks in prop::collection::vec(
                prop::collection::vec(prop::sample::select(&b"aab+%2BYWJ"[..]), 0..12),
                0..12,
            ),
        ) {
            let masker = masker(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
            let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
            let expected = oracle(&masker.forms, &chunks.concat());
            prop_assert_eq!(masked(&masker, &chunks), &expected[..]);
            let without_simd = Masker { search: Search::automaton(&masker.forms), ..masker };
            prop_assert_eq!(masked(&without_simd, &chunks), expected);
        }

        #[test]
        fn base64_of_anything_around_the_token_shows_none_of_it(
            before in prop::collection::vec(any::<u8>(), 0..20),
            after in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let plain = [&before[..], TOKEN.as_bytes(), &after[..]].concat();
            let shown = masked(&masker(&[TOKEN]), &[STANDARD_NO_PAD.encode(plain).as_bytes()]);
            prop_assert!(shown.len() <= 4 + 4 + (before.len() + after.len()) * 4 / 3 + 2);
        }
    }
}
