//! Foreign text, made fit for a log or a terminal: no control characters, nothing that we sent, not too long.

use crate::mask::{Filter, Masker};
use crate::secret::Secret;

/// Longer texts are cut, in characters; what helps stands at the beginning.
const MAX_LEN: usize = 300;

/// Stands for a text that repeats the credential in pieces.
const WITHHELD: &str = "(the server's text is withheld, since it repeats the credential)";

/// `text` in one line of at most 300 characters, with every occurrence of `sent` masked, in every encoding that
/// masking knows. A text that repeats `sent` broken up by white space is withheld as a whole.
pub(crate) fn sanitize(text: &str, sent: &[&str]) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let words = visible.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    let masker = masker(sent);
    let line = masked(&line, &masker);
    if is_broken_up(&line, &masker) {
        return WITHHELD.to_owned();
    }
    if line.chars().count() > MAX_LEN {
        line.chars().take(MAX_LEN - 1).chain(['…']).collect()
    } else {
        line
    }
}

/// Whether `text` contains any of `sent`, in any encoding that masking knows, broken up by blanks or not.
pub(crate) fn repeats(text: &str, sent: &[&str]) -> bool {
    let masker = masker(sent);
    masked(text, &masker) != text || is_broken_up(text, &masker)
}

fn masker(sent: &[&str]) -> Masker {
    // A value without its base64 padding is found with and without it.
    let sent: Vec<Secret> = sent.iter().map(|value| Secret::from(value.trim_end_matches('='))).collect();
    Masker::new(&sent.iter().collect::<Vec<_>>())
}

fn is_broken_up(text: &str, masker: &Masker) -> bool {
    let joined = text.replace(' ', "");
    masked(&joined, masker) != joined
}

fn masked(text: &str, masker: &Masker) -> String {
    let mut out = Vec::new();
    let mut filter = Filter::new(masker);
    let written = filter.write(text.as_bytes(), &mut out).and_then(|()| filter.finish(&mut out));
    // Writing into memory does not fail.
    written.map_or_else(|_| String::new(), |()| String::from_utf8_lossy(&out).into_owned())
}

/// Whether `c` is invisible or changes the writing direction, and so could make a line read differently or hide that
/// something is in pieces: Unicode's `Default_Ignorable_Code_Point`, and the marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_what_we_sent_are_removed() {
        assert_eq!(
            sanitize("bad\r\n\x1b[31m secret=hunter2\u{202e}!", &["hunter2", ""]),
            "bad [31m secret=****!"
        );
    }

    #[test]
    fn an_invisible_character_hides_no_pieces() {
        for unseen in ['\u{ad}', '\u{61c}', '\u{200b}', '\u{2064}', '\u{fe0f}', '\u{3164}', '\u{e0041}'] {
            assert_eq!(
                sanitize(&format!("it was hun{unseen}ter2"), &["hunter2"]),
                "it was ****",
                "{unseen:?}"
            );
        }
    }

    #[test]
    fn a_text_that_repeats_it_in_pieces_is_withheld() {
        assert_eq!(sanitize("it was hun ter2", &["hunter2"]), WITHHELD);
    }

    #[test]
    fn a_repetition_is_found_whole_and_in_pieces() {
        let sent = ["hunter2", "aHVudGVyMg=="];
        for text in ["a hunter2 b", "hun ter2", "aHVudGVyMg"] {
            assert!(repeats(text, &sent), "{text}");
        }
        assert!(!repeats("hunter", &sent) && !repeats("hunter", &[""]));
    }

    #[test]
    fn long_texts_are_cut() {
        let cut = sanitize(&"ä".repeat(1_000), &[]);
        assert_eq!(cut.chars().count(), 300);
        assert!(cut.ends_with('…'));
    }
}
