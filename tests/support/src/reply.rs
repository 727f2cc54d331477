//! Answers as bytes on the wire, valid and broken.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Channel, Full};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::Value;
use std::io;
use std::time::Duration;
use tokio::time::sleep;

/// The time between half an answer and the end of the connection, so that the half is sent first.
const HALFWAY: Duration = Duration::from_millis(50);
/// The time between two bytes of [`dripping`].
const DRIP: Duration = Duration::from_millis(200);
/// Bytes. The size of the pieces that [`streamed`] sends.
const CHUNK: usize = 64 * 1024;

pub(crate) type Body = BoxBody<Bytes, io::Error>;

/// How the server replies to a request.
pub(crate) enum Reply {
    /// An answer, and the token in it, if there is one.
    Answer(Response<Body>, Option<String>),
    /// The connection is closed without an answer.
    HangUp,
    /// No answer, until the client gives up.
    Silence,
}

impl From<Response<Body>> for Reply {
    fn from(response: Response<Body>) -> Self {
        Self::Answer(response, None)
    }
}

/// A complete answer.
///
/// # Panics
/// The status is outside 100 to 999, or the content type has control characters.
pub(crate) fn whole(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response<Body> {
    with_body(status, content_type, Full::new(body.into()).map_err(|never| match never {}).boxed())
}

/// A complete answer in JSON.
pub(crate) fn json(status: u16, value: &Value) -> Response<Body> {
    whole(status, "application/json", value.to_string())
}

/// An answer without a `Content-Length`.
pub(crate) fn streamed(bytes: Bytes) -> Response<Body> {
    let (mut sender, body) = Channel::new(1);
    tokio::spawn(async move {
        let mut rest = bytes;
        while !rest.is_empty() {
            let piece = rest.split_to(CHUNK.min(rest.len()));
            if sender.send_data(piece).await.is_err() {
                return;
            }
        }
    });
    with_body(200, "application/json", body.boxed())
}

/// An answer that sends one byte at a time, without end.
pub(crate) fn dripping() -> Response<Body> {
    let (mut sender, body) = Channel::new(1);
    tokio::spawn(async move {
        let beginning = br#"{"access_token":""#.iter().copied();
        for byte in beginning.chain(std::iter::repeat(b'a')) {
            if sender.send_data(Bytes::copy_from_slice(&[byte])).await.is_err() {
                return;
            }
            sleep(DRIP).await;
        }
    });
    with_body(200, "application/json", body.boxed())
}

/// Half of the bytes that the `Content-Length` announces; then the connection is closed.
pub(crate) fn cut(bytes: &Bytes) -> Response<Body> {
    let (mut sender, body) = Channel::new(1);
    let half = bytes.slice(..bytes.len() / 2);
    tokio::spawn(async move {
        if sender.send_data(half).await.is_ok() {
            sleep(HALFWAY).await;
            sender.abort(io::Error::other("cut on purpose"));
        }
    });
    let mut response = with_body(200, "application/json", body.boxed());
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    response
}

/// This many random bytes in base64url, for tokens and ids.
pub(crate) fn random_text(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    SystemRandom::new().fill(&mut random).expect("the system has random bytes");
    BASE64_URL_SAFE_NO_PAD.encode(random)
}

fn with_body(status: u16, content_type: &str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).expect("a status between 100 and 999");
    response.headers_mut().insert(CONTENT_TYPE, header(content_type));
    response
}

/// The text as the value of a header.
pub(crate) fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a header has no control characters")
}
