//! A call that must have failed, and what must never be seen of any call.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use genesys_token::error::Error;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};
use serde_json::Value;

use super::Done;
use super::marks::Marks;

/// `id:secret` in base64: what stands behind `Basic`.
pub fn basic() -> String {
    BASE64_STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"))
}

impl Done {
    /// Fails if the secret, the Basic header or one of `values` is in a call's output, in any spelling. Only the
    /// answer of a call that went well may hold a token.
    #[track_caller]
    pub fn keeps_to_itself<S: AsRef<str>>(&self, values: impl IntoIterator<Item = S>) {
        let values: Vec<S> = values.into_iter().collect();
        // What is shorter than this gives nothing away, and may be a word.
        let given = values.iter().map(AsRef::as_ref).filter(|value| value.len() >= 8);
        let basic = basic();
        let ours = [CLIENT_SECRET, &basic].map(|value| (false, value));
        let marks = Marks::new(given.map(|value| (self.code == 0, value)).chain(ours));
        let in_stdout = marks.in_text(self.stdout.as_bytes());
        assert!(!in_stdout.contains(&false), "a secret is in stdout: {self:?}");
        assert!(
            marks.in_text(self.stderr.as_bytes()).is_empty(),
            "a secret or a token is in stderr: {self:?}"
        );
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
