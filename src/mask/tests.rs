//! One stream with every form and every run of the secrets masked.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::filter::Filter;
use super::masker::Masker;
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

#[test]
fn a_token_is_masked_wherever_the_stream_is_cut() {
    let masker = masker(&[TOKEN]);
    let text = format!("<{TOKEN}> and {TOKEN}{TOKEN}.");
    for first in 0..=text.len() {
        for second in first..=text.len() {
            let chunks =
                [&text.as_bytes()[..first], &text.as_bytes()[first..second], &text.as_bytes()[second..]];
            assert_eq!(masked(&masker, &chunks), b"<****> and ****.", "cut at {first} and {second}");
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
fn utf_16_is_masked_and_nothing_beside_it() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let base64 = STANDARD_NO_PAD.encode(TOKEN);
    let [before, after] = ["Wert für: ", "\r\n"].map(wide);
    for text in [TOKEN, &base64] {
        let printed = masked(&masker(&[TOKEN]), &[&before, &wide(text), &after]);
        let hidden = printed.strip_prefix(&before[..]).and_then(|rest| rest.strip_suffix(&after[..]));
        let hidden = hidden.unwrap_or_else(|| panic!("{printed:?}"));
        assert!(hidden.starts_with(b"****") && hidden.len() < 16, "{hidden:?}");
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
fn what_may_become_a_run_is_held_back_until_it_is_released() {
    let masker = masker(&[TOKEN]);
    let mut filter = Filter::new(&masker);
    let mut out = Vec::new();
    filter.write(b"Continue? ", &mut out).unwrap();
    assert_eq!(out, b"Continue? ");
    filter.write(b"=q9Z", &mut out).unwrap();
    assert_eq!((out.as_slice(), filter.held()), (&b"Continue? ="[..], 3));
    filter.write(b"!q9Zk", &mut out).unwrap();
    filter.release(&mut out).unwrap();
    assert_eq!(out, b"Continue? =q9Z!q9Zk");
    // What has passed still counts.
    filter.write(b"-7_XbT3vLw0", &mut out).unwrap();
    assert_eq!((out.len(), filter.held()), (19, 11));
    filter.write(b"s", &mut out).unwrap();
    filter.write(b"8!", &mut out).unwrap();
    assert_eq!(out, b"Continue? =q9Z!q9Zk****!");
}

#[test]
fn a_prompt_is_whole_once_it_is_released_whatever_it_ends_in() {
    let masker = masker(&[TOKEN]);
    for byte in 0..=u8::MAX {
        let mut filter = Filter::new(&masker);
        let mut out = Vec::new();
        filter.write(&[b'>', byte], &mut out).unwrap();
        assert!(filter.held() <= 1);
        filter.release(&mut out).unwrap();
        assert_eq!((out, filter.held()), (vec![b'>', byte], 0));
    }
}

#[test]
fn of_a_token_in_lines_no_run_is_left_at_any_width_and_offset() {
    let masker = masker(&[TOKEN]);
    for width in 1..=80 {
        for offset in 0..width {
            let text = format!("{}{TOKEN}{}", "=".repeat(offset), "=".repeat(width));
            let lines = text.as_bytes().chunks(width).collect::<Vec<_>>().join(&b'\n');
            let shown = masked(&masker, &[&lines]);
            let is_shown = |run| shown.windows(16).any(|piece| piece == run);
            assert!(!TOKEN.as_bytes().windows(16).any(is_shown), "{width} {offset}");
        }
    }
}

#[test]
fn a_run_of_16_is_hidden_at_every_place_and_one_of_15_is_not() {
    let masker = masker(&[TOKEN]);
    for run in TOKEN.as_bytes().windows(16) {
        for before in 0..40 {
            let text = [&vec![b'='; before], run, b"="].concat();
            assert_eq!(masked(&masker, &[&text]), [&vec![b'='; before], &b"****="[..]].concat(), "{before}");
            let text = [&vec![b'='; before], &run[1..], b"="].concat();
            assert_eq!(masked(&masker, &[&text]), text, "{before}");
        }
    }
}

#[test]
fn pieces_with_something_between_them_are_no_run() {
    let masker = masker(&[TOKEN]);
    for length in 1..16 {
        for between in 1..40 {
            let (one, other) = (&TOKEN[..length], &TOKEN[length..length + 16]);
            let between = "=".repeat(between);
            let text = format!("={one}{between}{}=", &other[..15]);
            assert_eq!(masked_text(TOKEN, &text), text);
            let chunks = [format!("={one}"), format!("{between}{other}=")];
            let shown = masked(&masker, &chunks.each_ref().map(String::as_bytes));
            assert_eq!(shown, format!("={one}{between}****=").as_bytes());
        }
    }
}

#[test]
fn zeros_stay_although_a_form_contains_some() {
    let token = format!("{}{TOKEN}", "A".repeat(30));
    let text = format!("{}\n{token}\n", "A".repeat(100));
    assert_eq!(masked_text(&token, &text), format!("{}\n****\n", "A".repeat(100)));
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
    filter.write(format!("a{TOKEN}={TOKEN};").as_bytes(), &mut writes).unwrap();
    filter.write(b"plain.", &mut writes).unwrap();
    assert_eq!(writes.0, [11, 6]);
}

#[test]
fn binary_output_is_unchanged() {
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    assert_eq!(masked(&masker(&[TOKEN]), &[&bytes[..40_001], &bytes[40_001..]]), bytes);
}

#[test]
fn other_base64_is_unchanged() {
    let bytes: Vec<u8> = (0..200_000_u64).flat_map(|number| (number * number).to_le_bytes()).collect();
    let text = STANDARD_NO_PAD.encode(bytes);
    let chunks: Vec<&[u8]> = text.as_bytes().chunks(1_000).collect();
    assert!(masked(&masker(&[TOKEN]), &chunks) == text.as_bytes());
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
    fn base64_of_anything_around_the_token_shows_none_of_it(
        before in prop::collection::vec(any::<u8>(), 0..20),
        after in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let plain = [&before[..], TOKEN.as_bytes(), &after[..]].concat();
        let shown = masked(&masker(&[TOKEN]), &[STANDARD_NO_PAD.encode(plain).as_bytes()]);
        prop_assert!(shown.len() <= 4 + 4 + (before.len() + after.len()) * 4 / 3 + 2);
    }
}
