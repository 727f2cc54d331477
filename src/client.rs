//! Who is asking: a client id and its secret, cleaned of what comes along when people copy them.
//!
//! Two kinds of checks, kept apart. Cleaning runs on every call and refuses what no credential can have.
//! [`Client::warnings`] looks at length and shape and only ever warns, since Genesys may change both; a cache
//! hit has proved the credential and can skip it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::secret::Secret;

/// The characters of a client secret of Genesys'.
const SECRET_LENGTH: usize = 43;

/// How much of each end of a client id is shown.
const ID_END: usize = 4;

/// GNU `base64` breaks its output after this many characters.
const BASE64_LINE: usize = 76;

/// The id of an OAuth client: not empty, no colon, no white space, nothing invisible.
///
/// It is no secret, but whole ids make logs longer and attacks easier: `Display` and `Debug` abbreviate it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientId(String);

/// A client id with its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Which OAuth client.
    pub id: ClientId,
    /// What proves it.
    pub secret: Secret,
}

/// What was put right in a value. Its `Display` is a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// One newline at the end was taken off the value that is named here. Normal for a file; in an environment
    /// variable it means that a stored credential has it, and other tools will send it.
    TrailingNewline(&'static str),
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrailingNewline(what) => write!(f, "trailing newline removed from the {what}"),
        }
    }
}

impl ClientId {
    const WHAT: &str = "client id";

    /// The id in `raw`, without its one trailing newline.
    ///
    /// # Errors
    /// A credentials error that names the first character no id can have and its position, but no other.
    pub fn clean(raw: &str) -> Result<(Self, Vec<Remark>)> {
        let (id, remarks) = without_newline(raw, Self::WHAT);
        check_characters(id, Self::WHAT)?;
        // RFC 7617 section 2: the first colon is where the secret begins.
        if let Some(at) = id.chars().position(|c| c == ':') {
            return Err(Error::credentials(format!("the client id has a colon at character {}", at + 1))
                .hint("it looks like id and secret in one: give each by itself"));
        }
        Ok((Self(id.to_owned()), remarks))
    }

    /// The whole id, for the request and the cache.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Both are secrets given as the id by mistake.
        if is_secret(&self.0) || has_encoded_pair(&self.0) {
            return f.write_str("…");
        }
        let shown = |c: char| if c.is_ascii_graphic() { c } else { '?' };
        let length = self.0.chars().count();
        // Never more than half of a short one.
        let end = ID_END.min(length / 4);
        self.0.chars().take(end).try_for_each(|c| write!(f, "{}", shown(c)))?;
        f.write_str("…")?;
        self.0.chars().skip(length - end).try_for_each(|c| write!(f, "{}", shown(c)))
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The secret in `raw`, without its one trailing newline.
///
/// # Errors
/// A credentials error that names the first character no secret can have and its position, but no other.
pub fn clean_secret(raw: String) -> Result<(Secret, Vec<Remark>)> {
    const WHAT: &str = "client secret";
    // Wiped on every way out.
    let mut raw = Zeroizing::new(raw);
    let (secret, remarks) = without_newline(&raw, WHAT);
    check_characters(secret, WHAT)?;
    let length = secret.len();
    raw.truncate(length);
    Ok((Secret::new(std::mem::take(&mut *raw)), remarks))
}

impl Client {
    /// The value of an `Authorization: Basic` header, without the word `Basic`.
    ///
    /// RFC 6749 section 2.3.1 would percent-encode both parts first. No SDK of Genesys' does, and for the
    /// characters their credentials are made of it makes no difference.
    pub fn basic_credentials(&self) -> Secret {
        let (id, secret) = (self.id.as_str(), self.secret.expose());
        // Of the right size at once: growing would leave copies behind that nobody wipes.
        let mut pair = Zeroizing::new(String::with_capacity(id.len() + 1 + secret.len()));
        pair.push_str(id);
        pair.push(':');
        pair.push_str(secret);
        Secret::new(STANDARD.encode(pair.as_bytes()))
    }

