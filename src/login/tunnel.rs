//! Asks a proxy for a tunnel (RFC 9110 section 9.3.6), to learn why it opens none: the HTTP client does not tell.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use zeroize::Zeroizing;

use super::hop::Inquiry;
use super::proxy_url::ProxyUrl;
use crate::base_url::BaseUrl;

/// Bytes of an answer's head. A proxy's has some hundred.
const MAX_HEAD: usize = 8 * 1024;
/// The types of the TLS records that a server begins with: an alert, a handshake.
const TLS_RECORDS: [u8; 2] = [21, 22];
/// The first byte of every TLS version in use.
const TLS_VERSION: u8 = 3;

/// A proxy that speaks TLS answers a handshake at once.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(1);

/// What a proxy answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TunnelAnswer {
    /// HTTP, with the schemes of its `Proxy-Authenticate` (RFC 9110 section 11.7.1).
    Http { status: u16, schemes: Vec<String> },
    /// TLS, although it was asked in plain HTTP.
    Tls,
    /// Something else.
    Foreign,
    /// It closed the connection.
    Closed,
    /// Nothing in time.
    Silent,
}

/// How to ask.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// As the HTTP client does.
    AsBefore,
    /// Without user and password, so that no proxy counts another failed login.
    WithoutLogin,
    /// The same, and in plain HTTP.
    InPlain,
}

/// Asks the proxy at `proxy` for a tunnel to `target`.
pub(super) fn ask(proxy: &ProxyUrl, target: &BaseUrl, manner: Manner, inquiry: &Inquiry) -> TunnelAnswer {
    let login = proxy.authorization().filter(|_| manner == Manner::AsBefore);
    let header = login.map_or_else(Zeroizing::default, |login| {
        Zeroizing::new(format!("Proxy-Authorization: Basic {}\r\n", login.as_str()))
    });
    let target = format!("{}:{}", target.host(), target.port());
    let request =
        Zeroizing::new(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{}\r\n", header.as_str()));
    let answer = connect(proxy, inquiry.remaining()).and_then(|stream| {
        if proxy.is_tls && manner != Manner::InPlain {
            let mut stream = over_tls(proxy, stream, inquiry)?;
            let socket = stream.sock.try_clone()?;
            converse(&mut stream, &socket, &request, inquiry)
        } else {
            converse(&mut &stream, &stream, &request, inquiry)
        }
    });
    answer.unwrap_or_else(|error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => TunnelAnswer::Silent,
        _ => TunnelAnswer::Closed,
    })
}

/// Whether what listens at the proxy's address answers a TLS handshake.
pub(super) fn speaks_tls(proxy: &ProxyUrl, inquiry: &Inquiry) -> bool {
    let answered = connect(proxy, inquiry.remaining().min(HANDSHAKE_LIMIT)).and_then(|stream| {
        let mut stream = over_tls(proxy, stream, inquiry)?;
        // Flushing completes the handshake, although there is nothing to write.
        Ok(stream.flush().map_or_else(|error| is_answer(&error), |()| true))
    });
    answered.unwrap_or(false)
}

/// Whether a handshake failed by what a server of TLS said: a certificate that is not trusted is an answer as well.
fn is_answer(error: &io::Error) -> bool {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref());
    matches!(tls, Some(rustls::Error::InvalidCertificate(_) | rustls::Error::AlertReceived(_)))
}

