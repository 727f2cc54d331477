//! A shared store on Redis 6.2 and later, or Valkey: without scripting, with the commands that the tests' ACL allows.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use redis::Value;
use rustls::ClientConfig;

use super::address::{Address, Credentials};
use super::connection::{Command, Connection};
use super::stream::Deadline;
use crate::store::interface::MAX_VALUE_LEN;
use crate::store::shared::{LeaseHolder, LeaseState, Look, Put, SharedName, SharedStore, StoreFault, Stored};
use crate::time::{Clock, Timestamp};

/// How often an update begins anew because another machine was faster.
const MAX_UPDATES: usize = 8;
/// Characters of a lease that are looked at: its holder's name is shorter.
const MAX_HOLDER_LEN: usize = 64;

/// A store on Redis or Valkey, for one call.
pub struct RedisStore<'c> {
    address: Address,
    credentials: Credentials,
    tls: Option<Arc<ClientConfig>>,
    pub(super) clock: &'c dyn Clock,
    deadline: Deadline<'c>,
    /// What all questions together may take.
    limit: Duration,
    /// When the call ends, on the stopwatch.
    timeout: Duration,
    /// What they have taken.
    spent: Cell<Duration>,
    connection: RefCell<Option<Connection<'c>>>,
    /// Until when the lease of this call can't be another's, on the stopwatch.
    lease_until: Cell<Duration>,
}

impl<'c> RedisStore<'c> {
    /// The store at `address`. All that is asked of it in this call takes no longer than `limit`.
    pub fn new(
        address: Address,
        credentials: Credentials,
        tls: Option<Arc<ClientConfig>>,
        limit: Duration,
        clock: &'c dyn Clock,
    ) -> Self {
        let (deadline, spent, connection) = (Deadline::new(clock), Cell::default(), RefCell::default());
        let (lease_until, timeout) = (Cell::default(), Duration::MAX);
        Self { address, credentials, tls, clock, deadline, limit, timeout, spent, connection, lease_until }
    }

    /// What all questions so far have taken.
    pub(crate) fn spent(&self) -> Duration {
        self.spent.get()
    }

    /// The same in a call that ends when the stopwatch shows `timeout`.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Asks on the call's one connection, within what is left of the time. After a fault the next question connects anew.
    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce(&mut Connection<'c>) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        let began = self.clock.elapsed();
        let left = self.timeout.saturating_sub(began);
        self.deadline.set(self.limit.saturating_sub(self.spent.get()).min(left));
        let connection = self.connection.take().map_or_else(
            || Connection::open(&self.address, &self.credentials, self.tls.as_ref(), &self.deadline),
            Ok,
        );
        let answer = connection.and_then(|mut connection| {
            let answer = question(&mut connection);
            if answer.is_ok() {
                self.connection.replace(Some(connection));
            }
            answer
        });
        self.spent.set(self.spent.get() + self.clock.elapsed().saturating_sub(began));
        answer
    }
}

impl SharedStore for RedisStore<'_> {
    fn look(&self, names: &[SharedName], lease: &SharedName) -> Result<Look, StoreFault> {
        let mut commands = vec![Command::new("MULTI")];
        commands.extend(reads(names, lease));
        commands.push(Command::new("EXEC"));
        let mut answers = self.ask(|connection| connection.ask(&commands))?;
        let Some(Value::Array(read)) = answers.pop() else { return Err(StoreFault::Foreign) };
        look(&read, names.len()).map(|(look, _)| look)
    }

    fn take_lease(
        &self,
        lease: &SharedName,
        holder: &LeaseHolder,
        life: Duration,
    ) -> Result<bool, StoreFault> {
        let command = Command::new("SET").arg(lease.as_str()).arg(&holder.0).arg("NX");
        let command = command.arg("PX").arg(millis(life));
        let until = self.clock.elapsed() + life;
        match self.ask(|connection| connection.ask(&[command]))?.pop() {
            Some(Value::Okay) => {
                self.lease_until.set(until);
                Ok(true)
            }
            Some(Value::Nil) => Ok(false),
            _ => Err(StoreFault::Foreign),
        }
    }

    fn update(
        &self,
        names: &[SharedName],
        lease: &SharedName,
        holder: &LeaseHolder,
        change: &mut dyn FnMut(&Look) -> Vec<Put>,
    ) -> Result<(), StoreFault> {
        let updated = self.try_update(names, lease, holder, change);
        if updated.is_ok() {
            self.lease_until.set(Duration::ZERO);
        }
        if matches!(updated, Err(StoreFault::Refused { .. }))
            && self.clock.elapsed() + self.limit < self.lease_until.get()
        {
            // A right is missing: without this every holder would leave its lease behind. It is still its own.
            let command = Command::new("SET").arg(lease.as_str()).arg(&holder.0).arg("XX");
            let _ = self.ask(|connection| connection.ask(&[command.arg("PX").arg(1)]));
        }
        updated
    }

    fn location(&self) -> String {
        self.address.to_string()
    }
}

