//! The server's own words, made fit to be shown: no control characters, nothing that we sent, not too long.

/// Longer texts are cut; what helps stands at the beginning.
const LONGEST: usize = 300;

/// `text` in one line of at most 300 characters, with every occurrence of `sent` struck out.
pub fn showable(text: &str, sent: &[&str]) -> String {
    let mut text = text.to_owned();
    for value in sent.iter().filter(|value| !value.is_empty()) {
        text = text.replace(value, "****");
    }
    let mut out = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().filter(|c| !is_invisible(*c)));
    }
    if out.chars().count() > LONGEST {
        out = out.chars().take(LONGEST - 1).chain(['…']).collect();
    }
    out
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
    fn long_texts_are_cut() {
        let cut = showable(&"ä".repeat(1_000), &[]);
        assert_eq!(cut.chars().count(), 300);
        assert!(cut.ends_with('…'));
    }
}
