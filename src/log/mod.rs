//! What a call says while it works: that it waits, how its requests end, and what it decides.
//!
//! A call tells a [`Log`] its [`Event`]s; the output decides which of them are shown, and how. An event is made of
//! borrowed parts, and its words come into being when somebody reads them: a cache hit that nobody listens to pays for a
//! comparison.

mod event;
mod interface;
mod level;
mod progress_timer;
mod while_waiting;

pub use event::{Attempt, Awaited, Decision, Event, Outcome, Subject, Waiting};
pub use interface::{Log, NoLog};
pub use level::Level;
pub use progress_timer::ProgressTimer;
pub use while_waiting::while_waiting;
