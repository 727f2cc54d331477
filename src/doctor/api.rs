//! The token at the API host: whose it is, and whether it is accepted.

use std::time::Duration;

use super::check::Check;
use super::context::{ClientContext, Deadline};
use crate::duration::format_duration;
use crate::error::Category;
use crate::login::{
    ADDRESS_REFUSED, ADDRESS_REFUSED_WORDS, ALLOW_ADDRESS, ApiResponse, Connection, Failure, Method,
    ONE_REGION, RoleGrant, TokenInfo,
};
use crate::sanitize::sanitize;
use crate::token::AccessToken;

const NAME: &str = "api";
const ROLES: &str = "roles";
const IDLE_TIMEOUT: &str = "idle timeout";
/// More would fill the screen.
const MAX_ROLES: usize = 5;
/// The organisation's idle timeout, which needs no permission.
const TOKENS_TIMEOUT: &str = "/api/v2/tokens/timeout";
/// Ending the doctor's own token is a courtesy.
const END_LIMIT: Duration = Duration::from_secs(2);

/// What the API host tells the token about itself, its roles and the organisation's idle timeout. `way_out` says which
/// address this machine goes out from.
pub(super) fn check(
    context: &ClientContext,
    token: &AccessToken,
    deadline: &Deadline,
    way_out: &str,
) -> (Vec<Check>, Option<()>) {
    let endpoint = &context.endpoint;
    let connection = Connection::new(&endpoint.transport, deadline.clock, deadline.log);
    let ask =
        |path: &str| connection.call_api(Method::GET, &endpoint.api_url, path, token, deadline.remaining());
    let failed = |detail: String, cause: &str, fix: &str| {
        (vec![Check::failed(NAME, Category::Unavailable, detail).because(cause).fix(fix)], None)
    };
    let answer = match connection.token_info(&endpoint.api_url, token, deadline.remaining()) {
        Ok(answer) => answer,
        Err(error) => {
            let fix = "allow the API host as well as the login host, or correct GENESYS_TOKEN_API_URL";
            return (vec![Check::of_error(NAME, error).fix(fix)], None);
        }
    };
    let info = TokenInfo::parse(&answer, token);
    let code = sanitize(answer.code().unwrap_or("no reason given"), &[token.expose()]);
    let mut checks = match (answer.status, info) {
        (_, Some(info)) => vec![Check::ok(NAME, described(&info))],
        (200, None) => {
            return failed(
                format!("{} answered HTTP 200, but not about the token", endpoint.api_url.as_str()),
                "another server stands in the API host's place, such as a web page or a captive portal",
                "correct GENESYS_TOKEN_API_URL, or leave it out",
            );
        }
        (401, None) if answer.code() == Some(ADDRESS_REFUSED) => {
            return failed(
                ADDRESS_REFUSED_WORDS.to_owned(),
                &format!("the organisation's allow list lacks this machine's address{way_out}"),
                ALLOW_ADDRESS,
            );
        }
        (401, None) => {
            return failed(
                format!("the API host does not accept the token ({code})"),
                "login and API host are of different regions, or the client was disabled at this very moment",
                ONE_REGION,
            );
        }
        (403, None) => vec![
            Check::warning(NAME, format!("the token is alive, and may not ask about itself ({code})"))
                .because("the client has hardly any role")
                .fix("give the OAuth client the roles that its calls need"),
        ],
        (status, None) => {
            return failed(
                format!("{} answered HTTP {status}", endpoint.api_url.as_str()),
                "the API host has trouble, or another server stands in its place",
                "try again later; correct GENESYS_TOKEN_API_URL, if it is set",
            );
        }
    };
    checks.push(roles(connection.role_grants(&endpoint.api_url, token, deadline.remaining())));
    checks.extend(idle_timeout(ask(TOKENS_TIMEOUT)));
    (checks, Some(()))
}

/// Ends the doctor's own token. That it can't be ended is no finding: it expires by itself.
pub(super) fn end_token(context: &ClientContext, token: &AccessToken, deadline: &Deadline) {
    let limit = deadline.remaining().min(END_LIMIT);
    let connection = Connection::new(&context.endpoint.transport, deadline.clock, deadline.log);
    let _ = connection.revoke(&context.endpoint.api_url, token, limit);
}

/// Whose token it is. Genesys has no scopes for this grant; another server may.
fn described(TokenInfo { organization, client, scopes, .. }: &TokenInfo) -> String {
    // The id of the client is not shown in whole; the name tells enough.
    let name = if client.name.is_empty() { "without a name" } else { &client.name };
    let mut text = format!("organisation {organization}, OAuth client {name}");
    if !scopes.is_empty() {
        text.push_str(", scopes ");
        text.push_str(&scopes.join(" "));
    }
    text
}

/// The roles of the client with their divisions. That they can't be read is no fault.
fn roles(grants: Result<Vec<RoleGrant>, String>) -> Check {
    let grants = match grants {
        Ok(grants) => grants,
        Err(why) => return Check::ok(ROLES, format!("not shown: {why}")),
    };
    if grants.is_empty() {
        return Check::warning(ROLES, "the OAuth client has none")
            .because("with this grant roles decide which calls are allowed")
            .fix("give the OAuth client the roles that its calls need, in Genesys Cloud's Admin");
    }
    let more = match grants.len().saturating_sub(MAX_ROLES) {
        0 => String::new(),
        more => format!(", and {more} more: see genesys-token whoami"),
    };
    let named = grants.iter().take(MAX_ROLES);
    let named = named.map(|RoleGrant { role, division }| format!("{} in {}", role.name, division.name));
    Check::ok(ROLES, named.collect::<Vec<_>>().join(", ") + &more)
}

/// The organisation's idle timeout, which the step's check of older tokens is for.
fn idle_timeout(answer: Result<ApiResponse, Failure>) -> Option<Check> {
    let json = match answer {
        Ok(ApiResponse { status: 200, json: Some(json) }) => json,
        Ok(ApiResponse { status, .. }) => {
            return Some(Check::ok(IDLE_TIMEOUT, format!("not shown: the API host answered HTTP {status}")));
        }
        Err(failure) => {
            return Some(Check::ok(IDLE_TIMEOUT, format!("not shown: {}", failure.error.message)));
        }
    };
    let seconds = json["idleTokenTimeoutSeconds"].as_u64();
    let seconds = seconds.filter(|_| json["enableIdleTokenTimeout"] == true)?;
    let idle = format_duration(Duration::from_secs(seconds));
    let detail = format!("the organisation ends a token that is idle for {idle}");
    Some(Check::ok(IDLE_TIMEOUT, format!("{detail}; the step checks an older token before it provides it")))
}
