//! What is to happen in a simulation, and which thread has the baton.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// What a thread that waits is told.
pub(super) enum Signal {
    /// It has the baton.
    Go,
    /// Everything is over.
    Stop,
}

/// The time, as all threads see it.
#[derive(Default)]
pub(super) struct Now(Mutex<Duration>);

impl Now {
    pub(super) fn get(&self) -> Duration {
        *self.0.lock().expect("no thread panics with it")
    }

    fn set(&self, time: Duration) {
        *self.0.lock().expect("no thread panics with it") = time;
    }
}

/// What is to happen.
pub(super) enum Next {
    /// The task with this number runs.
    Run(usize),
    /// This thread gets the baton, since its call's sleep is over.
    Wake(Sender<Signal>),
}

/// What is to happen, and who can do it. Only the thread with the baton changes it.
pub(super) struct Schedule {
    pub(super) now: Arc<Now>,
    agenda: Mutex<Agenda>,
}

#[derive(Default)]
struct Agenda {
    /// By time and then by order.
    queue: BTreeMap<(Duration, u64), Next>,
    count: u64,
    idle: Vec<Sender<Signal>>,
    /// Asks for one more thread, as long as there is something to do.
    threads: Option<Sender<()>>,
    panic: Option<Panic>,
}

type Panic = Box<dyn Any + Send>;

impl Agenda {
    fn is_task_next(&self) -> bool {
        self.queue.first_key_value().is_some_and(|(_, next)| matches!(next, Next::Run(_)))
    }
}

impl Schedule {
    pub(super) fn new(now: Arc<Now>) -> Self {
        Self { now, agenda: Mutex::default() }
    }

    fn agenda(&self) -> MutexGuard<'_, Agenda> {
        self.agenda.lock().expect("no thread panics with it")
    }

    /// Asks for the first thread.
    pub(super) fn start(&self, threads: Sender<()>) {
        threads.send(()).expect("it is waited for");
        self.agenda().threads = Some(threads);
    }

    pub(super) fn push(&self, time: Duration, next: Next) {
        let mut agenda = self.agenda();
        agenda.count += 1;
        let order = agenda.count;
        agenda.queue.insert((time, order), next);
    }

    /// Lets `time` come, if nothing is to happen before or at it.
    pub(super) fn skip_to(&self, time: Duration) -> bool {
        let is_free = self.agenda().queue.first_key_value().is_none_or(|((next, _), _)| *next > time);
        if is_free {
            self.now.set(time);
        }
        is_free
    }

    /// The number of the task that is next, if one is, and lets its time come.
    pub(super) fn pop_task(&self) -> Option<usize> {
        let mut agenda = self.agenda();
        if !agenda.is_task_next() {
            return None;
        }
        let ((time, _), next) = agenda.queue.pop_first()?;
        self.now.set(time);
        match next {
            Next::Run(number) => Some(number),
            Next::Wake(_) => None,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.agenda().queue.is_empty()
    }

    /// A thread has nothing to do.
    pub(super) fn add_idle(&self, thread: Sender<Signal>) {
        self.agenda().idle.push(thread);
    }

    /// Gives the baton to the thread that wakes up next, or to an idle or a new one if a task is next.
    pub(super) fn pass_on(&self) {
        let mut agenda = self.agenda();
        let thread = if agenda.is_task_next() {
            agenda.idle.pop()
        } else {
            let ((time, _), next) = agenda.queue.pop_first().expect("this thread wakes up itself");
            self.now.set(time);
            match next {
                Next::Wake(thread) => Some(thread),
                Next::Run(_) => unreachable!("no task is next"),
            }
        };
        match (thread, &agenda.threads) {
            (Some(thread), _) => thread.send(Signal::Go).expect("it waits for that"),
            (None, Some(threads)) => threads.send(()).expect("it is waited for"),
            (None, None) => {}
        }
    }

    /// Ends all threads: there is nothing left to do, or one has panicked.
    pub(super) fn stop(&self, panic: Option<Panic>) {
        let mut agenda = self.agenda();
        agenda.threads = None;
        agenda.panic = agenda.panic.take().or(panic);
        let waiting = std::mem::take(&mut agenda.queue).into_values().filter_map(|next| match next {
            Next::Wake(thread) => Some(thread),
            Next::Run(_) => None,
        });
        for thread in waiting.chain(std::mem::take(&mut agenda.idle)) {
            let _ = thread.send(Signal::Stop);
        }
    }

    /// What a thread has panicked with.
    pub(super) fn panic(&self) -> Option<Panic> {
        self.agenda().panic.take()
    }
}
