//! Classifies every HTTP answer that brings no token: what it is, whether it may pass, and what to do about it.

use std::fmt::Write as _;
use std::time::Duration;

use super::endpoint::{Endpoint, RegionSource};
use super::failure::{Failure, FailureClass};
use super::oauth_error::{OAuthError, OAuthErrorCode};
use super::retry::MAX_WAIT;
use super::web_page::{self, is_web_page};
use crate::error::{Category, Error, NextCommand};
use crate::sanitize::sanitize;

/// An HTTP answer, as far as it matters here.
pub struct HttpAnswer<'a> {
    /// The status code.
    pub status: u16,
    /// The body, as far as it was read.
    pub body: &'a [u8],
    /// `Retry-After`, parsed.
    pub retry_after: Option<Duration>,
    /// `ININ-Correlation-Id`.
    pub correlation_id: Option<&'a str>,
    /// `Location` of a redirect.
    pub location: Option<&'a str>,
}

/// The failure of an answer that has an OAuth error, or a status other than 200. `sent` is what the error must not
/// contain.
pub fn of_answer(endpoint: &Endpoint, answer: &HttpAnswer, sent: &[&str]) -> Failure {
    let server = &endpoint.login_server();
    let oauth = OAuthError::parse(answer.body, sent).map(Box::new);
    let mut failure = match (answer.status, &oauth) {
        (429, _) => rate_limited(server),
        (400, Some(error)) if error.is_rate_limit() => rate_limited(server),
        (407, _) => Failure::of_network(
            FailureClass::Blocked,
            format!("a proxy before {server} requires authentication (HTTP 407)"),
        )
        .fix("put user and password into HTTPS_PROXY")
        .fix(format!("or put {} into NO_PROXY", endpoint.login_url.host())),
        (status @ (408 | 425 | 500..), _) => {
            Failure::unavailable(FailureClass::Transient, format!("{server} answered HTTP {status}"))
                .because("the login server, or a gateway in front of it, has a problem")
                .fix("try again later")
        }
        (status, Some(error)) if error.code.may_pass() => {
            Failure::unavailable(FailureClass::Transient, format!("{server} answered HTTP {status}"))
                .because("the login server has a problem")
                .fix("try again later")
        }
        (_, Some(error)) => refused(error, endpoint),
        (status @ 300..=399, _) => Failure::unavailable(
            FailureClass::Refused,
            format!("{server} answered HTTP {status}, a redirect{}", target(answer.location, sent)),
        )
        .because("redirects are not followed, since the credential would go along")
        .fix("correct --login-url or GENESYS_TOKEN_LOGIN_URL, if one is set")
        .fix(format!("have the network let this machine reach {} itself", endpoint.login_url.host())),
        (status, _) => not_a_login_server(
            Failure::unavailable(
                FailureClass::Refused,
                format!("{server} answered HTTP {status} without an OAuth error"),
            ),
            answer,
        ),
    };
    match &oauth {
        Some(oauth) => failure = failure.change(|error| with_words(error, oauth, sent)),
        None => failure.error.message.push_str(&web_page::described(answer.status, answer.body, sent)),
    }
    if failure.class == FailureClass::Transient
        && let Some(wanted) = answer.retry_after
    {
        failure = failure.change(|error| error.retry_after(wanted.min(MAX_WAIT)));
    }
    Failure { retry_after: answer.retry_after, oauth, ..with_correlation(failure, answer, sent) }
}

/// The failure of an answer with status 200 that is no token response; `why` says what it is instead. Some servers send
/// their OAuth errors with that status.
pub fn of_malformed(endpoint: &Endpoint, why: &str, answer: &HttpAnswer, sent: &[&str]) -> Failure {
    if OAuthError::parse(answer.body, sent).is_some() {
        return of_answer(endpoint, answer, sent);
    }
    let server = endpoint.login_server();
    let page = web_page::described(answer.status, answer.body, sent);
    let message = format!("{server} answered HTTP 200, but not with a token: {}{page}", sanitize(why, sent));
    let failure = not_a_login_server(Failure::unavailable(FailureClass::Refused, message), answer);
    with_correlation(failure, answer, sent)
}

/// The code in the message, and the server's own words beside it.
fn with_words(mut error: Error, oauth: &OAuthError, sent: &[&str]) -> Error {
    let _ = write!(error.message, ": {}", oauth.code);
    error.server_text(&sanitize(&oauth.description, sent))
}

fn rate_limited(server: &str) -> Failure {
    Failure::new(
        FailureClass::RateLimited,
        Error::new(Category::RateLimited, format!("{server} limits token requests"))
            .cause("something fetches one token after another for this organisation")
            .fix("share one token through the cache")
            .fix("make Terraform's token_pool_size smaller, or run terraform by genesys-token exec"),
    )
}

