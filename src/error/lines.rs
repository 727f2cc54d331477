//! Errors in lines that are read in a console.

/// Characters of a line with a cause or a fix, so that it is read at once in a console.
pub(super) const MAX_LINE: usize = 98;
/// Characters of a message's line, which has the names of what failed.
pub(super) const MAX_MESSAGE_LINE: usize = 160;
/// Characters of a server's own words; what helps stands at the beginning.
const MAX_SERVER_TEXT: usize = 150;

/// `text` in lines of at most `max` characters, the further ones indented. A longer word, such as a path, stays whole.
pub(super) fn wrapped(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let (mut lines, mut length) = (String::with_capacity(text.len() + 16), 0);
    for word in text.split(' ') {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > max {
            lines.push_str("\n    ");
            length = 4;
        } else if length > 0 {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += word_length;
    }
    lines
}

/// The beginning of a server's words.
pub(super) fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_SERVER_TEXT {
        return text.to_owned();
    }
    text.chars().take(MAX_SERVER_TEXT - 1).chain(['…']).collect()
}
