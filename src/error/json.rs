//! An error as one JSON object, on stderr, in an answer to the step, and in a failure record.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::category::{Category, NextCommand};
use super::user_error::Error;

impl Error {
    /// One line of JSON: `{"category","message","hint","causes","fixes","retry_after"}`, and `"server"` with the server's
    /// own words, which also end the message. The last of the fixes may be the command to run next.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers are JSON")
    }
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ErrorJson::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Error {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ErrorJson::deserialize(deserializer).map(ErrorJson::into_error)
    }
}

/// An error as JSON has it, on stderr and in a failure record.
#[derive(Serialize, Deserialize)]
struct ErrorJson {
    category: Category,
    message: String,
    hint: String,
    #[serde(default)]
    causes: Vec<String>,
    #[serde(default)]
    fixes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    retry_after: Option<u64>,
}

impl ErrorJson {
    fn of(error: &Error) -> Self {
        let hint = error.hint();
        let message = error.whole_message();
        let Error { category, server_text, causes, mut fixes, retry_after, next, .. } = error.clone();
        fixes.extend(next.map(|command| command.to_string()));
        Self { category, message, hint, causes, fixes, server: server_text, retry_after }
    }

    fn into_error(self) -> Error {
        let Self { category, mut message, hint, mut causes, mut fixes, server, retry_after } = self;
        if let Some(text) = &server {
            let end = message.strip_suffix(text).and_then(|rest| rest.strip_suffix(": ")).map(str::len);
            message.truncate(end.unwrap_or(message.len()));
        }
        let next = fixes.pop_if(|fix| NextCommand::parse(fix).is_some());
        let next = next.and_then(|fix| NextCommand::parse(&fix));
        // A record of 0.1.0 has the hint alone.
        if causes.is_empty() && fixes.is_empty() && next.is_none() && !hint.is_empty() {
            causes.push(hint);
        }
        Error { category, message, server_text: server, causes, fixes, retry_after, next }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn error() -> Error {
        let error = Error::new(Category::Rejected, "it refused client 1: no").server_text("not found");
        error.cause("one").cause("two").fix("do it").retry_after(Duration::from_millis(1_200))
    }

    #[test]
    fn the_json_form_is_pinned() {
        assert_eq!(
            error().next(NextCommand::Doctor).to_json(),
            r#"{"category":"rejected","message":"it refused client 1: no: not found","hint":"one; two; do it; next: genesys-token doctor","causes":["one","two"],"fixes":["do it","genesys-token doctor"],"server":"not found","retry_after":2}"#
        );
        assert_eq!(
            Error::internal("it failed").to_json(),
            r#"{"category":"internal","message":"it failed","hint":"","causes":[],"fixes":[],"retry_after":null}"#
        );
    }

    #[test]
    fn a_recorded_error_comes_back_as_it_was_and_one_of_0_1_0_with_its_hint() {
        for error in [error(), error().next(NextCommand::FindRegion), Error::internal("it failed")] {
            assert_eq!(serde_json::from_str::<Error>(&error.to_json()).unwrap(), error);
        }
        let old = r#"{"category":"internal","message":"it failed","hint":"wait","retry_after":null}"#;
        assert_eq!(serde_json::from_str::<Error>(old).unwrap(), Error::internal("it failed").cause("wait"));
    }
}
