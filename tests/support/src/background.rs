//! A listener and its runtime on a background thread, so that synchronous tests can own a server.

use crate::ports;
use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// A background thread that runs until this is dropped.
///
/// One thread is enough for hundreds of loopback clients, and it gives the server a definite end: when `drop` returns,
/// every task has been dropped and every socket is closed.
pub(crate) struct Background {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Listens on a free loopback port and runs `serve` on the listener. When this returns, clients can connect.
    pub(crate) fn listening<F, S>(serve: S) -> (SocketAddr, Self)
    where
        S: FnOnce(TcpListener) -> F + Send + 'static,
        F: Future<Output = ()>,
    {
        let (listener, address) = ports::listen();
        let (stop, stopped) = oneshot::channel();
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("the listener is non-blocking");
                tokio::select! {
                    _ = stopped => {}
                    () = serve(listener) => {}
                }
            });
        });
        (address, Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Both fail only when the thread has ended already, and then nothing is left to stop.
        if let (Some(stop), Some(thread)) = (self.stop.take(), self.thread.take()) {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}
