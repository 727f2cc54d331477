//! A host that takes connections and never says anything.

use crate::background::Background;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A listener that accepts and stays silent, until dropped.
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
            // Kept, because a dropped stream is a closed connection, and that is an answer.
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

    /// The number of connections it has taken.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}
