//! The requested scopes (RFC 6749 section 3.3), in one canonical order.
//!
//! For client credentials Genesys lets the client's roles decide, and none of Genesys' tools sends `scope`. So
//! most mistakes here are role permissions or another vendor's scopes; they are warnings, since the server
//! has the last word.

use std::fmt;

use crate::error::{Error, Result};

/// Genesys' scopes are shorter; anything longer may be a secret in the wrong place.
const MAX_USUAL_LEN: usize = 40;

/// Sorted scopes without duplicates: their order and number as given do not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Parses `values`, each of which may hold several scopes, separated by spaces.
    ///
    /// # Errors
    /// A usage error for a character that no scope can have (RFC 6749 section 3.3).
    pub fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut scopes = Vec::new();
        for value in values {
            check_characters(value)?;
            scopes.extend(value.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned));
        }
        scopes.sort_unstable();
        scopes.dedup();
        Ok(Self(scopes))
    }

    /// Whether no scope is requested, the normal case.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes in their canonical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// A sentence for each scope that does not look like one of Genesys'.
    pub fn lint(&self) -> Vec<String> {
        self.iter().filter_map(lint).collect()
    }

    /// The scopes that a server's answer, separated by spaces, does not cover.
    pub fn missing_from(&self, answer: &str) -> Vec<String> {
        let has = |scope: &str| answer.split_ascii_whitespace().any(|one| one == scope);
        // Reading and writing includes reading.
        let covered = |scope: &str| has(scope) || scope.strip_suffix(":readonly").is_some_and(has);
        self.iter().filter(|scope| !covered(scope)).map(str::to_owned).collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

/// RFC 6749 section 3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`, and spaces between them.
fn check_characters(value: &str) -> Result<()> {
    let allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    let Some((at, c)) = value.chars().enumerate().find(|(_, c)| !allowed(*c)) else {
        return Ok(());
    };
    let kind = match c {
        '"' => "a double quote",
        '\\' => "a backslash",
        '\t' => "a tab",
        '\n' | '\r' => "a line break",
        c if c.is_whitespace() => "a special space",
        c if c.is_control() => "a control character",
        _ => "not an ASCII character",
    };
    Err(Error::usage(format!("character {} of the scope is {kind}, which no scope can have", at + 1))
        .fix("separate scopes by single spaces, or repeat --scope"))
}

/// Why `scope` can hardly be right: Genesys' scopes are `<domain>` or `<domain>:readonly`, in lower-case kebab.
fn lint(scope: &str) -> Option<String> {
    if is_usual(scope) {
        return None;
    }
    if scope.len() > MAX_USUAL_LEN && !scope.contains([',', ';', ':']) {
        return Some(format!(
            "a scope has {} characters, and Genesys' scopes are shorter; it is not shown since it may be a secret",
            scope.len()
        ));
    }
    let parts = scope.split(':').count();
    let reason = if scope.contains([',', ';']) {
        "looks like a list: scopes are separated by spaces"
    } else if is_usual(&scope.to_ascii_lowercase()) {
        "has upper case letters, Genesys' scopes are lower case"
    } else if parts > 2 {
        "looks like a role permission: permissions belong to the roles of the OAuth client and are not scopes"
    } else if parts == 2 {
        "has a suffix that Genesys does not know: the only one is :readonly"
    } else {
        "does not look like a Genesys scope, such as routing or routing:readonly"
    };
    // `parse` has made sure that every character is ASCII, and so one byte.
    let cut = if scope.len() > 2 * MAX_USUAL_LEN { "…" } else { "" };
    Some(format!("the scope {}{cut} {reason}", &scope[..scope.len().min(2 * MAX_USUAL_LEN)]))
}

/// `^[a-z][a-z0-9-]*(:readonly)?$`
fn is_usual(scope: &str) -> bool {
    let domain = scope.strip_suffix(":readonly").unwrap_or(scope);
    domain.starts_with(|c: char| c.is_ascii_lowercase())
        && domain.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Category;

    fn scopes(values: &[&str]) -> Scopes {
        Scopes::parse(values.iter().copied()).unwrap()
    }

    fn warning(scope: &str) -> String {
        let warnings = scopes(&[scope]).lint();
        assert!(warnings.len() < 2, "{warnings:?}");
        warnings.into_iter().next().unwrap_or_default()
    }

    #[test]
    fn order_duplicates_and_grouping_do_not_matter() {
        let expected = scopes(&["routing", "users:readonly"]);
        assert_eq!(scopes(&["users:readonly  routing "]), expected);
        assert_eq!(scopes(&["users:readonly", "", "routing users:readonly"]), expected);
        assert_eq!(expected.to_string(), "routing users:readonly");
        assert_eq!(expected.iter().collect::<Vec<_>>(), ["routing", "users:readonly"]);
        assert!(!expected.is_empty());
    }

    #[test]
    fn no_scope_is_the_normal_case() {
        for none in [Scopes::default(), scopes(&[]), scopes(&["", "  "])] {
            assert!(none.is_empty());
            assert_eq!(none.to_string(), "");
            assert!(none.lint().is_empty());
        }
    }

    #[test]
    fn a_character_that_no_scope_can_have_is_refused_with_its_position() {
        for (value, what) in [
            ("a\tb", "character 2 of the scope is a tab"),
            ("routing\n", "character 8 of the scope is a line break"),
            ("\"routing\"", "character 1 of the scope is a double quote"),
            ("a\\b", "character 2 of the scope is a backslash"),
            ("a\u{1b}", "character 2 of the scope is a control character"),
            ("\u{a0}", "character 1 of the scope is a special space"),
            ("aéb", "character 2 of the scope is not an ASCII character"),
        ] {
            let error = Scopes::parse([value]).unwrap_err();
            assert_eq!(error.category, Category::Usage);
            assert_eq!(error.message, format!("{what}, which no scope can have"));
        }
        assert_eq!(scopes(&["!#[]~"]).to_string(), "!#[]~");
    }

    #[test]
    fn a_scope_of_the_usual_form_raises_no_warning() {
        for scope in ["routing", "routing:readonly", "speech-and-text-analytics", "oauth2"] {
            assert_eq!(warning(scope), "", "{scope}");
        }
    }

    #[test]
    fn each_usual_mistake_has_its_own_warning() {
        assert!(warning("routing:queue:edit").contains("looks like a role permission"));
        assert!(warning("login:read").contains("the only one is :readonly"));
        assert!(warning("routing:write").contains("the only one is :readonly"));
        assert!(warning("Routing:ReadOnly").contains("has upper case letters"));
        assert!(warning("routing,users").contains("separated by spaces"));
        assert!(warning("9lives").starts_with("the scope 9lives does not look like a Genesys scope"));
        assert_eq!(scopes(&["routing users:x a,b"]).lint().len(), 2);
    }

    #[test]
    fn a_scope_that_may_be_a_secret_is_not_repeated() {
        let secret = "AbCdEf0123456789AbCdEf0123456789AbCdEf01234";
        assert!(!warning(secret).contains("AbCd"), "{}", warning(secret));
        assert!(warning(&"a,".repeat(500)).len() < 200);
    }

    #[test]
    fn a_narrower_grant_is_reported_and_a_wider_one_is_not() {
        let requested = scopes(&["routing users:readonly"]);
        assert!(requested.missing_from("users routing more").is_empty());
        assert_eq!(requested.missing_from("routing:readonly"), ["routing", "users:readonly"]);
        assert_eq!(requested.missing_from(""), ["routing", "users:readonly"]);
    }
}
