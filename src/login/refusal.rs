//! Every answer that brings no token, sorted: what it is, whether it may pass, and what to do about it.

use std::error::Error as StdError;
use std::time::Duration;

use serde_json::Value;

use super::endpoint::Endpoint;
use super::text::showable;
use super::{Failure, Outlook, answer};
use crate::error::{Category, Error};

/// How Genesys begins the description of a rate limit, which it reports as 400 `invalid_request`
/// (terraform-provider-genesyscloud, `genesyscloud/provider/provider.go`).
const RATE_LIMIT_WORDS: &str = "rate limit exceeded";

/// An answer that is no token.
pub struct Answered<'a> {
    /// The HTTP status code.
    pub status: u16,
    /// The body, as far as it was read.
    pub body: &'a [u8],
    /// `Retry-After`, already read.
    pub retry_after: Option<Duration>,
    /// `ININ-Correlation-Id`, by which Genesys' support finds the request.
    pub correlation_id: Option<&'a str>,
    /// `Location` of a redirect.
    pub location: Option<&'a str>,
}

/// Sorts an answer with a status other than 200. `sent` is what must not come back in the error.
pub fn of_answer(endpoint: &Endpoint, answered: &Answered, sent: &[&str]) -> Failure {
    let status = answered.status;
    let oauth = oauth_error(answered.body);
    let words = oauth.as_ref().map(|(code, description)| {
        showable(&[code.as_str(), description].join(": "), sent).trim_end_matches([':', ' ']).to_owned()
    });
    let asked = &endpoint.asked();
    let (outlook, category, what, hint) = match (status, &oauth) {
        (429, _) => rate_limited(asked),
        (400, Some((code, description))) if is_rate_limit(code, description) => rate_limited(asked),
        (407, _) => proxy_refused(asked),
        (408 | 425 | 500.., _) => (
            Outlook::Transient,
            Category::Unavailable,
            format!("{asked} answered HTTP {status}"),
            "the login server or a gateway before it has trouble; try again later".to_owned(),
        ),
        (400..=499, Some((code, _))) => (
            Outlook::Refused,
            Category::Rejected,
            format!("{asked} refused client {}", endpoint.client_id),
            oauth_hint(code, endpoint),
        ),
        (300..=399, _) => (
            Outlook::Refused,
            Category::Unavailable,
            format!("{asked} answered HTTP {status}, a redirect{}", target(answered.location, sent)),
            "redirects are not followed, since the credential would go along; check the region or --login-url"
                .to_owned(),
        ),
        _ => (
            Outlook::Refused,
            Category::Unavailable,
            format!("{asked} answered HTTP {status} without an OAuth error"),
            not_a_login_server(answered.body),
        ),
    };
    let mut message = what;
    if let Some(words) = words {
        message.push_str(": ");
        message.push_str(&words);
    }
    failure(
        outlook,
        category,
        with_correlation(message, answered.correlation_id, sent),
        hint,
        answered.retry_after,
    )
}

/// An answer with status 200 that is no token response; `why` says what it is instead.
pub fn of_malformed(endpoint: &Endpoint, why: &str, answered: &Answered, sent: &[&str]) -> Failure {
    let why = showable(why, sent);
    let message = format!("{} answered HTTP 200, but not with a token: {why}", endpoint.asked());
    let message = with_correlation(message, answered.correlation_id, sent);
    failure(Outlook::Refused, Category::Unavailable, message, not_a_login_server(answered.body), None)
}

/// A request that got no whole answer; `asked` is whoever was asked.
pub fn of_transport(asked: &str, error: &reqwest::Error, sent: &[&str]) -> Failure {
    let reasons = reasons(error);
    let reason = showable(reasons.last().map_or("no reason given", String::as_str), sent);
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(asked, tls, sent);
    }
    if reasons.iter().any(|reason| reason.contains("proxy authorization required")) {
        let (outlook, category, message, hint) = proxy_refused(asked);
        return failure(outlook, category, message, hint, None);
    }
    let (message, hint) = if error.is_timeout() {
        (
            format!("{asked} did not answer in time"),
            "the network may swallow packets: check proxy and firewall",
        )
    } else if error.is_connect() {
        (
            format!("cannot reach {asked}: {reason}"),
            "check the network, the region's spelling, and HTTPS_PROXY and NO_PROXY",
        )
    } else {
        (format!("{asked} broke the connection: {reason}"), "a gateway or proxy in the way may be at fault")
    };
    failure(Outlook::Transient, Category::Unavailable, message, hint.to_owned(), None)
}