    /// A sentence for each thing that looks wrong but may be right. Never contains either value.
    pub fn warnings(&self) -> Vec<String> {
        self.doubts().into_iter().map(|doubt| doubt.sentence).collect()
    }

    /// What looks wrong, and how surely. Never contains either value.
    pub fn doubts(&self) -> Vec<Doubt> {
        let (id, secret) = (self.id.as_str(), self.secret.expose());
        if is_secret(id) && is_uuid(secret) {
            return vec![Doubt::mistake("client id and client secret look swapped")];
        }
        [id_doubt(id), secret_doubt(secret, id)].into_iter().flatten().collect()
    }
}

/// Something about a credential that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What, without either value.
    pub sentence: String,
    /// Whether it looks like a known mistake, and not only unusual.
    pub is_mistake: bool,
}

impl Doubt {
    fn mistake(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), is_mistake: true }
    }

    fn unusual(sentence: String) -> Self {
        Self { sentence, is_mistake: false }
    }
}

/// Takes off the one newline that an editor, `echo` or a credential store leaves.
fn without_newline<'a>(raw: &'a str, what: &'static str) -> (&'a str, Vec<Remark>) {
    match raw.strip_suffix("\r\n").or_else(|| raw.strip_suffix('\n')) {
        Some(value) => (value, vec![Remark::TrailingNewline(what)]),
        None => (raw, Vec::new()),
    }
}

fn check_characters(value: &str, what: &str) -> Result<()> {
    if value.is_empty() {
        return Err(Error::credentials(format!("the {what} is empty"))
            .hint("look at the credential where it is stored: an empty line was probably saved"));
    }
    if value.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    match value.chars().enumerate().find_map(|(at, c)| Some((at, c, forbidden(c)?))) {
        Some((at, c, kind)) => {
            Err(Error::credentials(format!("the {what} has {kind} at character {}", at + 1))
                .hint(forbidden_hint(value, at, c)))
        }
        None => Ok(()),
    }
}

/// What `c` is called, when it is white space, a control character or invisible.
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

fn forbidden_hint(value: &str, at: usize, c: char) -> &'static str {
    let begins = |word: &str| value.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    if begins("Authorization:") || begins("Basic ") || begins("Bearer ") {
        "it looks like a whole Authorization header: give id and secret by themselves, as Genesys shows them"
    } else if c == '\u{feff}' && at == 0 {
        "the file was saved as UTF-8 with BOM: save it as plain UTF-8"
    } else if matches!(c, '\n' | '\r') && at == BASE64_LINE {
        "it looks like the broken output of base64: give id and secret by themselves, as Genesys shows them"
    } else {
        "it probably came along when the value was copied: store the value again without it"
    }
}

fn id_doubt(id: &str) -> Option<Doubt> {
    if is_uuid(id) {
        None
    } else if is_quoted(id) {
        Some(quotes_doubt(ClientId::WHAT))
    } else if has_encoded_pair(id) {
        Some(Doubt::mistake("the client id looks like base64 of id and secret: give each by itself"))
    } else {
        let length = id.chars().count();
        let sentence =
            format!("unusual client id of {length} characters, Genesys' are UUIDs of 36 characters");
        Some(Doubt::unusual(sentence))
    }
}

fn secret_doubt(secret: &str, id: &str) -> Option<Doubt> {
    let mistake = if is_secret(secret) {
        return None;
    } else if secret == id {
        "the client secret is the same as the client id"
    } else if is_uuid(secret) {
        "the client secret looks like a client id: it is a UUID"
    } else if is_quoted(secret) {
        return Some(quotes_doubt("client secret"));
    } else if is_pair(secret.as_bytes()) {
        "the client secret looks like id and secret in one: give each by itself"
    } else if has_encoded_pair(secret) {
        "the client secret looks like base64 of id and secret: give the secret alone, as Genesys shows it"
    } else {
        // The exact length of a secret is nobody's business.
        let how = match secret.chars().count() {
            length if length < SECRET_LENGTH => "shorter",
            length if length > SECRET_LENGTH => "longer",
            _ => "made of other characters",
        };
        return Some(Doubt::unusual(format!(
            "unusual client secret, {how} than usual: Genesys' are {SECRET_LENGTH} characters of A-Z a-z 0-9 - _"
        )));
    };
    Some(Doubt::mistake(mistake))
}

