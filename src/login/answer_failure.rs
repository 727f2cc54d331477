//! Classifies every HTTP answer that brings no token: what it is, whether it may pass, and what to do about it.

use std::fmt::Write as _;
use std::time::Duration;

use super::endpoint::Endpoint;
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
            "put user and password into HTTPS_PROXY, or the host into NO_PROXY",
        ),
        (status @ (408 | 425 | 500..), _) => Failure::unavailable(
            FailureClass::Transient,
            format!("{server} answered HTTP {status}"),
            "the login server, or a gateway in front of it, has a problem; try again later",
        ),
        (status, Some(error)) if error.code.may_pass() => Failure::unavailable(
            FailureClass::Transient,
            format!("{server} answered HTTP {status}"),
            "the login server has a problem; try again later",
        ),
        (_, Some(error)) => refused(error.code, endpoint),
        (status @ 300..=399, _) => Failure::unavailable(
            FailureClass::Refused,
            format!("{server} answered HTTP {status}, a redirect{}", target(answer.location, sent)),
            "redirects are not followed, since the credential would go along; check the region or --login-url",
        ),
        (status, _) => Failure::unavailable(
            FailureClass::Refused,
            format!("{server} answered HTTP {status} without an OAuth error"),
            not_a_login_server(answer),
        ),
    };
    let message = &mut failure.error.message;
    match &oauth {
        // Once more as a whole: what was sent may be split between the two parts.
        Some(oauth) => message.extend([": ", &sanitize(&oauth.to_string(), sent)]),
        None => message.push_str(&web_page::described(answer.status, answer.body, sent)),
    }
    if failure.class == FailureClass::Transient
        && let Some(wanted) = answer.retry_after
    {
        failure.error = failure.error.retry_after(wanted.min(MAX_WAIT));
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
    let hint = not_a_login_server(answer);
    with_correlation(Failure::unavailable(FailureClass::Refused, message, hint), answer, sent)
}

fn rate_limited(server: &str) -> Failure {
    Failure::new(
        FailureClass::RateLimited,
        Error::new(Category::RateLimited, format!("{server} limits token requests")).hint(
            "something fetches one token after another for this organisation: share one through the cache, \
             and check Terraform's token_pool_size",
        ),
    )
}

fn refused(code: OAuthErrorCode, endpoint: &Endpoint) -> Failure {
    let message = format!("{} refused client {}", endpoint.login_server(), endpoint.client_id);
    // Any other code says that this region knows the client.
    let next =
        if code == OAuthErrorCode::InvalidClient { NextCommand::FindRegion } else { NextCommand::Doctor };
    let error = Error::new(Category::Rejected, message).hint(oauth_hint(code, endpoint)).next(next);
    Failure::new(FailureClass::Refused, error)
}

fn oauth_hint(code: OAuthErrorCode, endpoint: &Endpoint) -> String {
    match code {
        OAuthErrorCode::InvalidClient => format!(
            "the usual causes: the client lives in another region (this call asked {}); the secret is wrong or was \
             rotated; id and secret are swapped; the client was deleted or disabled; its IP allow list lacks this \
             machine's address",
            endpoint.region_described()
        ),
        OAuthErrorCode::UnauthorizedClient => {
            "this OAuth client is for another grant: in Genesys Cloud's Admin, Integrations, OAuth, its grant type \
             must be Client Credentials, and its IP allow list, if it has one, must have this machine's address"
                .to_owned()
        }
        OAuthErrorCode::InvalidScope => {
            "leave the scope out: with this grant the client's roles decide; scopes look like routing or \
             routing:readonly"
                .to_owned()
        }
        _ => {
            "check the OAuth client in Genesys Cloud's Admin, Integrations, OAuth: its state, its grant type, its \
             roles, its IP allow list"
                .to_owned()
        }
    }
}

fn not_a_login_server(answer: &HttpAnswer) -> &'static str {
    if matches!(answer.status, 401 | 403) {
        "a firewall or a proxy refused the request, or an IP allow list that lacks this machine's address: show its \
         operator the time and the id of the request"
    } else if is_web_page(answer.body) {
        "that is a web page: a proxy, a captive portal or the wrong host answered; check the region, \
         --login-url and the proxy"
    } else {
        "check that region or --login-url name the login host (login., not api. or apps.)"
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
        let _ = write!(failure.error.message, " (ININ-Correlation-Id {id})");
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
            assert!(!failure.error.hint.is_empty());
            assert!(failure.error.message.contains("c-1"), "{}", failure.error.message);
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
        assert!(error.message.contains("invalid_client: authentication failed"), "{}", error.message);
        assert!(error.hint.contains("this call asked us-east-1, the default"), "{}", error.hint);
    }

    #[test]
    fn the_servers_echo_of_what_we_sent_is_masked() {
        let body = r#"{"error":"invalid_client","description":"hunter2, Basic aHVudGVyMg== is bad"}"#;
        let failure = format!("{:?}", classified(400, body));
        assert!(!failure.contains("hunter2") && !failure.contains("aHVudGVyMg"), "{failure}");
    }
}