/// What is wrong with the other side stays wrong, but for a server that fails in the middle of it.
fn of_tls(asked: &str, error: &rustls::Error, sent: &[&str]) -> Failure {
    let words = showable(&error.to_string(), sent);
    let outlook = match error {
        rustls::Error::AlertReceived(rustls::AlertDescription::InternalError)
        | rustls::Error::DecryptError => Outlook::Transient,
        _ => Outlook::Blocked,
    };
    let (message, hint) = match error {
        rustls::Error::InvalidCertificate(_) => (
            format!("cannot trust {asked}: {words}"),
            "the certificate does not hold: a proxy that opens TLS needs its CA in --ca-cert, a private login \
             server too; check the machine's clock as well",
        ),
        _ => (
            format!("cannot speak TLS with {asked}: {words}"),
            "the other side does not speak TLS as it should: check the port, and for a proxy in the way",
        ),
    };
    failure(outlook, Category::Unavailable, message, hint.to_owned(), None)
}

/// An answer that did not end in time.
pub fn of_slowness(asked: &str) -> Failure {
    let message = format!("{asked} did not finish its answer in time");
    let hint = "the network or a gateway in the way is too slow".to_owned();
    failure(Outlook::Transient, Category::Unavailable, message, hint, None)
}

/// A request that could not even be made.
pub fn before_asking(error: Error) -> Failure {
    Failure { outlook: Outlook::Blocked, retry_after: None, error }
}

type Verdict = (Outlook, Category, String, String);

fn rate_limited(asked: &str) -> Verdict {
    (
        Outlook::RateLimited,
        Category::RateLimited,
        format!("{asked} is asked too often"),
        "something mints token after token for this organisation; share one through the cache, \
         and see terraform's token_pool_size"
            .to_owned(),
    )
}

fn proxy_refused(asked: &str) -> Verdict {
    (
        Outlook::Blocked,
        Category::Unavailable,
        format!("the proxy before {asked} wants a login (HTTP 407)"),
        "put user and password into HTTPS_PROXY, or the host into NO_PROXY".to_owned(),
    )
}

fn failure(
    outlook: Outlook,
    category: Category,
    message: String,
    hint: String,
    retry_after: Option<Duration>,
) -> Failure {
    Failure { outlook, retry_after, error: Error::new(category, message).hint(hint) }
}

fn is_rate_limit(code: &str, description: &str) -> bool {
    code == "invalid_request"
        && description.get(..RATE_LIMIT_WORDS.len()).is_some_and(|d| d.eq_ignore_ascii_case(RATE_LIMIT_WORDS))
}

/// `error` and its description in the RFC's or in Genesys' own field. Anything else is not an OAuth error.
fn oauth_error(body: &[u8]) -> Option<(String, String)> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let code = json.get("error")?.as_str()?;
    // RFC 6749 section 5.2 allows any visible ASCII, but all codes are words like these, and a gateway's
    // `{"status":403,"error":"Forbidden"}` is none of them.
    if code.is_empty() || !code.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-')) {
        return None;
    }
    let text = |field| json.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let description = text("error_description").or_else(|| text("description")).unwrap_or_default();
    Some((code.to_owned(), description.to_owned()))
}

fn oauth_hint(code: &str, endpoint: &Endpoint) -> String {
    match code {
        "invalid_client" => format!(
            "the usual causes: the client lives in another region (asked was {}); the secret is wrong or was \
             rotated; id and secret are swapped; the client was deleted or disabled",
            endpoint.region_asked()
        ),
        "unauthorized_client" => "this OAuth client is for another grant: in Genesys Cloud's Admin, \
             Integrations, OAuth, its grant type must be Client Credentials"
            .to_owned(),
        "invalid_scope" => "leave the scope out: with this grant the client's roles decide; scopes look like \
             routing or routing:readonly"
            .to_owned(),
        _ => "check the OAuth client in Genesys Cloud's Admin, Integrations, OAuth: its state, its grant type, \
             its roles"
            .to_owned(),
    }
}

