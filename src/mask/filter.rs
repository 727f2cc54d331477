//! One stream with every form of the secrets masked.

use std::io::{self, Write};
use std::mem;

use super::masker::Masker;
use crate::secret::REDACTED;

/// Masks one stream.
pub struct Filter<'m> {
    masker: &'m Masker,
    /// The end of the stream so far that may still become an occurrence; not written yet.
    held: Vec<u8>,
    /// How many of the first held bytes belong to a mask that is already written.
    masked: usize,
    /// Holds a masked chunk, so that it too leaves in one write.
    scratch: Vec<u8>,
}

impl<'m> Filter<'m> {
    /// Starts a stream.
    pub fn new(masker: &'m Masker) -> Self {
        Self { masker, held: Vec::new(), masked: 0, scratch: Vec::new() }
    }

    /// Writes what is decided of `chunk` by now, in at most one `write_all`.
    ///
    /// # Errors
    /// Those of `out`; the filter is unusable afterwards.
    pub fn write(&mut self, chunk: &[u8], out: &mut impl Write) -> io::Result<()> {
        if self.held.is_empty() {
            let keep_from = self.masker.unfinished_from(chunk);
            self.emit(chunk, keep_from, out)?;
            self.held.extend_from_slice(&chunk[keep_from..]);
        } else {
            let mut bytes = mem::take(&mut self.held);
            bytes.extend_from_slice(chunk);
            let keep_from = self.masker.unfinished_from(&bytes);
            self.emit(&bytes, keep_from, out)?;
            bytes.drain(..keep_from);
            self.held = bytes;
        }
        Ok(())
    }

    /// Ends the stream: writes what was held back, since nothing follows that could make it a secret.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(mut self, out: &mut impl Write) -> io::Result<()> {
        let bytes = mem::take(&mut self.held);
        self.emit(&bytes, bytes.len(), out)
    }

    /// Writes `bytes[..keep_from]` with every occurrence that begins there masked, and remembers how far beyond
    /// `keep_from` the last one reaches. No occurrence is cut: one that needs more bytes would have moved
    /// `keep_from` to its beginning.
    fn emit(&mut self, bytes: &[u8], keep_from: usize, out: &mut impl Write) -> io::Result<()> {
        let mut masked_to = self.masked;
        let mut search_from = 0;
        self.scratch.clear();
        while let Some(found) = self.masker.search.find(bytes, search_from)
            && found.start() < keep_from
        {
            if found.start() >= masked_to {
                self.scratch.extend_from_slice(&bytes[masked_to..found.start()]);
                self.scratch.extend_from_slice(REDACTED.as_bytes());
            }
            masked_to = masked_to.max(found.end());
            // Not from its end: another occurrence may begin inside this one.
            search_from = found.start() + 1;
        }
        self.masked = masked_to.saturating_sub(keep_from);
        let clear = &bytes[masked_to.min(keep_from)..keep_from];
        if self.scratch.is_empty() {
            return if clear.is_empty() { Ok(()) } else { out.write_all(clear) };
        }
        self.scratch.extend_from_slice(clear);
        out.write_all(&self.scratch)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::super::masker::Search;
    use super::*;
    use crate::secret::Secret;

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

    /// Finds every byte of every occurrence, then writes one mask per run of overlapping ones.
    fn oracle(forms: &[Vec<u8>], bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut masked_to = 0;
        for at in 0..bytes.len() {
            let longest = forms.iter().filter(|form| bytes[at..].starts_with(form)).map(Vec::len).max();
            if let Some(length) = longest {
                if at >= masked_to {
                    out.extend_from_slice(REDACTED.as_bytes());
                }
                masked_to = masked_to.max(at + length);
            }
            if at >= masked_to {
                out.push(bytes[at]);
            }
        }
        out
    }

    #[test]
    fn a_token_is_masked_wherever_the_stream_is_cut() {
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
    fn a_token_that_arrives_byte_by_byte_is_masked() {
        let text = format!("a{TOKEN}b");
        let chunks: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(masked(&masker(&[TOKEN]), &chunks), b"a****b");
    }

    #[test]
    fn base64_is_masked_at_every_alignment_and_in_both_alphabets() {
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
    fn url_encoded_forms_are_masked_in_either_case() {
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
    fn overlapping_occurrences_leave_no_piece() {
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
    fn binary_output_is_unchanged() {
        let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
        assert_eq!(masked(&masker(&[TOKEN]), &[&bytes[..40_001], &bytes[40_001..]]), bytes);
    }

    #[test]
    fn without_a_secret_nothing_is_masked() {
        for masker in [masker(&[]), masker(&[""])] {
            assert_eq!(masked(&masker, &[b"as it ", b"is"]), b"as it is");
        }
    }

    #[test]
    fn a_short_secret_is_masked_in_its_plain_form_only() {
        assert_eq!(masked_text("pw", "pw cHc"), "**** cHc");
    }

    proptest! {
        #[test]
        fn any_stream_in_any_chunks_is_masked_as_the_oracle_says(
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
            let mut without_simd = masker;
            without_simd.search = Search::automaton(&without_simd.forms);
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
