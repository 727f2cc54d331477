//! A listener and a runtime on a thread of their own, so that synchronous tests can hold a server.

use crate::ports;
use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// Work that goes on in the background until this is dropped.
///
/// One thread is enough for hundreds of loopback clients, and it makes the end exact: when `drop` returns, every
/// task has been dropped and every socket closed.
pub(crate) struct Background {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Listens on a free loopback port and runs what `serve` makes of it. When this returns, clients can connect.
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
        // A send fails, and a join too, only when the thread is already gone: nothing is left to stop then.
        if let (Some(stop), Some(thread)) = (self.stop.take(), self.thread.take()) {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}
