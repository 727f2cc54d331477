//! The token at the API host: whose it is, and whether it opens the door.

use std::time::Duration;

use serde_json::Value;

use super::{Asker, Check, Deadline};
use crate::error::Category;
use crate::login::text::showable;
use crate::login::{ADDRESS_REFUSED, ApiAnswer, Connection, Method, TOKENS_ME};
use crate::secret::Secret;
use crate::time::humane;

const NAME: &str = "api";
/// So that asking does not keep an idle token alive.
const QUESTION: &str = "?preserveIdleTTL=true";
/// The organisation's idle timeout, which needs no permission.
const TOKENS_TIMEOUT: &str = "/api/v2/tokens/timeout";
/// Ending the doctor's own token is a courtesy.
const FAREWELL: Duration = Duration::from_secs(2);

/// `GET /api/v2/tokens/me?preserveIdleTTL=true` and `GET /api/v2/tokens/timeout`.
pub(super) fn check(asker: &Asker, token: &Secret, deadline: &Deadline) -> (Vec<Check>, Option<()>) {
    let endpoint = &asker.endpoint;
    let connection = Connection::new(&endpoint.route, deadline.clock);
    let ask =
        |path: &str| connection.ask_api(Method::GET, &endpoint.api_url, path, token, deadline.remaining());
    let failed = |detail: String, cause: &str, fix: &str| {
        (vec![Check::failed(NAME, Category::Unavailable, detail).because(cause).fix(fix)], None)
    };
    let answer = match ask(&[TOKENS_ME, QUESTION].concat()) {
        Ok(answer) => answer,
        Err(error) => {
            let fix = "allow the API host as well as the login host, or correct GENESYS_TOKEN_API_URL";
            return (vec![Check::of_error(NAME, error).fix(fix)], None);
        }
    };
    let said = Said { answer: &answer, token };
    let code = said.text("code");
    let mut checks = match answer.status {
        200 if said.json()["organization"].is_object() => vec![Check::ok(NAME, said.whose())],
        200 => {
            return failed(
                format!("{} answered HTTP 200, but not about the token", endpoint.api_url),
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
                format!("the API host does not take the token ({code})"),
                "login and API host are of two regions, or the client was disabled in this very moment",
                "name one region, and leave GENESYS_TOKEN_LOGIN_URL and GENESYS_TOKEN_API_URL out",
            );
        }
        403 => vec![
            Check::warning(NAME, format!("the token lives, and may not ask about itself ({code})"))
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
    if let Ok(ApiAnswer { status: 200, json: Some(json) }) = ask(TOKENS_TIMEOUT)
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
pub(super) fn forget(asker: &Asker, token: &Secret, deadline: &Deadline) {
    let limit = deadline.remaining().min(FAREWELL);
    let connection = Connection::new(&asker.endpoint.route, deadline.clock);
    let _ = connection.revoke(&asker.endpoint.api_url, token, limit);
}

/// What the API host says, fit to be shown whatever it is.
struct Said<'a> {
    answer: &'a ApiAnswer,
    token: &'a Secret,
}

impl Said<'_> {
    fn json(&self) -> &Value {
        self.answer.json.as_ref().unwrap_or(&Value::Null)
    }

    fn shown(&self, text: &str) -> String {
        showable(text, &[self.token.expose()])
    }

    fn text(&self, field: &str) -> String {
        self.shown(self.json()[field].as_str().unwrap_or("no reason given"))
    }

    fn whose(&self) -> String {
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
        self.shown(&text)
    }
}
