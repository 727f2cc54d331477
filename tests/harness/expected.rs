//! What a call is expected to print.

/// What a call is expected to print on one stream.
#[derive(Clone, Debug)]
pub enum Expected {
    /// This text. A `*` in it stands for anything within a line, and a line `  …` for the lines of an error with its causes
    /// and fixes.
    Text(String),
    /// Exactly this text, in which a `*` is nothing special.
    Exactly(String),
    /// One line that may be a token.
    Token,
    /// The test looks by itself.
    Anything,
}

impl Expected {
    pub fn matches(&self, actual: &str) -> bool {
        match self {
            Self::Text(pattern) => matches(pattern, &folded(pattern, actual)),
            Self::Exactly(text) => text == actual,
            Self::Token => {
                let token = actual.strip_suffix('\n').unwrap_or_default();
                !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
            }
            Self::Anything => true,
        }
    }
}

/// What stands for the indented lines of an error.
const DETAILS: &str = "  …";

/// `text` with one line in place of indented ones that follow each other, if `pattern` has such a line.
fn folded(pattern: &str, text: &str) -> String {
    if !pattern.lines().any(|line| line == DETAILS) {
        return text.to_owned();
    }
    let mut folded = String::new();
    for line in text.split_inclusive('\n') {
        let shown = if line.starts_with("  ") { "  …\n" } else { line };
        if shown == line || !folded.ends_with(shown) {
            folded.push_str(shown);
        }
    }
    folded
}

#[test]
fn a_line_stands_for_all_lines_of_an_error() {
    let is = |pattern: &str, text: &str| Expected::Text(pattern.to_owned()).matches(text);
    assert!(is("error: *\n  …\nmore\n", "error: no\n  cause: a\n  fix: b\nmore\n"));
    assert!(!is("error: *\n  …\n", "error: no\n") && !is("error: *\n", "error: no\n  fix: b\n"));
}

/// Whether `text` is `pattern`, in which each `*` stands for anything but a line break.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(before) else { return false };
    let line = rest.find('\n').unwrap_or(rest.len());
    let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    starts.take_while(|at| *at <= line).any(|at| matches(after, &rest[at..]))
}

#[test]
fn a_star_stands_for_anything_within_a_line() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("", "x", false),
        ("a*c\n", "abbc\n", true),
        ("a*\n", "a\n", true),
        ("a*c\n", "ab\nc\n", false),
        ("*, * left*\n", "token, 23h left (x)\n", true),
        ("a\n", "a\nb\n", false),
    ] {
        assert_eq!(matches(pattern, text), expected, "{pattern:?} {text:?}");
    }
}

#[test]
fn a_star_is_nothing_special_in_an_exact_text() {
    let masked = Expected::Exactly("****\n".to_owned());
    assert!(masked.matches("****\n") && !masked.matches("a secret\n"));
}
