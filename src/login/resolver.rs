//! Name look-ups in the connection's own thread.
//!
//! Reqwest's own resolver starts one more thread, and panics where the process may start none. The connection's
//! thread has nothing else to do meanwhile; the thread that waits for it keeps the deadline.

use std::net::ToSocketAddrs as _;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The system's resolver.
pub(super) struct InPlace;

impl Resolve for InPlace {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = (name.as_str(), 0).to_socket_addrs();
        let answer = addresses.map(|addresses| Box::new(addresses) as Addrs).map_err(Into::into);
        Box::pin(std::future::ready(answer))
    }
}
