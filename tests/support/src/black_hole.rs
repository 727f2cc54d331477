//! A host that accepts connections and never answers.

use crate::background::Background;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A listener that accepts connections and sends nothing, until dropped.
pub struct BlackHole {
    url: String,
    connections: Arc<AtomicUsize>,
    _background: Background,
}

impl BlackHole {
    /// A silent host on a free loopback port.
    pub fn start() -> Self {
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let (address, background) = Background::listening(move |listener| async move {
            // Kept, since dropping a stream closes the connection, which a client would notice.
            let mut silent = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                silent.push(stream);
            }
        });
        Self { url: format!("http://{address}"), connections, _background: background }
    }

    /// Its URL, with the scheme `http`.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The number of connections it has accepted.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}