/// What the login server's refusal can mean, by its code, its words and what is known of the call.
fn refused(oauth: &OAuthError, endpoint: &Endpoint) -> Failure {
    let message = format!("{} refused client {}", endpoint.login_server(), endpoint.client_id);
    let error = Error::new(Category::Rejected, message);
    let activate = format!("activate the OAuth client, in {ADMIN}");
    let is_inactive = oauth.says("disabled") || oauth.says("inactive");
    let error = match oauth.code {
        _ if is_inactive => error.cause("this OAuth client is disabled").fix(activate),
        OAuthErrorCode::InvalidClient => of_invalid_client(error, oauth, endpoint),
        OAuthErrorCode::UnauthorizedClient => error
            .cause("this OAuth client is for another grant")
            .cause("it is disabled")
            .fix(format!("make the grant type of this OAuth client Client Credentials, in {ADMIN}"))
            .fix(activate),
        OAuthErrorCode::InvalidScope => error
            .cause("Genesys does not know the scope: scopes look like routing or routing:readonly")
            .fix("leave the scope out: with this grant the client's roles decide"),
        _ => error
            .cause("the OAuth client's state, grant type or roles do not allow this")
            .fix(format!("look at it in {ADMIN}")),
    };
    // Any other code says that this region knows the client.
    let next = match oauth.code {
        OAuthErrorCode::InvalidClient if !is_inactive => NextCommand::FindRegion,
        _ => NextCommand::Doctor,
    };
    Failure::new(FailureClass::Refused, error.cause(IP_ALLOW_LIST).next(next))
}

const ADMIN: &str = "Genesys Cloud's Admin, Integrations, OAuth";

/// Genesys does not publish what the login server answers then.
pub(crate) const IP_ALLOW_LIST: &str = "the client's IP allow list lacks this machine's address";

/// Either the client is unknown in this region, or the secret is another one; some answers tell which.
fn of_invalid_client(error: Error, oauth: &OAuthError, endpoint: &Endpoint) -> Error {
    const UNKNOWN: &str = "not found";
    const WRONG_SECRET: &str = "authentication failed";
    let region =
        format!("the client lives in another region: this call asked {}", endpoint.region_described());
    let find = "name the region that genesys-token doctor --find-region finds";
    let secret = "the client's secret was replaced, or is another client's";
    let id = "the client was deleted, or its id is another one";
    let again = "store id and secret again, as Genesys Cloud's Admin shows them: Integrations, OAuth";
    let is_default = endpoint.region_source == RegionSource::Default;
    if oauth.says(WRONG_SECRET) && !is_default {
        error.cause(secret).cause(region).fix(again).fix(find)
    } else if oauth.says(UNKNOWN) {
        error.cause(region).cause(id).fix(find).fix(again)
    } else if oauth.says(WRONG_SECRET) {
        error.cause(region).cause(secret).fix(find).fix(again)
    } else {
        error.cause(region).cause(secret).cause(id).fix(find).fix(again)
    }
}

/// Why something that is no login server may have answered.
fn not_a_login_server(failure: Failure, answer: &HttpAnswer) -> Failure {
    if matches!(answer.status, 401 | 403) {
        failure
            .because("a firewall or a proxy refused the request")
            .because(IP_ALLOW_LIST)
            .fix("show the operator of the firewall or the proxy the time and the id of the request")
    } else if is_web_page(answer.body) {
        failure
            .because("that is a web page: a proxy, a captive portal or the wrong host answered")
            .fix("correct --login-url, HTTPS_PROXY or NO_PROXY, whichever leads to that page")
    } else {
        failure
            .because("that is no login server, or not its base URL")
            .fix("leave --login-url and GENESYS_TOKEN_LOGIN_URL out, and name the region")
            .fix("or write the login host there (login., not api. or apps.)")
    }
}

/// Only the host of a redirect's target, since a query may carry anything. Parsing has put it into lower case.
fn target(location: Option<&str>, sent: &[&str]) -> String {
    let lower: Vec<String> = sent.iter().map(|value| value.to_lowercase()).collect();
    let sent: Vec<&str> = sent.iter().copied().chain(lower.iter().map(String::as_str)).collect();
    location
        .and_then(|location| url::Url::parse(location).ok())
        .and_then(|url| {
            url.host_str().map(|host| format!(" to {}://{}", url.scheme(), sanitize(host, &sent)))
        })
        .unwrap_or_default()
}

