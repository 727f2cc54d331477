//! Waiting: for another process, or until a request makes sense again.

use std::time::Duration;

use super::call::Call;
use super::provided::Provided;
use crate::error::{Error, Result};
use crate::log::Awaited;
use crate::time::Timestamp;

/// How long a waiting process sleeps between two looks at most.
const MAX_POLL_INTERVAL: Duration = Duration::from_millis(100);
/// How long a call waits for another process while it has a stale token: its user is not to notice.
pub(super) const STALE_PATIENCE: Duration = Duration::from_secs(5);
/// Calls that give up on a suspended holder spread over this much time, so that one of them can answer for the others.
pub(super) const SPREAD: Duration = Duration::from_secs(1);

impl Call<'_> {
    /// Another process holds the lock: provides the stale token, or waits for what the other one learns.
    pub(super) fn wait_for_holder(&mut self) -> Result<Option<Provided>> {
        if self.stale.as_ref().is_some_and(|stale| stale.in_advisory_window) {
            return Ok(self.provide_stale(None));
        }
        let patience = self.request.timeout / 2;
        let patience = if self.stale.is_some() { patience.min(STALE_PATIENCE) } else { patience };
        if self.waited >= patience {
            if self.stale.is_some() {
                let error = Error::internal("another process has been fetching for too long");
                return Ok(self.provide_stale(Some(&error)));
            }
            // The holder may be suspended. Spread out, look once more, and then do without the lock.
            self.without_lock = true;
            let moment = self.broker.random.up_to(SPREAD.min(self.remaining() / 2));
            self.sleep_in_pieces(moment, moment, Awaited::AnotherProcess)?;
            self.waited += moment;
            return Ok(None);
        }
        let before = self.broker.clock.elapsed();
        let left = patience.saturating_sub(self.waited);
        self.tell_waiting(Awaited::AnotherProcess, left);
        self.sleep_before_next_look(left.max(Duration::from_millis(1)))?;
        self.waited += self.broker.clock.elapsed().saturating_sub(before);
        Ok(None)
    }

    /// Sleeps for `moment`, in pieces: what is `awaited`, for `left` at most, is told in between.
    pub(super) fn sleep_in_pieces(&self, moment: Duration, left: Duration, awaited: Awaited) -> Result<()> {
        let (mut moment, mut left) = (moment, left);
        while !moment.is_zero() {
            let remaining = self.remaining();
            if remaining.is_zero() {
                return Err(self.out_of_time());
            }
            self.tell_waiting(awaited, left);
            let piece = moment.min(MAX_POLL_INTERVAL).min(remaining);
            self.broker.clock.sleep(piece);
            moment -= piece;
            left = left.saturating_sub(piece);
        }
        Ok(())
    }

    /// Sleeps for a while, at most until `time`, at which what is `awaited` ends; the caller looks again after it.
    pub(super) fn wait_until(&mut self, time: Timestamp, awaited: Awaited) -> Result<()> {
        let ahead = time.since(self.broker.clock.now());
        self.broker.log.waiting(awaited, time);
        self.sleep_before_next_look(ahead.max(Duration::from_millis(1)))
    }

    fn tell_waiting(&self, awaited: Awaited, left: Duration) {
        self.broker.log.waiting(awaited, self.broker.clock.now().plus(left));
    }

    fn sleep_before_next_look(&mut self, max: Duration) -> Result<()> {
        let remaining = self.remaining();
        if remaining.is_zero() {
            return Err(self.out_of_time());
        }
        self.broker.clock.sleep(self.poll_interval.min(max).min(remaining));
        self.poll_interval = (self.poll_interval * 3 / 2).min(MAX_POLL_INTERVAL);
        Ok(())
    }
}
