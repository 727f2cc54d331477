//! The token at the API host: whose it is, and whether it opens the door.

use std::time::Duration;

use serde_json::Value;

use super::Check;
use crate::error::Category;
use crate::login::{ApiAnswer, Connection, Endpoint};
use crate::secret::Secret;
use crate::time::{Clock, humane};

const NAME: &str = "api";
/// Far more than any name has.
const LONGEST_NAME: usize = 80;

/// `GET /api/v2/tokens/me?preserveIdleTTL=true` and `GET /api/v2/tokens/timeout`, which need no permission.
pub(super) fn check(
    endpoint: &Endpoint,
    token: &Secret,
    clock: &dyn Clock,
    limit: Duration,
) -> (Vec<Check>, Option<()>) {
    let connection = Connection::new(&endpoint.route, clock);
    let url = format!("{}/api/v2/tokens/me?preserveIdleTTL=true", endpoint.api_url);
    let failed = |detail: String, cause: &str, fix: &str| {
        (vec![Check::failed(NAME, Category::Unavailable, detail).because(cause).fix(fix)], None)
    };
    let answer = match connection.ask_api(&url, token, limit) {
        Ok(answer) => answer,
        Err(why) => {
            return failed(
                format!("{}: {why}", endpoint.api_url),
                "the login host can be reached and the API host can't: a firewall or proxy rule for one of them",
                "allow the API host too, or correct GENESYS_TOKEN_API_URL",
            );
        }
    };
    let mut checks = match answer.status {
        200 => vec![Check::ok(NAME, whose(&answer))],
        401 if code(&answer) == "ip.not.authorized" => {
            return failed(
                "the API host refuses this machine's address (ip.not.authorized)".to_owned(),
                "the organisation allows API calls from certain addresses only",
                "have the address that this machine leaves your network with added in Genesys Cloud",
            );
        }
        401 => {
            return failed(
                format!("the API host does not take the token ({})", code(&answer)),
                "login and API host are of two regions, or the client was disabled in this very moment",
                "name one region, and leave GENESYS_TOKEN_LOGIN_URL and GENESYS_TOKEN_API_URL out",
            );
        }
        403 => vec![
            Check::warning(
                NAME,
                format!("the token lives, and may not ask about itself ({})", code(&answer)),
            )
            .because("the client has hardly any role")
            .fix("give the OAuth client the roles that its calls need"),
        ],
        status => {
            return failed(
                format!("{} answered HTTP {status}", endpoint.api_url),
                "the API host has trouble, or another server stands in its place",
                "try again later; check GENESYS_TOKEN_API_URL",
            );
        }
    };
    let url = format!("{}/api/v2/tokens/timeout", endpoint.api_url);
    if let Ok(ApiAnswer { status: 200, json: Some(json) }) = connection.ask_api(&url, token, limit)
        && json["enableIdleTokenTimeout"] == true
        && let Some(seconds) = json["idleTokenTimeoutSeconds"].as_u64()
    {
        let idle = humane(Duration::from_secs(seconds));
        let detail = format!("the organisation ends a token that is idle for {idle}");
        checks.push(Check::ok("idle timeout", format!("{detail}; the step asks before it hands one out")));
    }
    (checks, Some(()))
}

/// The doctor's own token has done its work. That it can't be ended is no finding: it ends by itself.
pub(super) fn forget(endpoint: &Endpoint, token: &Secret, clock: &dyn Clock, limit: Duration) {
    let _ = Connection::new(&endpoint.route, clock).revoke(&endpoint.api_url, token, limit);
}

fn whose(answer: &ApiAnswer) -> String {
    let json = answer.json.as_ref().unwrap_or(&Value::Null);
    let organisation = text(&json["organization"]["name"]);
    let client = text(&json["OAuthClient"]["name"]);
    let scopes: Vec<String> = json["authorizedScope"].as_array().into_iter().flatten().map(text).collect();
    let scopes = if scopes.is_empty() { String::new() } else { format!(", scopes {}", scopes.join(" ")) };
    format!("organisation {organisation}, OAuth client {client}{scopes}")
}

fn code(answer: &ApiAnswer) -> String {
    text(&answer.json.as_ref().unwrap_or(&Value::Null)["code"])
}

/// A server's text fit for a terminal.
fn text(value: &Value) -> String {
    let text = value.as_str().unwrap_or("unknown");
    text.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}
