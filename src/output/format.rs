//! The formats of answers, lists and errors.

use clap::ValueEnum;
use serde::Serialize;

use super::answer::Answer;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::AccessToken;

/// Format of what is said on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LineFormat {
    /// For people
    #[default]
    Text,
    /// Each in one line of JSON
    Json,
}

/// Format of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Table,
    /// For scripts
    Json,
}

/// Format of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TokenFormat {
    /// The bare token
    #[default]
    Token,
    /// An Authorization header
    Header,
    /// A JSON object
    Json,
    /// Export lines for a shell
    Env,
    /// Lines that set variables in PowerShell
    EnvPowershell,
    /// Lines that set variables in cmd.exe
    EnvCmd,
    /// A curl config
    Curl,
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
    /// The answer in `format`, with its newline.
    pub fn render(&self, format: TokenFormat, now: Timestamp) -> Secret {
        let token = self.token.expose();
        Secret::new(match format {
            TokenFormat::Token => [token, "\n"].concat(),
            TokenFormat::Header => header(&self.token),
            TokenFormat::Curl => curl_config(&self.token),
            TokenFormat::Json => {
                let json = Json {
                    access_token: token,
                    token_type: "Bearer",
                    expires_at: self.expires_at.map(Timestamp::rfc3339),
                    expires_in: self.expires_at.map(|at| at.since(now).as_secs()),
                    scope: self.scope.as_deref(),
                    source: self.source.word(),
                };
                serde_json::to_string(&json).expect("strings and numbers are JSON") + "\n"
            }
            TokenFormat::Env => self.lines(export),
            TokenFormat::EnvPowershell => self.lines(assign_in_powershell),
            TokenFormat::EnvCmd => self.lines(set_in_cmd),
        })
    }

    fn lines(&self, line: fn(&str, &str) -> String) -> String {
        self.variables().map(|(variable, value)| line(variable.name, &value)).collect()
    }
}

/// The header line (RFC 6750 section 2.1), as `curl -H @file` reads it.
pub fn header(token: &AccessToken) -> String {
    format!("Authorization: Bearer {}\n", token.expose())
}

/// A config file for `curl -K`. The two escaped characters are the only ones of a bearer token that could end the
/// string.
pub fn curl_config(token: &AccessToken) -> String {
    let escaped = token.expose().replace('\\', "\\\\").replace('"', "\\\"");
    format!("header = \"Authorization: Bearer {escaped}\"\n")
}

fn export(name: &str, value: &str) -> String {
    format!("export {name}='{}'\n", value.replace('\'', r"'\''"))
}

/// For `Invoke-Expression`. PowerShell also ends a string at a typographic quote.
fn assign_in_powershell(name: &str, value: &str) -> String {
    let is_quote = |c| ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'].contains(&c);
    let escaped: String = value.chars().flat_map(|c| [Some(c), is_quote(c).then_some(c)]).flatten().collect();
    format!("$env:{name} = '{escaped}'\n")
}

/// For `for /f "tokens=1*" %%v in (…) do @set %%w`, where cmd.exe takes nothing in the value for syntax. It takes all to the
/// last quote.
fn set_in_cmd(name: &str, value: &str) -> String {
    format!("set \"{name}={value}\"\r\n")
}

#[cfg(test)]
mod tests {
    use super::super::answer::Source;
    use super::*;
    use crate::broker;

    fn rendered(token: &str, format: TokenFormat) -> String {
        let answer = Answer {
            token: AccessToken::parse(token).unwrap(),
            requested_at: None,
            expires_at: Some(Timestamp::from_secs(1_795_514_400)),
            scope: None,
            source: Source::Broker(broker::Source::Reused),
            region: Some("eu-west-1".to_owned()),
            api_url: Some("https://api.mypurecloud.ie".to_owned()),
        };
        answer.render(format, Timestamp::from_secs(1_795_514_300)).expose().to_owned()
    }

    #[test]
    fn every_format_is_pinned() {
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
    fn every_format_for_windows_is_pinned() {
        assert_eq!(
            rendered("abc", TokenFormat::EnvPowershell),
            "$env:GENESYSCLOUD_ACCESS_TOKEN = 'abc'\n$env:GENESYSCLOUD_REGION = 'eu-west-1'\n\
             $env:GENESYSCLOUD_API_REGION = 'https://api.mypurecloud.ie'\n\
             $env:GENESYS_TOKEN_EXPIRES_AT = '2026-11-24T10:00:00Z'\n"
        );
        assert_eq!(
            rendered("abc", TokenFormat::EnvCmd),
            "set \"GENESYSCLOUD_ACCESS_TOKEN=abc\"\r\nset \"GENESYSCLOUD_REGION=eu-west-1\"\r\n\
             set \"GENESYSCLOUD_API_REGION=https://api.mypurecloud.ie\"\r\n\
             set \"GENESYS_TOKEN_EXPIRES_AT=2026-11-24T10:00:00Z\"\r\n"
        );
    }

    #[test]
    fn quotes_in_a_token_stay_inside_the_quotes() {
        assert_eq!(assign_in_powershell("A", "b'c\u{2019}"), "$env:A = 'b''c\u{2019}\u{2019}'\n");
        assert!(rendered("a'b", TokenFormat::Env).starts_with(r"export GENESYSCLOUD_ACCESS_TOKEN='a'\''b'"));
        assert!(rendered(r#"a"\b"#, TokenFormat::Curl).contains(r#"Bearer a\"\\b""#));
    }
}