fn quotes_doubt(what: &str) -> Doubt {
    Doubt::mistake(format!("the {what} is in quotes, which are sent as a part of it: Genesys' have none"))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Whether `text` has the shape of Genesys' secrets: 256 bits in base64url.
fn is_secret(text: &str) -> bool {
    text.len() == SECRET_LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn is_quoted(text: &str) -> bool {
    [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')]
        .iter()
        .any(|(open, close)| text.strip_prefix(*open).is_some_and(|rest| rest.ends_with(*close)))
}

/// Whether `bytes` are `id:secret`.
fn is_pair(bytes: &[u8]) -> bool {
    bytes
        .split_at_checked(36)
        .is_some_and(|(id, rest)| rest.starts_with(b":") && std::str::from_utf8(id).is_ok_and(is_uuid))
}

/// Whether `text` is base64 of `id:secret`.
fn has_encoded_pair(text: &str) -> bool {
    // 36 characters and a colon are 50 in base64: no UUID and no secret is ever decoded.
    text.len() >= 50
        && STANDARD_NO_PAD
            .decode(text.trim_end_matches('='))
            .is_ok_and(|bytes| is_pair(&Zeroizing::new(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Category;

    const ID: &str = "11111111-2222-3333-4444-555555555555";
    const SECRET: &str = "AbCdEf0123456789-bCdEf0123456789_bCdEf01234";

    fn id(raw: &str) -> ClientId {
        ClientId::clean(raw).unwrap().0
    }

    fn client(id_value: &str, secret: &str) -> Client {
        Client { id: id(id_value), secret: Secret::from(secret) }
    }

    fn refusal(raw: &str) -> Error {
        let of_id = ClientId::clean(raw).unwrap_err();
        let of_secret = clean_secret(raw.to_owned()).unwrap_err();
        assert_eq!(of_id.category, Category::Credentials);
        assert_eq!(of_id.category, of_secret.category);
        assert_eq!(of_id.message.replace("client id", "client secret"), of_secret.message);
        of_secret
    }

    #[test]
    fn a_clean_value_passes_without_a_remark() {
        assert_eq!(ClientId::clean(ID).unwrap(), (ClientId(ID.to_owned()), vec![]));
        assert_eq!(clean_secret(SECRET.to_owned()).unwrap(), (Secret::from(SECRET), vec![]));
        assert_eq!(clean_secret("p:ä!".to_owned()).unwrap().0.expose(), "p:ä!");
    }

    #[test]
    fn one_trailing_newline_is_taken_off_with_a_remark() {
        for end in ["\n", "\r\n"] {
            let (cleaned, remarks) = ClientId::clean(&format!("{ID}{end}")).unwrap();
            assert_eq!(cleaned.as_str(), ID);
            assert_eq!(remarks[0].to_string(), "trailing newline removed from the client id");
            let (cleaned, remarks) = clean_secret(format!("{SECRET}{end}")).unwrap();
            assert_eq!(cleaned.expose(), SECRET);
            assert_eq!(remarks[0].to_string(), "trailing newline removed from the client secret");
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
        let error = ClientId::clean(&format!("{ID}:{SECRET}")).unwrap_err();
        assert_eq!(error.message, "the client id has a colon at character 37");
        assert_eq!(error.hint, "it looks like id and secret in one: give each by itself");
        assert!(clean_secret("a:b".to_owned()).is_ok());
    }

    #[test]
    fn refused_pastes_are_recognised() {
        let basic = client(ID, SECRET).basic_credentials();
        let header = format!("basic {}", basic.expose());
        assert!(refusal(&header).hint.contains("whole Authorization header"));
        assert!(refusal("\u{feff}ab").hint.contains("with BOM"));
        let (line, rest) = basic.expose().split_at(BASE64_LINE);
        assert!(refusal(&format!("{line}\n{rest}")).hint.contains("output of base64"));
        assert!(refusal("a b").hint.contains("came along"));
    }

    #[test]
    fn the_id_is_abbreviated_wherever_it_is_printed() {
        let whole = id(ID);
        assert_eq!(format!("{whole} {whole:?}"), "1111…5555 1111…5555");
        assert_eq!(format!("{:?}", client(ID, SECRET)), "Client { id: 1111…5555, secret: **** }");
        assert_eq!(whole.as_str(), ID);
    }

    #[test]
    fn a_short_id_never_shows_more_than_half() {
        for (raw, shown) in
            [("abc", "…"), ("abcd", "a…d"), ("abcdefghijklmno", "abc…mno"), ("äöüßäöüß", "??…??")]
        {
            assert_eq!(id(raw).to_string(), shown);
        }
    }

    #[test]
    fn a_secret_given_as_the_id_shows_nothing() {
        assert_eq!(id(SECRET).to_string(), "…");
        assert_eq!(id(client(ID, SECRET).basic_credentials().expose()).to_string(), "…");
    }

    #[test]
    fn basic_credentials_are_one_line_of_standard_base64() {
        // 36 + 1 + 43 bytes: too long for the line of many a base64 command.
        let basic = client(ID, SECRET).basic_credentials();
        assert_eq!(basic.expose().len(), 108);
        assert_eq!(STANDARD.decode(basic.expose()).unwrap(), format!("{ID}:{SECRET}").into_bytes());
        assert_eq!(client("a", "?>~%").basic_credentials().expose(), "YTo/Pn4l");
    }

    #[test]
    fn the_usual_shape_raises_no_warning() {
        assert!(client(ID, SECRET).warnings().is_empty());
        assert!(client("ABCDEF01-2222-3333-4444-555555555555", SECRET).warnings().is_empty());
    }

    #[test]
    fn pastes_that_may_be_right_are_warnings() {
        let basic = client(ID, SECRET).basic_credentials();
        let unpadded = basic.expose().trim_end_matches('=').to_owned();
        for (id, secret, expected) in [
            (SECRET, ID, "client id and client secret look swapped"),
            (ID, ID, "the client secret is the same as the client id"),
            (ID, "21111111-2222-3333-4444-555555555555", "the client secret looks like a client id"),
            (ID, &format!("'{SECRET}'"), "the client secret is in quotes"),
            (&format!("“{ID}”"), SECRET, "the client id is in quotes"),
            (ID, &format!("{ID}:{SECRET}"), "the client secret looks like id and secret in one"),
            (ID, basic.expose(), "the client secret looks like base64 of id and secret"),
            (ID, &unpadded, "the client secret looks like base64 of id and secret"),
            (&unpadded, SECRET, "the client id looks like base64 of id and secret"),
            ("ci-client", SECRET, "unusual client id of 9 characters, Genesys' are UUIDs"),
            (ID, "tiny", "unusual client secret, shorter than usual: Genesys' are 43"),
            (ID, &SECRET.repeat(2), "unusual client secret, longer than usual"),
            (ID, &SECRET.replace('_', "+"), "unusual client secret, made of other characters than usual"),
        ] {
            let warnings = client(id, secret).warnings();
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            assert!(warnings[0].starts_with(expected), "{warnings:?}");
            for value in [id, secret] {
                assert!(!warnings[0].contains(value), "{warnings:?}");
            }
        }
    }

    #[test]
    fn a_lone_quote_is_no_pair_of_quotes() {
        assert!(!is_quoted("\""));
        assert!(is_quoted("\"\""));
    }
}
