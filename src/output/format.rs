//! A token in the forms people need it in.

use serde::Serialize;

use crate::cli::TokenFormat;
use crate::secret::Secret;
use crate::settings::variable;
use crate::time::Timestamp;

/// The source of a token that stands in a file bound around this call.
pub const BOUND: &str = "bound";

/// A token with everything the formats can show.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The token.
    pub token: Secret,
    /// When it ends, if that is known.
    pub expires_at: Option<Timestamp>,
    /// The scopes it has, when the server said or the caller asked.
    pub scope: Option<String>,
    /// Where it came from: `reused`, `waited`, `fetched`, or [`BOUND`].
    pub source: &'static str,
    /// AWS name of the region.
    pub region: Option<String>,
    /// Base URL of the API.
    pub api_url: Option<String>,
}

#[derive(Serialize)]
struct Json<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_at: Option<String>,
    expires_in: Option<u64>,
    scope: Option<&'a str>,
    source: &'static str,
}

impl Answer {
    /// Whether it is the token of the block around this call.
    pub fn is_bound(&self) -> bool {
        self.source == BOUND
    }

    /// The answer in `format`, with its newline.
    pub fn render(&self, format: TokenFormat, now: Timestamp) -> Secret {
        let token = self.token.expose();
        Secret::new(match format {
            TokenFormat::Token => format!("{token}\n"),
            TokenFormat::Header => header(&self.token),
            TokenFormat::Curl => curl_config(&self.token),
            TokenFormat::Json => {
                let json = Json {
                    access_token: token,
                    token_type: "Bearer",
                    expires_at: self.expires_at.map(Timestamp::rfc3339),
                    expires_in: self.expires_at.map(|at| at.since(now).as_secs()),
                    scope: self.scope.as_deref(),
                    source: self.source,
                };
                serde_json::to_string(&json).unwrap_or_else(|_| unreachable!("strings and numbers are JSON"))
                    + "\n"
            }
            TokenFormat::Env => self.variables().map(|(name, value)| export(name, &value)).collect(),
        })
    }

    /// The environment that a command or a shell gets.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        [
            (variable::ACCESS_TOKEN, Some(self.token.expose().to_owned())),
            (variable::REGION, self.region.clone()),
            (variable::API_REGION, self.api_url.clone()),
            (variable::EXPIRES_AT, self.expires_at.map(Timestamp::rfc3339)),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
    }
}

/// The header line (RFC 6750 section 2.1), as `curl -H @file` reads it.
pub fn header(token: &Secret) -> String {
    format!("Authorization: Bearer {}\n", token.expose())
}

/// A config file for `curl -K`. A bearer token has no character that could end the string but these two.
pub fn curl_config(token: &Secret) -> String {
    let escaped = token.expose().replace('\\', "\\\\").replace('"', "\\\"");
    format!("header = \"Authorization: Bearer {escaped}\"\n")
}

fn export(name: &str, value: &str) -> String {
    format!("export {name}='{}'\n", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(token: &str, format: TokenFormat) -> String {
        let answer = Answer {
            token: Secret::from(token),
            expires_at: Some(Timestamp::from_secs(1_795_514_400)),
            scope: None,
            source: "reused",
            region: Some("eu-west-1".to_owned()),
            api_url: Some("https://api.mypurecloud.ie".to_owned()),
        };
        answer.render(format, Timestamp::from_secs(1_795_514_300)).expose().to_owned()
    }

    #[test]
    fn the_forms_are_pinned() {
        assert_eq!(rendered("abc", TokenFormat::Token), "abc\n");
        assert_eq!(rendered("abc", TokenFormat::Header), "Authorization: Bearer abc\n");
        assert_eq!(rendered("abc", TokenFormat::Curl), "header = \"Authorization: Bearer abc\"\n");
        assert_eq!(
            rendered("abc", TokenFormat::Json),
            "{\"access_token\":\"abc\",\"token_type\":\"Bearer\",\"expires_at\":\"2026-11-24T10:00:00Z\",\
             \"expires_in\":100,\"scope\":null,\"source\":\"reused\"}\n"
        );
        assert_eq!(
            rendered("abc", TokenFormat::Env),
            "export GENESYSCLOUD_ACCESS_TOKEN='abc'\nexport GENESYSCLOUD_REGION='eu-west-1'\n\
             export GENESYSCLOUD_API_REGION='https://api.mypurecloud.ie'\n\
             export GENESYS_TOKEN_EXPIRES_AT='2026-11-24T10:00:00Z'\n"
        );
    }

    #[test]
    fn quotes_in_a_token_stay_inside_the_quotes() {
        assert!(rendered("a'b", TokenFormat::Env).starts_with(r"export GENESYSCLOUD_ACCESS_TOKEN='a'\''b'"));
        assert!(rendered(r#"a"\b"#, TokenFormat::Curl).contains(r#"Bearer a\"\\b""#));
    }
}
