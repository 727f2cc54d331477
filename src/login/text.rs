//! The server's own words, made fit to be shown: no control characters, nothing that we sent, not too long.

use crate::mask::{Filter, Masker};
use crate::secret::Secret;

/// Longer texts are cut; what helps stands at the beginning.
const LONGEST: usize = 300;

/// What stands for a text that repeats the credential in pieces.
const WITHHELD: &str = "(the server's text is withheld, since it repeats the credential)";

/// `text` in one line of at most 300 characters, with every occurrence of `sent` struck out, in whatever encoding
/// masking knows. A text that repeats it broken up by white space is withheld as a whole.
pub fn showable(text: &str, sent: &[&str]) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let words = visible.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    // Without its padding a value is found with and without it.
    let sent = sent.iter().map(|value| Secret::from(value.trim_end_matches('=')));
    let sent: Vec<Secret> = sent.filter(|value| !value.expose().is_empty()).collect();
    let line = masked(&line, &sent);
    let joined = line.replace(' ', "");
    if masked(&joined, &sent) != joined {
        return WITHHELD.to_owned();
    }
    if line.chars().count() > LONGEST {
        line.chars().take(LONGEST - 1).chain(['…']).collect()
    } else {
        line
    }
}

fn masked(text: &str, sent: &[Secret]) -> String {
    let masker = Masker::new(&sent.iter().collect::<Vec<_>>());
    let mut out = Vec::new();
    let mut filter = Filter::new(&masker);
    let written = filter.write(text.as_bytes(), &mut out).and_then(|()| filter.finish(&mut out));
    // Writing into memory does not fail; if it did, nothing would be shown.
    written.map_or_else(|_| String::new(), |()| String::from_utf8_lossy(&out).into_owned())
}

/// Marks that turn the writing direction or hide themselves: they could make a log line read differently.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_what_we_sent_are_gone() {
        assert_eq!(
            showable("bad\r\n\x1b[31m secret=hunter2\u{202e}!", &["hunter2", ""]),
            "bad [31m secret=****!"
        );
    }

    #[test]
    fn a_text_that_repeats_it_in_pieces_is_withheld() {
        assert_eq!(showable("it was hun ter2", &["hunter2"]), WITHHELD);
    }

    #[test]
    fn long_texts_are_cut() {
        let cut = showable(&"ä".repeat(1_000), &[]);
        assert_eq!(cut.chars().count(), 300);
        assert!(cut.ends_with('…'));
    }
}