fn not_a_login_server(body: &[u8]) -> String {
    if answer::looks_like_html(body) {
        "that is a web page: a proxy, a captive portal or the wrong host answered; check the region, \
         --login-url and the proxy"
            .to_owned()
    } else {
        "check that region or --login-url name the login host (login., not api. or apps.)".to_owned()
    }
}

/// Only the host of a redirect's target: a query may carry anything. Parsing has put it into lower case.
fn target(location: Option<&str>, sent: &[&str]) -> String {
    let lower: Vec<String> = sent.iter().map(|value| value.to_lowercase()).collect();
    let sent: Vec<&str> = sent.iter().copied().chain(lower.iter().map(String::as_str)).collect();
    location
        .and_then(|location| url::Url::parse(location).ok())
        .and_then(|url| {
            url.host_str().map(|host| format!(" to {}://{}", url.scheme(), showable(host, &sent)))
        })
        .unwrap_or_default()
}

fn with_correlation(mut message: String, correlation_id: Option<&str>, sent: &[&str]) -> String {
    if let Some(id) = correlation_id.map(|id| showable(id, sent)).filter(|id| !id.is_empty()) {
        message.push_str(" (ININ-Correlation-Id ");
        message.push_str(&id);
        message.push(')');
    }
    message
}

/// The texts of an error and all its sources, outermost first.
fn reasons(error: &(dyn StdError + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |&error| error.source()).map(ToString::to_string).collect()
}

/// The first source of type `T`; an `io::Error` hides its own in `get_ref`.
pub(super) fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(status: u16, body: &str) -> Failure {
        let answered = Answered {
            status,
            body: body.as_bytes(),
            retry_after: None,
            correlation_id: Some("c-1"),
            location: None,
        };
        of_answer(&Endpoint::for_tests("https://login.example"), &answered, &["hunter2", "aHVudGVyMg=="])
    }

    #[test]
    fn answers_are_sorted_by_what_they_say_before_what_their_status_is() {
        let rate = r#"{"error":"invalid_request","description":"rate limit exceeded; wait"}"#;
        let client = r#"{"error":"invalid_client","error_description":"client not found"}"#;
        let other = r#"{"error":"invalid_request","description":"no"}"#;
        for (status, body, outlook, category) in [
            (400, rate, Outlook::RateLimited, Category::RateLimited),
            (429, "", Outlook::RateLimited, Category::RateLimited),
            (400, client, Outlook::Refused, Category::Rejected),
            (401, client, Outlook::Refused, Category::Rejected),
            (400, other, Outlook::Refused, Category::Rejected),
            (404, "<html>", Outlook::Refused, Category::Unavailable),
            (400, r#"{"error":{"code":1}}"#, Outlook::Refused, Category::Unavailable),
            (403, r#"{"status":403,"error":"Forbidden"}"#, Outlook::Refused, Category::Unavailable),
            (302, "", Outlook::Refused, Category::Unavailable),
            (407, "", Outlook::Blocked, Category::Unavailable),
            (408, "", Outlook::Transient, Category::Unavailable),
            (425, "", Outlook::Transient, Category::Unavailable),
            (503, client, Outlook::Transient, Category::Unavailable),
        ] {
            let failure = sorted(status, body);
            assert_eq!((failure.outlook, failure.error.category), (outlook, category), "{status} {body}");
            assert!(!failure.error.hint.is_empty());
            assert!(failure.error.message.contains("c-1"), "{}", failure.error.message);
        }
    }

    #[test]
    fn invalid_client_names_the_region_asked() {
        let error = sorted(400, r#"{"error":"invalid_client","description":"authentication failed"}"#).error;
        assert!(error.message.contains("invalid_client: authentication failed"), "{}", error.message);
        assert!(error.hint.contains("asked was us-east-1, the default"), "{}", error.hint);
    }

    #[test]
    fn the_server_s_echo_of_what_we_sent_is_struck_out() {
        let error = sorted(400, r#"{"error":"x_hunter2","description":"Basic aHVudGVyMg== is bad"}"#).error;
        assert!(!format!("{error:?}").contains("hunter2") && !format!("{error:?}").contains("aHVudGVyMg"));
    }
}
