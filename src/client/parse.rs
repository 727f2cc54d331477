//! From the text that people pasted to an id or a secret.

use std::fmt;

use super::credential::{ClientId, ClientSecret};
use crate::error::{Error, Result};
use crate::secret::Secret;

/// GNU `base64` wraps its output after this many characters.
const BASE64_LINE_LEN: usize = 76;

/// What parsing removed from a value. `Display` is a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalization {
    /// One newline at the end of the value named here. Normal for a file; in an environment variable it means that
    /// the stored credential has it, and that other tools send it.
    TrailingNewline(&'static str),
}

impl fmt::Display for Normalization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrailingNewline(what) => write!(f, "trailing newline removed from the {what}"),
        }
    }
}

impl ClientId {
    pub(super) const WHAT: &str = "client id";

    /// Parses `raw`, without its one trailing newline.
    ///
    /// # Errors
    /// A credentials error that names the first character that no id can have and its position, but no other.
    pub fn parse(raw: &str) -> Result<(Self, Option<Normalization>)> {
        let (id, normalization) = without_newline(raw, Self::WHAT);
        check_characters(id, Self::WHAT)?;
        // RFC 7617 section 2: the first colon is where the secret begins.
        if let Some(at) = id.chars().position(|c| c == ':') {
            return Err(Error::credentials(format!("the client id has a colon at character {}", at + 1))
                .cause("it looks like id and secret in one")
                .fix("give each by itself"));
        }
        Ok((Self(id.to_owned()), normalization))
    }
}

impl ClientSecret {
    pub(super) const WHAT: &str = "client secret";

    /// Parses `raw`, without its one trailing newline.
    ///
    /// # Errors
    /// A credentials error that names the first character that no secret can have and its position, but no other.
    pub fn parse(raw: impl Into<Secret>) -> Result<(Self, Option<Normalization>)> {
        let raw = raw.into();
        let (secret, normalization) = without_newline(raw.expose(), Self::WHAT);
        check_characters(secret, Self::WHAT)?;
        let length = secret.len();
        Ok((Self(raw.truncated(length)), normalization))
    }
}

/// Removes the one newline that an editor, `echo` or a credential store leaves.
fn without_newline<'a>(raw: &'a str, what: &'static str) -> (&'a str, Option<Normalization>) {
    match raw.strip_suffix("\r\n").or_else(|| raw.strip_suffix('\n')) {
        Some(value) => (value, Some(Normalization::TrailingNewline(what))),
        None => (raw, None),
    }
}

fn check_characters(value: &str, what: &str) -> Result<()> {
    if value.is_empty() {
        return Err(Error::credentials(format!("the {what} is empty"))
            .cause("an empty line was probably saved")
            .fix("store the credential again"));
    }
    if value.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    match value.chars().enumerate().find_map(|(at, c)| Some((at, c, forbidden(c)?))) {
        Some((at, c, kind)) => {
            let (cause, fix) = forbidden_advice(value, at, c);
            let message = format!("the {what} has {kind} at character {}", at + 1);
            Err(Error::credentials(message).cause(cause).fix(fix))
        }
        None => Ok(()),
    }
}

/// The name of `c`, when it is white space, a control character or invisible.
fn forbidden(c: char) -> Option<&'static str> {
    Some(match c {
        ' ' => "a space",
        '\t' => "a tab",
        '\n' => "a newline",
        '\r' => "a carriage return",
        '\0' => "a NUL character",
        '\u{a0}' => "a no-break space",
        '\u{feff}' => "a byte order mark",
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' => {
            "an invisible character"
        }
        c if c.is_whitespace() => "a special space",
        c if c.is_control() => "a control character",
        _ => return None,
    })
}

/// Why `c` is there, and what to do.
fn forbidden_advice(value: &str, at: usize, c: char) -> (&'static str, &'static str) {
    const ALONE: &str = "give id and secret by themselves, as Genesys shows them";
    let begins = |word: &str| value.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    if begins("Authorization:") || begins("Basic ") || begins("Bearer ") {
        ("it looks like a whole Authorization header", ALONE)
    } else if c == '\u{feff}' && at == 0 {
        ("the file was saved as UTF-8 with BOM", "save it as plain UTF-8")
    } else if matches!(c, '\n' | '\r') && at == BASE64_LINE_LEN {
        ("it looks like the wrapped output of base64", ALONE)
    } else {
        ("it was probably copied along with the value", "store the value again without that character")
    }
}

