//! One call from beginning to end: look, read the last failure, lock, look again and at other machines, request, share.

use std::time::Duration;

use super::advice::{Advice, advice};
use super::call::Call;
use super::fleet::Next;
use super::provided::Provided;
use crate::cache::{Cache, RecordClass};
use crate::error::Result;
use crate::log::Awaited;
use crate::store::Lease;
use crate::time::Timestamp;

/// No call waits for a retry that has less time than this: the deadline would more likely cut it off than the server
/// answer it, and "did not answer in time" would then hide what the server said before.
const MIN_RETRY: Duration = Duration::from_millis(500);

/// What to do next, when neither the cache nor the last failure answers.
enum Step {
    Request { with_lock: bool },
    WaitUntil(Timestamp, Awaited),
}

impl Call<'_> {
    pub(super) fn run(&mut self) -> Result<Provided> {
        loop {
            if let Some(provided) = self.look_up()? {
                return Ok(provided);
            }
            let with_lock = match self.next_step()? {
                Step::WaitUntil(time, awaited) => {
                    // All waiting processes wake up together: one that did without the lock tries it again.
                    self.without_lock = false;
                    self.wait_until(time, awaited)?;
                    continue;
                }
                Step::Request { with_lock } => with_lock,
            };
            let cache = self.broker.cache.filter(|_| with_lock);
            let lease = cache.map_or(Lease::Unsupported, Cache::try_lock);
            self.tell_lease(&lease);
            let lock = match lease {
                Lease::Held(lock) => {
                    // The last holder may have answered since we looked.
                    if let Some(provided) = self.look_up()? {
                        return Ok(provided);
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
            if let Some(provided) = self.take_over()? {
                return Ok(provided);
            }
            // What the last holder or the build has told may advise against it.
            let Step::Request { with_lock: may_wait } = self.next_step()? else { continue };
            match self.ask_fleet(may_wait)? {
                Next::Provide(provided) => return Ok(*provided),
                Next::LookAgain => {
                    self.release_lease();
                    continue;
                }
                Next::Request => {}
            }
            if let Some(provided) = self.fetch(lock)? {
                return Ok(provided);
            }
        }
    }

    /// What the last failure says to this call.
    fn next_step(&mut self) -> Result<Step> {
        let with_lock = !self.without_lock;
        if self.offer().is_some() {
            // A token of another agent answers, whatever the last failure here was.
            return Ok(Step::Request { with_lock });
        }
        let Some(record) = self.last_failure() else {
            return Ok(Step::Request { with_lock });
        };
        let now = self.broker.clock.now();
        let advice = advice(&record, now, self.request.requirements.started_at);
        self.tell_advice(&record, &advice);
        match advice {
            Advice::Request => Ok(Step::Request { with_lock }),
            Advice::RequestWithoutLock => Ok(Step::Request { with_lock: false }),
            // What a failure means for a call with a usable token was decided when it looked.
            _ if self.stale.is_some() => Ok(Step::Request { with_lock }),
            Advice::Fail(error) => Err(error),
            Advice::WaitUntil(time) if self.can_wait_until(time) => {
                let is_limit = record.class == RecordClass::RateLimited;
                let awaited = if is_limit { Awaited::RateLimit } else { Awaited::FailurePause };
                Ok(Step::WaitUntil(time, awaited))
            }
            Advice::WaitUntil(time) if record.class == RecordClass::RateLimited => {
                Err(record.error.retry_after(time.since(now)))
            }
            Advice::WaitUntil(_) => Err(record.error),
        }
    }

    /// Whether a request at `time` still makes sense before the deadline.
    pub(super) fn can_wait_until(&self, time: Timestamp) -> bool {
        time.since(self.broker.clock.now()) + MIN_RETRY < self.remaining()
    }
}
