//! What looks wrong with a credential and may still be right.

use super::credential::{Client, ClientId, ClientSecret};
use super::shape::{
    SECRET_LEN, has_encoded_pair, has_encoded_secret, is_pair, is_placeholder, is_quoted, is_secret, is_uuid,
};

/// What helps when a value was altered on its way.
const AS_SHOWN: &str = "store it again, as Genesys Cloud's Admin shows it: Integrations, OAuth";

/// Something about a credential that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// A sentence that contains neither value, unless that is a placeholder.
    pub message: String,
    /// What to do about it.
    pub fix: &'static str,
    /// How sure the finding is.
    pub severity: Severity,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// It looks like a known mistake.
    Mistake,
    /// It is unusual.
    Unusual,
}

impl Finding {
    fn mistake(message: impl Into<String>, fix: &'static str) -> Self {
        Self { message: message.into(), fix, severity: Severity::Mistake }
    }

    fn unusual(message: String) -> Self {
        Self { message, fix: AS_SHOWN, severity: Severity::Unusual }
    }
}

impl Client {
    /// What looks wrong. Never contains either value, unless that is a placeholder.
    pub(crate) fn lint(&self) -> Vec<Finding> {
        let (id, secret) = (self.id.as_str(), self.secret.expose());
        if is_secret(id) && is_uuid(secret) {
            return vec![Finding::mistake("client id and client secret look swapped", "swap them")];
        }
        [lint_id(id), lint_secret(secret, id)].into_iter().flatten().collect()
    }
}

fn lint_id(id: &str) -> Option<Finding> {
    if is_uuid(id) {
        None
    } else if is_placeholder(id) {
        Some(placeholder(ClientId::WHAT, id))
    } else if is_quoted(id) {
        Some(quoted(ClientId::WHAT))
    } else if has_encoded_pair(id) {
        Some(Finding::mistake("the client id looks like base64 of id and secret", "give each by itself"))
    } else {
        let length = id.chars().count();
        Some(Finding::unusual(format!(
            "unusual client id of {length} characters: Genesys' are UUIDs of 36 characters"
        )))
    }
}

fn lint_secret(secret: &str, id: &str) -> Option<Finding> {
    let (mistake, fix) = if is_secret(secret) {
        return None;
    } else if is_placeholder(secret) {
        return Some(placeholder(ClientSecret::WHAT, secret));
    } else if secret == id {
        ("the client secret is the same as the client id", "give the secret in its place")
    } else if is_uuid(secret) {
        ("the client secret looks like a client id: it is a UUID", "give the secret in its place")
    } else if is_quoted(secret) {
        return Some(quoted(ClientSecret::WHAT));
    } else if is_pair(secret.as_bytes()) {
        ("the client secret looks like id and secret in one", "give each by itself")
    } else if has_encoded_pair(secret) {
        ("the client secret looks like base64 of id and secret", "give the secret alone, as Genesys shows it")
    } else if has_encoded_secret(secret) {
        (
            "the client secret looks like base64 of the secret",
            "give the secret as Genesys shows it, not in base64",
        )
    } else {
        // The warning stands in logs, so it does not tell the length of the secret.
        let how = match secret.chars().count() {
            length if length < SECRET_LEN => "shorter",
            length if length > SECRET_LEN => "longer",
            _ => "made of other characters",
        };
        return Some(Finding::unusual(format!(
            "unusual client secret, {how} than usual: Genesys' are {SECRET_LEN} characters of A-Z a-z 0-9 - _"
        )));
    };
    Some(Finding::mistake(mistake, fix))
}

fn placeholder(what: &str, value: &str) -> Finding {
    let message = format!("the {what} is the placeholder {value}, not a value");
    Finding::mistake(message, "give the value itself: nothing has replaced the placeholder")
}

fn quoted(what: &str) -> Finding {
    let message = format!("the {what} is in quotes, which are sent along: Genesys' values have none");
    Finding::mistake(message, "take the quotes off")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};

    use super::*;

    const ID: &str = "11111111-2222-3333-4444-555555555555";
    const SECRET: &str = "AbCdEf0123456789-bCdEf0123456789_bCdEf01234";

    fn client(id_value: &str, secret: &str) -> Client {
        Client { id: ClientId::parse(id_value).unwrap().0, secret: ClientSecret::parse(secret).unwrap().0 }
    }

    #[test]
    fn a_credential_of_the_usual_shape_has_no_finding() {
        assert!(client(ID, SECRET).lint().is_empty());
        assert!(client("ABCDEF01-2222-3333-4444-555555555555", SECRET).lint().is_empty());
    }

    #[test]
    fn a_placeholder_is_named_and_what_only_looks_like_one_is_not_shown() {
        for placeholder in [
            "${GENESYS_SECRET}",
            "$(SECRET)",
            "{{secret}}",
            "$GENESYS_SECRET",
            "%SECRET%",
            "null",
            "****",
            "ChangeMe",
            "<client-secret>",
            "your_client_secret",
        ] {
            let message = format!("the client secret is the placeholder {placeholder}, not a value");
            assert_eq!(client(ID, placeholder).lint()[0].message, message);
            let message = format!("the client id is the placeholder {placeholder}, not a value");
            assert_eq!(client(placeholder, SECRET).lint()[0].message, message);
        }
        assert!(client(ID, &"x".repeat(SECRET_LEN)).lint().is_empty());
        let braces = format!("${{{SECRET}}}");
        for secret in [&braces, "<secret-of-some-kind>", "nullable", "$", "${}", "$hunter2", "%hunter2%"] {
            assert!(!client(ID, secret).lint()[0].message.contains(secret));
        }
    }

    #[test]
    fn a_paste_that_may_be_right_is_a_finding() {
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
            (ID, &BASE64_STANDARD.encode(SECRET), "the client secret looks like base64 of the secret"),
            (ID, &BASE64_STANDARD_NO_PAD.encode(SECRET), "the client secret looks like base64 of the secret"),
            (&unpadded, SECRET, "the client id looks like base64 of id and secret"),
            ("ci-client", SECRET, "unusual client id of 9 characters: Genesys' are UUIDs"),
            (ID, "tiny", "unusual client secret, shorter than usual: Genesys' are 43"),
            (ID, &SECRET.repeat(2), "unusual client secret, longer than usual"),
            (ID, &SECRET.replace('_', "+"), "unusual client secret, made of other characters than usual"),
        ] {
            let findings = client(id, secret).lint();
            assert_eq!(findings.len(), 1, "{findings:?}");
            assert!(findings[0].message.starts_with(expected), "{findings:?}");
            for value in [id, secret] {
                assert!(!findings[0].message.contains(value), "{findings:?}");
            }
        }
    }
}