fn connect(proxy: &ProxyUrl, limit: Duration) -> io::Result<TcpStream> {
    let mut last = io::ErrorKind::TimedOut.into();
    if limit.is_zero() {
        return Err(last);
    }
    for address in (proxy.host.as_str(), proxy.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, limit) {
            Ok(stream) => {
                stream.set_read_timeout(Some(limit))?;
                stream.set_write_timeout(Some(limit))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn over_tls(
    proxy: &ProxyUrl,
    stream: TcpStream,
    inquiry: &Inquiry,
) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let name = ServerName::try_from(proxy.host.clone()).map_err(io::Error::other)?;
    let mut config = inquiry.tls.clone();
    // A proxy's own TLS carries CONNECT, for which no protocol is agreed on.
    config.alpn_protocols.clear();
    let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}

/// Sends `request` and reads the head of the answer. `socket` is what `stream` runs on.
fn converse(
    stream: &mut (impl Read + Write),
    socket: &TcpStream,
    request: &str,
    inquiry: &Inquiry,
) -> io::Result<TunnelAnswer> {
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    while head.len() < MAX_HEAD && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let remaining = inquiry.remaining();
        if remaining.is_zero() {
            break;
        }
        socket.set_read_timeout(Some(remaining))?;
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => head.extend_from_slice(&chunk[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What came before says enough.
            Err(_) if !head.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(parse(&head))
}

fn parse(head: &[u8]) -> TunnelAnswer {
    match head {
        [] => return TunnelAnswer::Closed,
        [record, TLS_VERSION, ..] if TLS_RECORDS.contains(record) => return TunnelAnswer::Tls,
        _ => {}
    }
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines();
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok());
    let Some(status) = status else { return TunnelAnswer::Foreign };
    let challenges = lines
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authenticate"))
        .flat_map(|(_, value)| value.split(','));
    // The first word of a challenge is its scheme; other parts of the list are parameters.
    let words = challenges.filter_map(|challenge| challenge.split_whitespace().next());
    let is_scheme = |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let mut schemes: Vec<String> = words.filter(is_scheme).map(str::to_owned).collect();
    schemes.dedup();
    TunnelAnswer::Http { status, schemes }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::net::TcpListener;

    use rustls::crypto::ring;
    use rustls::{ClientConfig, RootCertStore};

    use super::*;
    use crate::time::SystemClock;

    #[test]
    fn the_schemes_of_every_challenge_are_found() {
        let answer = b"HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM, \
                       Basic realm=\"a\", charset=\"UTF-8\", stale=true\r\nContent-Length: 0\r\n\r\n";
        let schemes = ["Negotiate", "NTLM", "Basic"].map(str::to_owned).to_vec();
        assert_eq!(parse(answer), TunnelAnswer::Http { status: 407, schemes });
    }

    #[test]
    fn what_is_no_http_is_told_apart() {
        for (answer, expected) in [
            (&b""[..], TunnelAnswer::Closed),
            (b"\x15\x03\x01\x00\x02\x02\x16", TunnelAnswer::Tls),
            (b"\x17\x03\x03\x00\x02\x02\x16", TunnelAnswer::Foreign),
            (b"SSH-2.0-OpenSSH_9.2\r\n", TunnelAnswer::Foreign),
            (b"HTTP/1.1 abc\r\n\r\n", TunnelAnswer::Foreign),
            (b"HTTP/1.0 503\r\n", TunnelAnswer::Http { status: 503, schemes: vec![] }),
        ] {
            assert_eq!(parse(answer), expected, "{answer:?}");
        }
    }
    /// Reads what a proxy sends, piece by piece.
    struct Pieces(VecDeque<io::Result<&'static [u8]>>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = self.0.pop_front().expect("nothing is read behind the end of a head")?;
            buffer[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        }
    }

    impl Write for Pieces {
        fn write(&mut self, request: &[u8]) -> io::Result<usize> {
            Ok(request.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn trusting_nobody() -> ClientConfig {
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let tls = tls.with_safe_default_protocol_versions().expect("ring has them");
        tls.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
    }

    #[test]
    fn a_proxy_that_there_is_no_time_to_ask_counts_as_silent() {
        let (tls, clock) = (trusting_nobody(), SystemClock::start());
        let inquiry = Inquiry { tls: &tls, clock: &clock, until: Duration::ZERO };
        let proxy = ProxyUrl::parse("http://127.0.0.1:9").expect("a proxy's URL");
        let target = BaseUrl::parse("https://login.example").expect("a URL");
        assert_eq!(ask(&proxy, &target, Manner::AsBefore, &inquiry), TunnelAnswer::Silent);
    }

    /// The answer in these pieces, all of which must be read.
    fn conversed(pieces: Vec<io::Result<&'static [u8]>>) -> io::Result<TunnelAnswer> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let socket = TcpStream::connect(listener.local_addr()?)?;
        let (tls, clock) = (trusting_nobody(), SystemClock::start());
        let inquiry = Inquiry { tls: &tls, clock: &clock, until: Duration::from_mins(1) };
        let mut stream = Pieces(pieces.into());
        let answer = converse(&mut stream, &socket, "CONNECT", &inquiry);
        assert_eq!(stream.0.len(), 0, "not everything was read");
        answer
    }

    #[test]
    fn an_answer_is_read_to_the_end_of_its_head_or_as_far_as_it_comes() {
        let refused = || TunnelAnswer::Http { status: 403, schemes: vec![] };
        let failed = |kind: io::ErrorKind| Err(kind.into());
        let line = || Ok(&b"HTTP/1.1 403 No\r\n"[..]);
        for (pieces, expected) in [
            (vec![line(), Ok(b"A: b\r\n\r\n")], refused()),
            (vec![failed(io::ErrorKind::Interrupted), line(), Ok(b"")], refused()),
            (vec![line(), failed(io::ErrorKind::WouldBlock)], refused()),
            (vec![Ok(b"")], TunnelAnswer::Closed),
            ((0..8).map(|_| Ok(&[b'x'; 1024][..])).collect(), TunnelAnswer::Foreign),
        ] {
            assert_eq!(conversed(pieces).unwrap(), expected);
        }
        let silent = conversed(vec![failed(io::ErrorKind::WouldBlock)]).unwrap_err();
        assert_eq!(silent.kind(), io::ErrorKind::WouldBlock);
    }
}
