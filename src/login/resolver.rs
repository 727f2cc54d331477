//! Name look-ups in the connection's own thread.
//!
//! Reqwest's own resolver starts one more thread, and panics where the process may start none. The connection's
//! thread has nothing else to do meanwhile; the thread that waits for it keeps the deadline.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::log::{Log, Subject};

/// The system's resolver.
pub(super) struct InPlace {
    pub(super) look_ups: Arc<LookUps>,
}

/// What was looked up and is not told yet.
#[derive(Default)]
pub(super) struct LookUps(Mutex<Vec<LookUp>>);

struct LookUp {
    host: String,
    /// The addresses, or why there are none.
    answer: Result<String, String>,
}

impl LookUps {
    fn add(&self, host: &str, addresses: &io::Result<Vec<SocketAddr>>) {
        let answer = match addresses {
            Ok(addresses) => {
                Ok(addresses.iter().map(|address| address.ip().to_string()).collect::<Vec<_>>().join(", "))
            }
            Err(error) => Err(error.to_string()),
        };
        self.locked().push(LookUp { host: host.to_owned(), answer });
    }

    /// Tells what was looked up.
    pub(super) fn tell(&self, log: &dyn Log) {
        for LookUp { host, answer } in self.locked().drain(..) {
            match answer {
                Ok(addresses) => {
                    log.decided(Subject::Address, "found", format_args!("{host} is at {addresses}"));
                }
                Err(why) => log.decided(Subject::Address, "none", format_args!("none for {host}: {why}")),
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<LookUp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolve for InPlace {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = (name.as_str(), 0).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        self.look_ups.add(name.as_str(), &addresses);
        let answer = addresses.map(|addresses| Box::new(addresses.into_iter()) as Addrs).map_err(Into::into);
        Box::pin(std::future::ready(answer))
    }
}
