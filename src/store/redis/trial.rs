//! What the doctor asks of a store, and no other call: each command by itself, and what the store says of itself.

use std::time::Duration;

use redis::Value;

use super::connection::Command;
use super::redis_store::RedisStore;
use crate::store::shared::{Refusal, SharedName, StoreFault};

/// What the doctor leaves behind when it is killed is gone after this time.
const LIFE_MILLIS: u64 = 10_000;

/// How a store takes the commands.
#[derive(Debug)]
pub(crate) struct Trial {
    /// The commands to which the user has no right.
    pub(crate) denied: Vec<&'static str>,
    /// How long an answer takes.
    pub(crate) round_trip: Duration,
}

/// What a store does when its memory is full.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Eviction {
    /// Its policy's name.
    pub(crate) policy: String,
    /// Whether its memory has a limit.
    pub(crate) is_limited: bool,
}

impl RedisStore<'_> {
    /// Tries every command that a call sends, one after the other, on a `name` that no record has.
    ///
    /// # Errors
    /// Anything but a missing right.
    pub(crate) fn try_commands(&self, name: &SharedName) -> Result<Trial, StoreFault> {
        let on_name = |command| Command::new(command).arg(name.as_str());
        let commands = [
            Command::new("TIME"),
            on_name("SET").arg("doctor").arg("NX").arg("PX").arg(LIFE_MILLIS),
            on_name("GETRANGE").arg(0).arg(1),
            on_name("PTTL"),
            on_name("WATCH"),
            Command::new("UNWATCH"),
            Command::new("MULTI"),
            Command::new("EXEC"),
            on_name("DEL"),
        ];
        self.ask(|connection| {
            let (began, count) = (self.clock.elapsed(), commands.len());
            let mut denied = Vec::new();
            for command in commands {
                let name = command.name;
                match connection.ask(&[command]) {
                    Ok(_) => {}
                    Err(fault) => match fault.refusal() {
                        Some(Refusal::DeniedCommand) => denied.push(name),
                        Some(Refusal::Other) if name == "EXEC" && denied.contains(&"MULTI") => {}
                        _ => return Err(fault),
                    },
                }
            }
            let took = self.clock.elapsed().saturating_sub(began);
            Ok(Trial { denied, round_trip: took / u32::try_from(count).unwrap_or(1) })
        })
    }

    /// Removes a record.
    ///
    /// # Errors
    /// The store can't be asked, or refuses.
    pub(crate) fn remove(&self, name: &SharedName) -> Result<(), StoreFault> {
        let command = Command::new("DEL").arg(name.as_str());
        self.ask(|connection| connection.ask(&[command])).map(drop)
    }

    /// Whether it answers as a Sentinel, which knows where a store is and is none.
    pub(crate) fn is_sentinel(&self) -> bool {
        let answers = self.ask(|connection| connection.ask(&[Command::new("ROLE")]));
        let Ok(Some(Value::Array(role))) = answers.map(|mut answers| answers.pop()) else { return false };
        role.first().and_then(text).as_deref() == Some("sentinel")
    }

    /// Whether it takes the simplest command, as a proxy does that knows only some.
    pub(crate) fn takes_ping(&self) -> bool {
        let answers = self.ask(|connection| connection.ask(&[Command::new("PING")]));
        answers.is_ok() || matches!(answers, Err(StoreFault::Refused { .. }))
    }

    /// What it does when its memory is full; `None` where this user may not ask.
    pub(crate) fn eviction(&self) -> Option<Eviction> {
        let setting = |name| {
            let command = Command::new("CONFIG").arg("GET").arg(name);
            let answer = self.ask(|connection| connection.ask(&[command])).ok()?.pop()?;
            let Value::Array(pair) = answer else { return None };
            pair.get(1).and_then(text)
        };
        let policy = setting("maxmemory-policy")?;
        Some(Eviction { policy, is_limited: setting("maxmemory").is_none_or(|limit| limit != "0") })
    }
}

/// A short text of a store, fit for a log.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok()?,
        Value::SimpleString(text) => text,
        _ => return None,
    };
    let is_plain = text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_plain.then(|| text.to_owned())
}
