//! Answers as bytes on the wire, right and wrong ones.

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

/// How long half an answer is left standing, so that it is on the wire before the connection ends.
const HALFWAY: Duration = Duration::from_millis(50);
/// The pace of [`dripping`].
const DRIP: Duration = Duration::from_millis(200);
/// The piece in which [`streamed`] sends.
const CHUNK: usize = 64 * 1024;

pub(crate) type Body = BoxBody<Bytes, io::Error>;

/// What a request gets.
pub(crate) enum Reply {
    /// An answer, with the token in it if there is one.
    Answer(Response<Body>, Option<String>),
    /// The end of the connection.
    HangUp,
    /// Nothing, until the client gives up.
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
/// When a test asks for a status outside 100 to 999 or a content type with control characters.
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

/// The beginning of an answer, then one byte at a time without end.
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

/// Half of what the `Content-Length` promises, then the end of the connection.
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

/// Random bytes in base64url: what tokens and ids are made of.
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

/// A header's value.
pub(crate) fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a header has no control characters")
}
