//! The token request itself, and what its answer says.

use std::time::Duration;

use super::check::Check;
use super::context::{ClientContext, Deadline};
use crate::broker::RefreshWindows;
use crate::duration::format_duration;
use crate::error::{Category, NextCommand, Result};
use crate::login::{
    ClockSkew, Failure, FailureClass, HttpLogin, IP_ALLOW_LIST, Login as _, OAuthErrorCode, TokenGrant,
};
use crate::scope::Scopes;
use crate::settings::Surroundings;

/// Clocks that are synchronized are closer.
const SLIGHT_SKEW: Duration = Duration::from_secs(30);
/// From here on a token seems to live longer or shorter than the mandatory refresh window makes up for.
const GRAVE_SKEW: Duration = Duration::from_mins(5);

pub(super) fn scopes(scopes: Result<Scopes>) -> (Vec<Check>, Option<Scopes>) {
    const NAME: &str = "scope";
    let scopes = match scopes {
        Ok(scopes) => scopes,
        Err(error) => return (vec![Check::of_error(NAME, error).fix("leave the scope out")], None),
    };
    let checks = if scopes.is_empty() {
        vec![Check::ok(NAME, "none requested, as it should be: the client's roles decide")]
    } else {
        let findings = scopes.lint();
        vec![if findings.is_empty() {
            Check::ok(NAME, format!("{scopes}, of the usual form"))
        } else {
            Check::warning(NAME, "not all scopes look like Genesys'")
                .because(findings.join("; "))
                .fix("leave the scope out: with this grant the client's roles decide")
        }]
    };
    (checks, Some(scopes))
}

/// Requests a token. `way_out` says which address this machine goes out from.
pub(super) fn request(
    login: &HttpLogin,
    context: &ClientContext,
    deadline: &Deadline,
    surroundings: Surroundings,
    way_out: &str,
) -> (Vec<Check>, Option<TokenGrant>) {
    const NAME: &str = "token";
    let before = deadline.clock.elapsed();
    match login.request_token(deadline.remaining()) {
        Ok(grant) => {
            let took = deadline.clock.elapsed().saturating_sub(before).as_millis();
            let detail = format!("{} gave a token in {took} ms", context.endpoint.login_server());
            (vec![Check::ok(NAME, detail)], Some(grant))
        }
        Err(mut failure) => {
            for cause in failure.error.causes.iter_mut().filter(|cause| *cause == IP_ALLOW_LIST) {
                cause.push_str(way_out);
            }
            let fix = remedy(&failure, surroundings);
            let findings = context.scopes.lint();
            let mut check = Check::of_error(NAME, *failure.error).fix(fix);
            if let Some(cause) = check.cause.as_mut()
                && !findings.is_empty()
            {
                cause.push_str("; ");
                cause.push_str(&findings.join("; "));
            }
            (vec![check], None)
        }
    }
}

/// What to do, by the server's answer and whether it may pass.
fn remedy(failure: &Failure, surroundings: Surroundings) -> String {
    let code = failure.oauth.as_ref().map(|oauth| &oauth.code);
    match (failure.error.category, failure.class) {
        (Category::Rejected, _) if failure.error.next == Some(NextCommand::FindRegion) => format!(
            "genesys-token doctor --find-region tells which region knows the client; if it is this one, {}",
            surroundings.store_again()
        ),
        (Category::Rejected, _) if code == Some(&OAuthErrorCode::InvalidScope) => {
            "leave the scope out: --scope, GENESYS_TOKEN_SCOPE, or scope: of the step".to_owned()
        }
        (Category::Internal, _) => "raise the limit, or run fewer processes beside this one".to_owned(),
        (_, FailureClass::RateLimited) => "wait some minutes, and let all callers share one cache".to_owned(),
        _ => failure.error.fixes.join("; "),
    }
}

/// Our clock against the server's.
pub(super) fn clock(ClockSkew { server, local }: ClockSkew) -> Vec<Check> {
    const NAME: &str = "clock";
    let (apart, how) =
        if server > local { (server.since(local), "behind") } else { (local.since(server), "ahead of") };
    let detail = format!("this machine's clock is {} {how} the login server's", format_duration(apart));
    let fix = "let NTP set this machine's clock";
    vec![if apart >= GRAVE_SKEW {
        Check::failed(NAME, Category::Unavailable, detail)
            .because("cached tokens seem younger or older than they are, and certificates may seem invalid")
            .fix(fix)
    } else if apart >= SLIGHT_SKEW {
        Check::warning(NAME, detail).because("this clock decides when a token has expired").fix(fix)
    } else {
        Check::ok(NAME, "this machine's clock and the login server's agree")
    }]
}

/// How long tokens live, against the required lifetime and the refresh windows.
pub(super) fn lifetime(grant: &TokenGrant, min_ttl: Option<Duration>) -> Vec<Check> {
    const NAME: &str = "lifetime";
    let Some(lifetime) = grant.expires_in else {
        return vec![
            Check::warning(NAME, "the server does not say how long its tokens live")
                .because(grant.warnings.join("; "))
                .fix("every call fetches; nothing to do here"),
        ];
    };
    let raise = "raise the token duration of the OAuth client in Genesys Cloud's Admin";
    let windows = RefreshWindows::new(lifetime, min_ttl);
    if let Some(required) = min_ttl
        && windows.is_too_short_lived()
    {
        return vec![
            Check::failed(
                NAME,
                Category::Lifetime,
                format!(
                    "tokens live {}, and --min-ttl requires {}",
                    format_duration(lifetime),
                    format_duration(required)
                ),
            )
            .because("no token can live longer than the client's token duration")
            .fix(format!("{raise}, or require less")),
        ];
    }
    let refreshed = lifetime.saturating_sub(RefreshWindows::new(lifetime, None).advisory);
    let (lifetime, refreshed) = (format_duration(lifetime), format_duration(refreshed));
    vec![Check::ok(NAME, format!("tokens live {lifetime}, and are refreshed after {refreshed}"))]
}

/// The scopes that the server granted, against the requested ones.
pub(super) fn granted_scopes(grant: &TokenGrant, requested: &Scopes) -> Vec<Check> {
    let Some(scope) = grant.scope.as_deref().filter(|_| !requested.is_empty()) else { return Vec::new() };
    let missing = requested.missing_from(scope);
    vec![if missing.is_empty() {
        Check::ok("scope", "all requested scopes are granted")
    } else {
        Check::warning("scope", format!("not granted: {}", missing.join(" ")))
            .because("the client's roles do not cover them, or Genesys does not know them")
            .fix("give the client the roles that its calls need")
    }]
}
