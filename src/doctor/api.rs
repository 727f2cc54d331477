//! The token at the API host: whose it is, and whether it is accepted.

use std::time::Duration;

use serde_json::Value;

use super::check::Check;
use super::context::{ClientContext, Deadline};
use crate::duration::format_duration;
use crate::error::Category;
use crate::login::{ADDRESS_REFUSED, ApiResponse, Connection, Method, TOKENS_ME};
use crate::sanitize::sanitize;
use crate::token::AccessToken;

const NAME: &str = "api";
/// So that the question does not keep an idle token alive.
const WITHOUT_TOUCHING: &str = "?preserveIdleTTL=true";
/// The organisation's idle timeout, which needs no permission.
const TOKENS_TIMEOUT: &str = "/api/v2/tokens/timeout";
/// Ending the doctor's own token is a courtesy.
const END_LIMIT: Duration = Duration::from_secs(2);

/// `GET /api/v2/tokens/me?preserveIdleTTL=true` and `GET /api/v2/tokens/timeout`.
pub(super) fn check(
    context: &ClientContext,
    token: &AccessToken,
    deadline: &Deadline,
) -> (Vec<Check>, Option<()>) {
    let endpoint = &context.endpoint;
    let connection = Connection::new(&endpoint.transport, deadline.clock);
    let ask =
        |path: &str| connection.call_api(Method::GET, &endpoint.api_url, path, token, deadline.remaining());
    let failed = |detail: String, cause: &str, fix: &str| {
        (vec![Check::failed(NAME, Category::Unavailable, detail).because(cause).fix(fix)], None)
    };
    let answer = match ask(&[TOKENS_ME, WITHOUT_TOUCHING].concat()) {
        Ok(answer) => answer,
        Err(error) => {
            let fix = "allow the API host as well as the login host, or correct GENESYS_TOKEN_API_URL";
            return (vec![Check::of_error(NAME, error).fix(fix)], None);
        }
    };
    let shown = Shown { answer: &answer, token };
    let code = shown.text("code");
    let mut checks = match answer.status {
        200 if shown.json()["organization"].is_object() => vec![Check::ok(NAME, shown.owner_of_token())],
        200 => {
            return failed(
                format!("{} answered HTTP 200, but not about the token", endpoint.api_url.as_str()),
                "another server stands in the API host's place, such as a web page or a captive portal",
                "correct GENESYS_TOKEN_API_URL, or leave it out",
            );
        }
        401 if answer.code() == Some(ADDRESS_REFUSED) => {
            return failed(
                format!("the API host refuses this machine's address ({ADDRESS_REFUSED})"),
                "the organisation allows API calls from certain addresses only",
                "have the address that this machine leaves your network with added in Genesys Cloud",
            );
        }
        401 => {
            return failed(
                format!("the API host does not accept the token ({code})"),
                "login and API host are of different regions, or the client was disabled at this very moment",
                "name one region, and leave GENESYS_TOKEN_LOGIN_URL and GENESYS_TOKEN_API_URL out",
            );
        }
        403 => vec![
            Check::warning(NAME, format!("the token is alive, and may not ask about itself ({code})"))
                .because("the client has hardly any role")
                .fix("give the OAuth client the roles that its calls need"),
        ],
        status => {
            return failed(
                format!("{} answered HTTP {status}", endpoint.api_url.as_str()),
                "the API host has trouble, or another server stands in its place",
                "try again later; check GENESYS_TOKEN_API_URL",
            );
        }
    };
    if let Ok(ApiResponse { status: 200, json: Some(json) }) = ask(TOKENS_TIMEOUT)
        && json["enableIdleTokenTimeout"] == true
        && let Some(seconds) = json["idleTokenTimeoutSeconds"].as_u64()
    {
        let idle = format_duration(Duration::from_secs(seconds));
        let detail = format!("the organisation ends a token that is idle for {idle}");
        checks.push(Check::ok(
            "idle timeout",
            format!("{detail}; the step checks an older token before it provides it"),
        ));
    }
    (checks, Some(()))
}

/// Ends the doctor's own token. That it can't be ended is no finding: it expires by itself.
pub(super) fn end_token(context: &ClientContext, token: &AccessToken, deadline: &Deadline) {
    let limit = deadline.remaining().min(END_LIMIT);
    let connection = Connection::new(&context.endpoint.transport, deadline.clock);
    let _ = connection.revoke(&context.endpoint.api_url, token, limit);
}

/// What the API host answered, fit to be shown whatever it is.
struct Shown<'a> {
    answer: &'a ApiResponse,
    token: &'a AccessToken,
}

impl Shown<'_> {
    fn json(&self) -> &Value {
        self.answer.json.as_ref().unwrap_or(&Value::Null)
    }

    fn sanitized(&self, text: &str) -> String {
        sanitize(text, &[self.token.expose()])
    }

    fn text(&self, field: &str) -> String {
        self.sanitized(self.json()[field].as_str().unwrap_or("no reason given"))
    }

    fn owner_of_token(&self) -> String {
        let json = self.json();
        let name = |of: &str| json[of]["name"].as_str().unwrap_or("without a name");
        let scopes: Vec<&str> =
            json["authorizedScope"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let (organisation, client) = (name("organization"), name("OAuthClient"));
        let mut text = format!("organisation {organisation}, OAuth client {client}");
        if !scopes.is_empty() {
            text.push_str(", scopes ");
            text.push_str(&scopes.join(" "));
        }
        self.sanitized(&text)
    }
}