fn with_correlation(mut failure: Failure, answer: &HttpAnswer, sent: &[&str]) -> Failure {
    let id = answer.correlation_id.map(|id| sanitize(id, sent)).filter(|id| !id.is_empty());
    if let Some(id) = &id {
        let shown = failure.error.server_text.as_mut().unwrap_or(&mut failure.error.message);
        let _ = write!(shown, " (ININ-Correlation-Id {id})");
    }
    Failure { correlation_id: id.map(String::into_boxed_str), ..failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> HttpAnswer<'_> {
        let body = body.as_bytes();
        HttpAnswer { status, body, retry_after: None, correlation_id: Some("c-1"), location: None }
    }

    fn classified(status: u16, body: &str) -> Failure {
        let endpoint = Endpoint::for_tests("https://login.example");
        of_answer(&endpoint, &answer(status, body), &["hunter2", "aHVudGVyMg=="])
    }

    #[test]
    fn an_answer_is_classified_by_its_body_before_its_status() {
        let rate = r#"{"error":"invalid_request","description":"rate limit exceeded; wait"}"#;
        let client = r#"{"error":"invalid_client","error_description":"client not found"}"#;
        let other = r#"{"error":"invalid_request","description":"no"}"#;
        for (status, body, class, category) in [
            (400, rate, FailureClass::RateLimited, Category::RateLimited),
            (429, "", FailureClass::RateLimited, Category::RateLimited),
            (400, client, FailureClass::Refused, Category::Rejected),
            (401, client, FailureClass::Refused, Category::Rejected),
            (400, other, FailureClass::Refused, Category::Rejected),
            (404, "<html>", FailureClass::Refused, Category::Unavailable),
            (400, r#"{"error":{"code":1}}"#, FailureClass::Refused, Category::Unavailable),
            (403, r#"{"status":403,"error":"Forbidden"}"#, FailureClass::Refused, Category::Unavailable),
            (400, r#"{"error":"access_denied"}"#, FailureClass::Refused, Category::Unavailable),
            (200, client, FailureClass::Refused, Category::Rejected),
            (404, client, FailureClass::Refused, Category::Rejected),
            (400, r#"{"error":"server_error"}"#, FailureClass::Transient, Category::Unavailable),
            (200, r#"{"error":"temporarily_unavailable"}"#, FailureClass::Transient, Category::Unavailable),
            (302, "", FailureClass::Refused, Category::Unavailable),
            (407, "", FailureClass::Blocked, Category::Unavailable),
            (408, "", FailureClass::Transient, Category::Unavailable),
            (425, "", FailureClass::Transient, Category::Unavailable),
            (503, client, FailureClass::Transient, Category::Unavailable),
        ] {
            let failure = classified(status, body);
            assert_eq!((failure.class, failure.error.category), (class, category), "{status} {body}");
            assert!(!failure.error.hint().is_empty());
            assert!(failure.error.to_json().contains("(ININ-Correlation-Id c-1)"), "{:?}", failure.error);
        }
    }

    #[test]
    fn an_oauth_error_stays_typed() {
        let failure = classified(400, r#"{"error":"invalid_client","description":"client not found"}"#);
        let oauth = failure.oauth.expect("an OAuth error");
        assert_eq!(oauth.code, OAuthErrorCode::InvalidClient);
        assert_eq!(oauth.description, "client not found");
        assert_eq!(failure.correlation_id.as_deref(), Some("c-1"));
    }

    #[test]
    fn an_answer_that_may_pass_says_how_long_the_server_asks_to_wait() {
        for (status, wanted, says) in [(503, 90, Some(90)), (503, 86_400, Some(180)), (404, 90, None)] {
            let wanted = Duration::from_secs(wanted);
            let answer = HttpAnswer { retry_after: Some(wanted), ..answer(status, "") };
            let failure = of_answer(&Endpoint::for_tests("https://login.example"), &answer, &[]);
            assert_eq!((failure.retry_after, failure.error.retry_after), (Some(wanted), says), "{status}");
        }
    }

    #[test]
    fn invalid_client_names_the_region() {
        let error =
            classified(400, r#"{"error":"invalid_client","description":"authentication failed"}"#).error;
        assert!(error.to_json().contains("invalid_client: authentication failed"), "{error:?}");
        assert!(error.hint().contains("this call asked us-east-1, the default"), "{error:?}");
    }

    #[test]
    fn the_servers_echo_of_what_we_sent_is_masked() {
        let body = r#"{"error":"invalid_client","description":"hunter2, Basic aHVudGVyMg== is bad"}"#;
        let failure = format!("{:?}", classified(400, body));
        assert!(!failure.contains("hunter2") && !failure.contains("aHVudGVyMg"), "{failure}");
    }
}
