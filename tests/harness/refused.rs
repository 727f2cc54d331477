//! A call that must have failed, and what must never be seen of any call.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use genesys_token::error::Error;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};
use serde_json::Value;

use super::Done;

/// `id:secret` in base64: what stands behind `Basic`.
pub fn basic() -> String {
    BASE64_STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"))
}

/// Every byte as two digits.
pub fn hex(text: &str) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).expect("four bits are one digit");
    text.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// `value` in every spelling that gives it away.
pub fn spellings(value: &str) -> Vec<String> {
    let hex = hex(value);
    let encoded = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    // Base64 at all three alignments, without the characters that depend on what stands around the value.
    let aligned = (0..3).map(|before| {
        let text = BASE64_STANDARD_NO_PAD.encode([&" ".repeat(before), value].concat());
        let (first, last) = ([0, 2, 3][before], usize::from(!(before + value.len()).is_multiple_of(3)));
        text[first..text.len() - last].to_owned()
    });
    let url_safe = BASE64_URL_SAFE_NO_PAD.encode(value);
    [value.to_owned(), hex.to_uppercase(), hex, encoded, url_safe].into_iter().chain(aligned).collect()
}

impl Done {
    /// Fails if the secret, the Basic header or one of `values` is in a call's output, in any spelling. Only the
    /// answer of a call that went well may hold a token.
    #[track_caller]
    pub fn keeps_to_itself<S: AsRef<str>>(&self, values: impl IntoIterator<Item = S>) {
        let values = values.into_iter().map(|value| (value.as_ref().to_owned(), self.code == 0));
        let ours = [CLIENT_SECRET.to_owned(), basic()].map(|value| (value, false));
        // What is shorter than this gives nothing away, and may be a word.
        for (value, in_answer) in values.chain(ours).filter(|(value, _)| value.len() >= 8) {
            for spelling in spellings(&value) {
                assert!(in_answer || !self.stdout.contains(&spelling), "{spelling} is in stdout: {self:?}");
                assert!(!self.stderr.contains(&spelling), "{spelling} is in stderr: {self:?}");
            }
        }
    }

    /// The error of a call with `--error-format json`: one line on stderr, nothing on stdout, of the category that
    /// the exit code says, with a hint.
    #[track_caller]
    pub fn refused(&self) -> Error {
        assert_eq!(self.stdout, "", "{self:?}");
        let line = self.stderr.strip_suffix('\n').filter(|line| !line.contains('\n'));
        let json: Value = line
            .and_then(|line| serde_json::from_str(line).ok())
            .unwrap_or_else(|| panic!("stderr is one line of JSON: {self:?}"));
        let fields = json.as_object().expect("an object").keys().map(String::as_str);
        assert_eq!(fields.collect::<Vec<_>>(), ["category", "hint", "message", "retry_after"]);
        let error: Error = serde_json::from_value(json).expect("an error");
        assert_eq!(self.code, i32::from(error.category.exit_code()), "{self:?}");
        assert!(!error.hint.is_empty(), "no hint: {self:?}");
        error
    }
}
