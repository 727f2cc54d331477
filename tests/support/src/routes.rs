//! One request from its arrival to its answer.

use crate::reply::{Body, Reply, header, json};
use crate::state::{Record, State};
use crate::{api_host, control, login_host};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{DATE, HeaderValue};
use hyper::{Request, Response};
use serde_json::json as object;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// Answers a request. An error makes hyper close the connection without an answer.
pub(crate) async fn answer(state: Arc<State>, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let request = read(request).await?;
    let path = request.path.split('?').next().unwrap_or_default().to_owned();
    if path == "/_control" {
        return Ok(control::answer(&state, &request));
    }
    // Before the answer, so that the log also has requests that are never answered.
    let number = state.log_request(request.clone());
    // A gateway may put a prefix before these paths.
    let reply = if path.ends_with("/oauth/token") {
        login_host::token(&state, &request, number).await
    } else if path.ends_with("/api/v2/tokens/me") {
        api_host::tokens_me(&state, &request).await
    } else if path.ends_with("/api/v2/tokens/timeout") {
        api_host::tokens_timeout()
    } else if path.ends_with("/api/v2/authorization/subjects/me") {
        api_host::subjects_me(&state, &request)
    } else {
        json(404, &object!({"message": "not found", "code": "not.found", "status": 404})).into()
    };
    match reply {
        Reply::Answer(mut response, token) => {
            let clock_skew = state.behaviour().clock_ahead;
            if clock_skew != 0 {
                response.headers_mut().insert(DATE, date(clock_skew));
            }
            state.log_answer(number, response.status().as_u16(), token);
            Ok(response)
        }
        Reply::HangUp => Err(io::Error::other("closed on purpose")),
        Reply::Silence => std::future::pending().await,
    }
}

/// The `Date` header of a server with this clock skew in seconds.
fn date(clock_skew: i64) -> HeaderValue {
    let skew = Duration::from_secs(clock_skew.unsigned_abs());
    let now = SystemTime::now();
    let date = if clock_skew < 0 { now - skew } else { now + skew };
    header(&httpdate::fmt_http_date(date))
}

async fn read(request: Request<Incoming>) -> io::Result<Record> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Record {
        at: Instant::now(),
        method: head.method.to_string(),
        path: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
            .collect(),
        body: text(&body),
        status: None,
        token: None,
        behaviour: None,
        ended: None,
    })
}