impl RedisStore<'_> {
    fn try_update(
        &self,
        names: &[SharedName],
        lease: &SharedName,
        holder: &LeaseHolder,
        change: &mut dyn FnMut(&Look) -> Vec<Put>,
    ) -> Result<(), StoreFault> {
        for _ in 0..MAX_UPDATES {
            let watched = names
                .iter()
                .chain([lease])
                .fold(Command::new("WATCH"), |command, name| command.arg(name.as_str()));
            let commands: Vec<_> = std::iter::once(watched).chain(reads(names, lease)).collect();
            let answers = self.ask(|connection| connection.ask(&commands))?;
            let (look, held_by) = look(answers.get(1..).unwrap_or_default(), names.len())?;
            let is_ours = held_by.as_deref() == Some(holder.0.as_bytes());
            let puts = change(&look);
            if puts.is_empty() && !is_ours {
                return self.ask(|connection| connection.ask(&[Command::new("UNWATCH")])).map(drop);
            }
            let mut commands = vec![Command::new("MULTI")];
            commands.extend(puts.into_iter().map(|put| {
                let command = Command::new("SET").arg(put.name.as_str()).arg(put.value);
                command.arg("PX").arg(millis(put.life))
            }));
            if is_ours {
                commands.push(Command::new("DEL").arg(lease.as_str()));
            }
            commands.push(Command::new("EXEC"));
            match self.ask(|connection| connection.ask(&commands))?.pop() {
                Some(Value::Array(answers)) => return all_done(&answers),
                Some(Value::Nil) => {}
                _ => return Err(StoreFault::Foreign),
            }
        }
        Err(StoreFault::Contended)
    }
}

/// The commands that read the time, the records and the lease. A value is read one byte beyond what it may have.
fn reads<'n>(names: &'n [SharedName], lease: &'n SharedName) -> impl Iterator<Item = Command> {
    let read = |name: &SharedName, length: usize| {
        let value = Command::new("GETRANGE").arg(name.as_str()).arg(0).arg(length);
        [value, Command::new("PTTL").arg(name.as_str())]
    };
    let records = names.iter().flat_map(move |name| read(name, MAX_VALUE_LEN));
    let commands = std::iter::once(Command::new("TIME")).chain(records);
    commands.chain(read(lease, MAX_HOLDER_LEN)).collect::<Vec<_>>().into_iter()
}

/// What the answers to [`reads`] say, and whose the lease is.
fn look(answers: &[Value], count: usize) -> Result<(Look, Option<Vec<u8>>), StoreFault> {
    let [time, rest @ ..] = answers else { return Err(StoreFault::Foreign) };
    if rest.len() != 2 * count + 2 {
        return Err(StoreFault::Foreign);
    }
    let time = time_of(time).ok_or(StoreFault::Foreign)?;
    let (records, lease) = rest.split_at(2 * count);
    let records = records.chunks(2).map(stored).collect();
    let lease_left = left(&lease[1]);
    let holder = match &lease[0] {
        Value::BulkString(holder) => Some(holder.clone()),
        _ => None,
    };
    let lease = match lease_left {
        Left::Nothing => LeaseState::Free,
        Left::Forever => LeaseState::Held(None),
        Left::For(left) => LeaseState::Held(holder.is_some().then_some(left)),
    };
    Ok((Look { time, records, lease }, holder))
}

/// A value and what is left of it; nothing when either is not what a record has.
fn stored(pair: &[Value]) -> Option<Stored> {
    match (&pair[0], left(&pair[1])) {
        (Value::BulkString(value), Left::For(left)) if (1..=MAX_VALUE_LEN).contains(&value.len()) => {
            Some(Stored { value: value.clone(), left })
        }
        _ => None,
    }
}

/// What `PTTL` says.
enum Left {
    Nothing,
    Forever,
    For(Duration),
}

fn left(answer: &Value) -> Left {
    match answer {
        Value::Int(-2) => Left::Nothing,
        Value::Int(millis) => {
            u64::try_from(*millis).map_or(Left::Forever, |m| Left::For(Duration::from_millis(m)))
        }
        _ => Left::Forever,
    }
}

/// `TIME` answers with seconds and microseconds.
fn time_of(answer: &Value) -> Option<Timestamp> {
    let Value::Array(parts) = answer else { return None };
    let number = |value: &Value| match value {
        Value::BulkString(digits) => std::str::from_utf8(digits).ok()?.parse::<i64>().ok(),
        _ => None,
    };
    let [seconds, micros] = parts.as_slice() else { return None };
    Some(Timestamp(number(seconds)?.checked_mul(1_000_000)?.checked_add(number(micros)?)?))
}

/// Whether each command of a transaction was done: a refusal stands among the answers.
fn all_done(answers: &[Value]) -> Result<(), StoreFault> {
    let refusal = answers.iter().find_map(|answer| match answer {
        Value::ServerError(error) => {
            Some(StoreFault::refused("SET", error.code(), error.details().unwrap_or_default()))
        }
        _ => None,
    });
    refusal.map_or(Ok(()), Err)
}

/// A life in milliseconds: at least one, since the store takes none for an error.
fn millis(life: Duration) -> u64 {
    u64::try_from(life.as_millis()).unwrap_or(u64::MAX).max(1)
}