#[cfg(test)]
mod tests {
    use super::super::credential::Client;
    use super::*;
    use crate::error::Category;

    const ID: &str = "11111111-2222-3333-4444-555555555555";
    const SECRET: &str = "AbCdEf0123456789-bCdEf0123456789_bCdEf01234";

    fn secret(text: &str) -> ClientSecret {
        ClientSecret(Secret::from(text))
    }

    fn refusal(raw: &str) -> Error {
        let of_id = ClientId::parse(raw).unwrap_err();
        let of_secret = ClientSecret::parse(raw).unwrap_err();
        assert_eq!(of_id.category, Category::Credentials);
        assert_eq!(of_id.category, of_secret.category);
        assert_eq!(of_id.message.replace("client id", "client secret"), of_secret.message);
        of_secret
    }

    #[test]
    fn a_well_formed_value_is_parsed_unchanged() {
        assert_eq!(ClientId::parse(ID).unwrap(), (ClientId(ID.to_owned()), None));
        assert_eq!(ClientSecret::parse(SECRET).unwrap(), (secret(SECRET), None));
        assert_eq!(ClientSecret::parse("p:ä!").unwrap().0.expose(), "p:ä!");
    }

    #[test]
    fn one_trailing_newline_is_removed_and_reported() {
        for end in ["\n", "\r\n"] {
            let (parsed, normalization) = ClientId::parse(&format!("{ID}{end}")).unwrap();
            assert_eq!(parsed.as_str(), ID);
            assert_eq!(normalization.unwrap().to_string(), "trailing newline removed from the client id");
            let (parsed, normalization) = ClientSecret::parse(format!("{SECRET}{end}")).unwrap();
            assert_eq!(parsed.expose(), SECRET);
            assert_eq!(normalization.unwrap().to_string(), "trailing newline removed from the client secret");
        }
    }

    #[test]
    fn white_space_and_control_characters_are_refused_by_position_and_name() {
        for (raw, what) in [
            ("ab\n\n", "a newline at character 3"),
            ("ab\r", "a carriage return at character 3"),
            (" ab", "a space at character 1"),
            ("äb\tc", "a tab at character 3"),
            ("a\0", "a NUL character at character 2"),
            ("a\u{7f}", "a control character at character 2"),
            ("a\u{a0}b", "a no-break space at character 2"),
            ("a\u{2009}b", "a special space at character 2"),
            ("a\u{200b}b", "an invisible character at character 2"),
            ("\u{feff}ab", "a byte order mark at character 1"),
        ] {
            assert_eq!(refusal(raw).message, format!("the client secret has {what}"));
        }
    }

    #[test]
    fn a_refusal_repeats_nothing_of_the_value() {
        let error = refusal(&format!("{SECRET} {SECRET}")).to_json();
        for at in 0..SECRET.len() - 4 {
            assert!(!error.contains(&SECRET[at..at + 4]), "{error}");
        }
    }

    #[test]
    fn an_empty_value_is_refused() {
        for raw in ["", "\n", "\r\n"] {
            assert_eq!(refusal(raw).message, "the client secret is empty");
        }
    }

    #[test]
    fn a_colon_is_refused_in_the_id_alone() {
        let error = ClientId::parse(&format!("{ID}:{SECRET}")).unwrap_err();
        assert_eq!(error.message, "the client id has a colon at character 37");
        assert_eq!(error.hint(), "it looks like id and secret in one; give each by itself");
        assert!(ClientSecret::parse("a:b").is_ok());
    }

    #[test]
    fn a_refused_paste_is_recognised() {
        let id = ClientId::parse(ID).unwrap().0;
        let basic = Client { id, secret: secret(SECRET) }.basic_credentials();
        let header = format!("basic {}", basic.expose());
        assert!(refusal(&header).hint().contains("whole Authorization header"));
        assert!(refusal("\u{feff}ab").hint().contains("with BOM"));
        let (line, rest) = basic.expose().split_at(BASE64_LINE_LEN);
        assert!(refusal(&format!("{line}\n{rest}")).hint().contains("output of base64"));
        assert!(refusal("a b").hint().contains("copied along"));
    }
}
