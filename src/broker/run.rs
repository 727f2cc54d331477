//! One call from beginning to end: look, read the last failure, lock, look again, request, share.

use std::time::Duration;

use super::advice::{Advice, advice};
use super::call::Call;
use super::provided::Provided;
use crate::cache::{Cache, RecordClass};
use crate::error::Result;
use crate::store::Lease;
use crate::time::Timestamp;

/// No call waits for a retry that has less time than this: the deadline would more likely cut it off than the server
/// answer it, and "did not answer in time" would then hide what the server said before.
const MIN_RETRY: Duration = Duration::from_millis(500);

/// What to do next, when neither the cache nor the last failure answers.
enum Step {
    Request { with_lock: bool },
    WaitUntil(Timestamp),
}

impl Call<'_> {
    pub(super) fn run(mut self) -> Result<Provided> {
        loop {
            if let Some(provided) = self.look_up()? {
                return Ok(provided);
            }
            let with_lock = match self.next_step()? {
                Step::WaitUntil(time) => {
                    // All waiting processes wake up together: one that did without the lock tries it again.
                    self.without_lock = false;
                    self.wait_until(time)?;
                    continue;
                }
                Step::Request { with_lock } => with_lock,
            };
            let cache = self.broker.cache.filter(|_| with_lock);
            let lock = match cache.map_or(Lease::Unsupported, Cache::try_lock) {
                Lease::Held(lock) => {
                    // The last holder may have answered since we looked.
                    if let Some(provided) = self.look_up()? {
                        return Ok(provided);
                    }
                    if !matches!(self.next_step()?, Step::Request { .. }) {
                        continue;
                    }
                    Some(lock)
                }
                Lease::Busy => {
                    if let Some(provided) = self.wait_for_holder()? {
                        return Ok(provided);
                    }
                    continue;
                }
                Lease::Unsupported => None,
            };
            if let Some(provided) = self.fetch(lock)? {
                return Ok(provided);
            }
        }
    }

    /// What the last failure says to this call.
    fn next_step(&mut self) -> Result<Step> {
        let with_lock = !self.without_lock;
        let Some(record) = self.last_failure() else {
            return Ok(Step::Request { with_lock });
        };
        let now = self.broker.clock.now();
        match advice(&record, now, self.request.requirements.started_at) {
            Advice::Request => Ok(Step::Request { with_lock }),
            Advice::RequestWithoutLock => Ok(Step::Request { with_lock: false }),
            // What a failure means for a call with a usable token was decided when it looked.
            _ if self.stale.is_some() => Ok(Step::Request { with_lock }),
            Advice::Fail(error) => Err(error),
            Advice::WaitUntil(time) if time.since(now) + MIN_RETRY < self.remaining() => {
                Ok(Step::WaitUntil(time))
            }
            Advice::WaitUntil(time) if record.class == RecordClass::RateLimited => {
                Err(record.error.retry_after(time.since(now)))
            }
            Advice::WaitUntil(_) => Err(record.error),
        }
    }
}
