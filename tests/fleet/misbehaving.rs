//! Servers that misbehave in the place of a store.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// A listener that does this with each connection; its URL.
pub(crate) fn listener(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(socket));
        }
    });
    format!("redis://127.0.0.1:{port}")
}

/// A server that never answers.
pub(crate) fn silent() -> String {
    listener(std::mem::forget)
}

/// A server that answers byte by byte, without an end.
pub(crate) fn dripping() -> String {
    listener(|mut socket| {
        while socket.write_all(b"+").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    })
}

/// A server of another protocol.
pub(crate) fn web() -> String {
    listener(|mut socket| {
        let _ = socket.read(&mut [0; 1024]);
        let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    })
}

/// Passes on what a client asks, so many times; then it hangs up, before or after the store has done it.
pub(crate) fn hanging_up(port: u16, after: usize, is_done: bool) -> String {
    let asked = AtomicUsize::new(0);
    listener(move |client| {
        let Ok(store) = TcpStream::connect(("127.0.0.1", port)) else { return };
        let (mut from, mut to) = (client, store);
        let mut buffer = vec![0; 100_000];
        loop {
            let Ok(read @ 1..) = from.read(&mut buffer) else { return };
            let is_last = asked.fetch_add(1, Ordering::SeqCst) >= after;
            if is_last && !is_done {
                return;
            }
            if to.write_all(&buffer[..read]).is_err() {
                return;
            }
            // What is asked at once is answered at once.
            thread::sleep(Duration::from_millis(20));
            let Ok(read @ 1..) = to.read(&mut buffer) else { return };
            if is_last || from.write_all(&buffer[..read]).is_err() {
                return;
            }
        }
    })
}
