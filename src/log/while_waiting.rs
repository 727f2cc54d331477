//! Telling that something is waited for while this thread can do nothing but wait.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::interface::Log;
use super::level::Level;

/// How often it is told: nobody sees that a line comes this much later.
const TICK: Duration = Duration::from_millis(100);

/// Does `work`, and calls `tell` meanwhile if `log` listens: in a thread of its own, which ends with the work. Where no
/// thread can be had, the work goes on untold.
pub fn while_waiting<T>(log: &dyn Log, tell: impl Fn() + Send, work: impl FnOnce() -> T) -> T {
    if log.level() < Level::Normal {
        return work();
    }
    thread::scope(|scope| {
        let (working, ended) = mpsc::channel::<()>();
        let telling = move || {
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                tell();
            }
        };
        let _ = thread::Builder::new().spawn_scoped(scope, telling);
        let result = work();
        drop(working);
        result
    })
}
