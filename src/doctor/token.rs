//! The token request itself, and what its answer says.

use std::time::Duration;

use super::{Asker, Check, Deadline, Surroundings};
use crate::broker::{GRACE, Verdict, Wishes, judge};
use crate::cli::ClientArgs;
use crate::env::Env;
use crate::error::Category;
use crate::login::{Ahead, Failure, Granted, HttpLogin, Login as _, Outlook};
use crate::scope::Scopes;
use crate::settings;
use crate::time::{Timestamp, humane};
use crate::token::Lifetime;

/// Clocks of machines that keep theirs are closer.
const SLIGHT_SKEW: Duration = Duration::from_secs(30);
/// From here on a token seems to live longer or shorter than the hard margin makes up for.
const GRAVE_SKEW: Duration = Duration::from_secs(300);

pub(super) fn scopes(args: &ClientArgs, env: &Env) -> (Vec<Check>, Option<Scopes>) {
    const NAME: &str = "scope";
    let scopes = match settings::scopes(args, env) {
        Ok(scopes) => scopes,
        Err(error) => return (vec![Check::of_error(NAME, error).fix("leave the scope out")], None),
    };
    let checks = if scopes.is_empty() {
        vec![Check::ok(NAME, "none asked for, as it should be: the client's roles decide")]
    } else {
        let doubts = scopes.warnings();
        vec![if doubts.is_empty() {
            Check::ok(NAME, format!("{scopes}, of the usual form"))
        } else {
            Check::warning(NAME, "not all scopes look like Genesys'")
                .because(doubts.join("; "))
                .fix("leave the scope out: with this grant the client's roles decide")
        }]
    };
    (checks, Some(scopes))
}

pub(super) fn request(
    login: &HttpLogin,
    asker: &Asker,
    deadline: &Deadline,
    surroundings: Surroundings,
) -> (Vec<Check>, Option<Granted>) {
    const NAME: &str = "token";
    let before = deadline.clock.elapsed();
    match login.ask(deadline.remaining()) {
        Ok(granted) => {
            let took = deadline.clock.elapsed().saturating_sub(before).as_millis();
            let detail = format!("{} gave a token in {took} ms", asker.endpoint.asked());
            (vec![Check::ok(NAME, detail)], Some(granted))
        }
        Err(failure) => {
            let fix = remedy(&failure, surroundings);
            let doubts = asker.scopes.warnings();
            let mut check = Check::of_error(NAME, failure.error).fix(fix);
            if let Some(cause) = check.cause.as_mut()
                && !doubts.is_empty()
            {
                cause.push_str("; ");
                cause.push_str(&doubts.join("; "));
            }
            (vec![check], None)
        }
    }
}

/// What to do, by what the server said and whether it may pass.
fn remedy(failure: &Failure, surroundings: Surroundings) -> String {
    let says = |code: &str| failure.error.message.contains(&format!(": {code}"));
    match (failure.error.category, failure.outlook) {
        (Category::Rejected, _) if says("invalid_client") => format!(
            "genesys-token doctor --find-region tells which region knows the client; if it is this one, {}",
            surroundings.store_again()
        ),
        (Category::Rejected, _) if says("invalid_scope") => {
            "leave the scope out: --scope, GENESYS_TOKEN_SCOPE, or scope: of the step".to_owned()
        }
        (Category::Rejected, _) => {
            "look at this OAuth client in Genesys Cloud's Admin, Integrations, OAuth".to_owned()
        }
        (Category::Internal, _) => "raise the limit, or let less run beside this".to_owned(),
        (_, Outlook::RateLimited) => "wait some minutes, and let all callers share one cache".to_owned(),
        (_, Outlook::Transient) => "try again later; if it stays, look at what is in the way".to_owned(),
        (_, Outlook::Blocked) => "correct the proxy, the trusted certificates or the clock".to_owned(),
        (_, Outlook::Refused) => "correct the region or the login URL".to_owned(),
    }
}

/// Our clock against the server's.
pub(super) fn clock(login: &HttpLogin) -> Vec<Check> {
    const NAME: &str = "clock";
    let Some(Ahead { theirs, ours }) = login.ahead() else { return Vec::new() };
    let (apart, how) =
        if theirs > ours { (theirs.since(ours), "behind") } else { (ours.since(theirs), "ahead of") };
    let detail = format!("this machine's clock is {} {how} the login server's", humane(apart));
    let fix = "let NTP set this machine's clock";
    vec![if apart >= GRAVE_SKEW {
        Check::failed(NAME, Category::Unavailable, detail)
            .because("what is cached seems younger or older than it is, and certificates may not hold")
            .fix(fix)
    } else if apart >= SLIGHT_SKEW {
        Check::warning(NAME, detail).because("a token's end is told by this clock").fix(fix)
    } else {
        Check::ok(NAME, "this machine's clock and the login server's agree")
    }]
}

/// How long tokens live, against what is asked for and the margins.
pub(super) fn lifetime(granted: &Granted, min_ttl: Option<Duration>) -> Vec<Check> {
    const NAME: &str = "lifetime";
    let Some(life) = granted.expires_in else {
        return vec![
            Check::warning(NAME, "the server does not say how long its tokens live")
                .because(granted.remarks.join("; "))
                .fix("every call fetches; nothing to do here"),
        ];
    };
    let raise = "raise the token duration of the OAuth client in Genesys Cloud's Admin";
    if let Some(wanted) = min_ttl
        && life + GRACE < wanted
    {
        return vec![
            Check::failed(
                NAME,
                Category::Lifetime,
                format!("tokens live {}, and --min-ttl asks for {}", humane(life), humane(wanted)),
            )
            .because("no token can live longer than the client's token duration")
            .fix(format!("{raise}, or ask for less")),
        ];
    }
    let renewed = humane(life.saturating_sub(renewed_with(life)));
    vec![Check::ok(NAME, format!("tokens live {}, and are renewed after {renewed}", humane(life)))]
}

/// The time left at which a token of this life is renewed, found by asking the policy.
fn renewed_with(life: Duration) -> Duration {
    let asked_at = Timestamp::from_secs(0);
    let lifetime =
        Lifetime { requested_at: asked_at, received_at: asked_at, expires_at: asked_at.plus(life) };
    let wishes = Wishes { began: asked_at.plus(life), min_ttl: None, force_refresh: false };
    let is_fresh = |left: u64| {
        let now = lifetime.expires_at.minus(Duration::from_secs(left));
        judge(lifetime, now, &wishes) == Verdict::Fresh
    };
    // Fresh from some point up: the first of them, by halving.
    let (mut stale, mut fresh) = (0, life.as_secs());
    while stale + 1 < fresh {
        let middle = u64::midpoint(stale, fresh);
        if is_fresh(middle) { fresh = middle } else { stale = middle }
    }
    Duration::from_secs(stale)
}

/// What the server granted, against what was asked for.
pub(super) fn granted_scopes(granted: &Granted, asked: &Scopes) -> Vec<Check> {
    let Some(scope) = granted.scope.as_deref().filter(|_| !asked.is_empty()) else { return Vec::new() };
    let missing = asked.missing_from(scope);
    vec![if missing.is_empty() {
        Check::ok("scope", "all scopes asked for are granted")
    } else {
        Check::warning("scope", format!("not granted: {}", missing.join(" ")))
            .because("the client's roles do not cover them, or Genesys does not know them")
            .fix("give the client the roles that its calls need")
    }]
}
