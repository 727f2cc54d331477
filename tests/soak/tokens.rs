//! The tokens that the server gave, by its own log, and those that callers got, by theirs.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use loopback_login_server::{ExpiresIn, Record};

use crate::caller::Caller;
use crate::keys::{self, Key};

/// A token request as the server saw it.
#[derive(Debug)]
pub struct Request {
    pub key: &'static Key,
    pub at: Instant,
    /// When it was answered, or its client seen to have left.
    pub ended: Instant,
    pub token: Option<String>,
    pub life: Duration,
}

impl Request {
    /// Reads a line of the server's log; `None` when it is no token request of ours.
    pub fn read(record: &Record) -> Option<Self> {
        let behaviour = record.behaviour.as_ref()?;
        let ExpiresIn::Seconds(life) = behaviour.expires_in else { return None };
        Some(Self {
            key: keys::of_request(record)?,
            at: record.at,
            ended: record.ended.unwrap_or_else(Instant::now),
            token: record.token.clone(),
            life: Duration::from_secs(life.unsigned_abs()),
        })
    }

    /// When its token ends by the server's clock. The program counts from when it asked, which was earlier.
    pub fn expires(&self) -> Instant {
        self.at + self.life
    }
}

/// Every token that was ever given, with the request that got it.
pub fn given(requests: &[Request]) -> HashMap<&str, &Request> {
    requests.iter().filter_map(|request| Some((request.token.as_deref()?, request))).collect()
}

/// What a caller printed as its token, whole or not.
pub fn in_answer(caller: &Caller) -> Option<String> {
    let wish = caller.wish().filter(|_| !caller.stdout.is_empty())?;
    if wish.json {
        let json: serde_json::Value = serde_json::from_str(&caller.stdout).unwrap_or_default();
        return Some(json["access_token"].as_str().unwrap_or(&caller.stdout).to_owned());
    }
    Some(caller.stdout.strip_suffix('\n').unwrap_or("(no newline)").to_owned())
}
