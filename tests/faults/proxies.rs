//! Proxies that open no tunnel: each fault names the hop that has it.

use std::fs;

use loopback_login_server::{Behaviour, Certificate, LoginServer, Proxy, ProxyBehaviour, refused_url};

use crate::harness::Call;
use crate::scene::Scene;
use crate::seen;
use crate::table::check_table;

const HEAD: &str = "| fault | ends with | says | connections to the proxy | tries |\n|---|---|---|---|---|\n";
/// A call that tries again has several attempts in this time.
const SHORT: &str = "3s";
/// A call that ends at once leaves most of this.
const LONG: &str = "60s";

/// How long a call with this fault takes, by the number of its attempts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tries {
    /// One attempt: another one would end the same way.
    AtOnce,
    /// One attempt after the other.
    UntilTheDeadline,
    /// It waits for an answer until the deadline, or for ten seconds at a time.
    Waits,
}

impl Tries {
    fn timeout(self) -> &'static str {
        if self == Self::AtOnce { LONG } else { SHORT }
    }

    fn words(self) -> &'static str {
        match self {
            Self::AtOnce => "once, and ends at once",
            Self::UntilTheDeadline => "again until the deadline",
            Self::Waits => "waits for an answer, until the deadline",
        }
    }
}

fn scene() -> Scene {
    Scene::of(LoginServer::start_tls(Behaviour::default(), Certificate::Good))
}

fn with_password(url: &str) -> String {
    url.replace("://", "://user:proxy-pass@")
}

/// A call with this proxy, and what it did: the exit, the message without what differs between runs, and the
/// connections that the proxy got.
struct Run {
    outcome: String,
    says: String,
    connections: usize,
}

#[track_caller]
fn run(scene: &Scene, call: Call, value: &str, tries: Tries, proxy: Option<&Proxy>) -> Run {
    let call = call.env("HTTPS_PROXY", value).json_errors().args(["--timeout", tries.timeout()]);
    let done = call.run_unchecked();
    done.leaks_nothing(["proxy-pass"]);
    let (outcome, says) = seen::outcome(&done, &scene.server.tokens());
    let says = says.replace(&scene.server.login_url().replace("https://", ""), "HOST");
    let address = value.split(['@', '/']).next_back().expect("an address");
    let says = says.replace(address, "PROXY");
    // The rest is the C library's, and the network's.
    let ends = [" (os error ", ": Name or service", ": Temporary failure"];
    let says =
        ends.iter().fold(says.as_str(), |says, end| says.split(end).next().unwrap_or_default()).to_owned();
    if outcome != "token" {
        assert!(says.contains("the proxy "), "the proxy is to blame: {done:?}");
        assert_eq!(scene.server.log().len(), 0, "{done:?}");
    }
    Run { outcome, says, connections: proxy.map_or(0, Proxy::connections) }
}

fn line(fault: &str, run: &Run, connections: &str, tries: &str) -> String {
    format!("| {fault} | {} | {} | {connections} | {tries} |\n", run.outcome, run.says)
}

/// A fault of a proxy that counts its connections. A failed attempt asks once or twice more for the reason.
fn counted(fault: &str, proxy: &Proxy, value: &str, tries: Tries) -> String {
    let scene = scene();
    let run = run(&scene, trusting_both(&scene, proxy), value, tries, Some(proxy));
    let connections = match tries {
        Tries::AtOnce => {
            assert!((2..=3).contains(&run.connections), "{fault}: {}", run.connections);
            "2 or 3".to_owned()
        }
        Tries::UntilTheDeadline => {
            assert!(run.connections > 3, "{fault}: {}", run.connections);
            "several".to_owned()
        }
        Tries::Waits => {
            assert_eq!(run.connections, 1, "{fault}");
            "1 for each attempt".to_owned()
        }
    };
    line(fault, &run, &connections, tries.words())
}

/// A call that trusts the server's CA and, if it has one, the proxy's.
fn trusting_both(scene: &Scene, proxy: &Proxy) -> Call {
    let call = scene.get();
    if proxy.url().starts_with("http:") {
        return call;
    }
    let both = [scene.server.ca_file(), proxy.ca_file()].map(|file| fs::read_to_string(file).expect("a CA"));
    let path = scene.path("both.pem");
    fs::write(&path, both.concat()).expect("a file");
    call.env("GENESYS_TOKEN_CA_CERT", path)
}

/// A fault in which there is no proxy to count. `strace` counts the attempts by the system calls of which `is_attempt`.
fn traced(fault: &str, value: &str, is_attempt: fn(&str) -> bool) -> String {
    let scene = scene();
    let file = scene.path("trace");
    let name = file.display().to_string();
    let words = ["strace", "--follow-forks", "--trace=connect,openat", "--output", &name];
    let run = run(&scene, scene.get().under(words), value, Tries::UntilTheDeadline, None);
    let trace = fs::read_to_string(&file).expect("a trace");
    let attempts = trace.lines().filter(|line| is_attempt(line)).count();
    assert!(attempts >= 2, "{fault}: {attempts}");
    line(fault, &run, "several", Tries::UntilTheDeadline.words())
}

#[test]
fn the_proxy_is_blamed_for_what_the_proxy_does() {
    let mut rows = String::new();
    rows.push_str(&traced("nothing listens at its address", &refused_url(), |line| {
        line.contains("connect(") && line.contains("ECONNREFUSED") || line.contains("EINPROGRESS")
    }));
    rows.push_str(&traced("its name has no address", "http://no-such-host.invalid:3128", |line| {
        line.contains("\"/etc/hosts\"")
    }));
    let plain = |behaviour| Proxy::start(behaviour);
    let tls = |behaviour| Proxy::start_tls(behaviour, Certificate::Good);
    for (fault, proxy, value, tries) in [
        ("it answers HTTP 403", plain(ProxyBehaviour::Refuse(403)), None, Tries::AtOnce),
        (
            "it answers HTTP 407, and its URL has user and password",
            plain(ProxyBehaviour::Refuse(407)),
            Some(with_password as fn(&str) -> String),
            Tries::AtOnce,
        ),
        (
            "it answers HTTP 407, and its URL has none",
            plain(ProxyBehaviour::Refuse(407)),
            None,
            Tries::AtOnce,
        ),
        (
            "it answers HTTP 407, and offers NTLM and Negotiate only",
            plain(ProxyBehaviour::Challenge(&["Negotiate", "NTLM"])),
            Some(with_password),
            Tries::AtOnce,
        ),
        ("it answers HTTP 502", plain(ProxyBehaviour::Refuse(502)), None, Tries::UntilTheDeadline),
        ("it answers HTTP 503", plain(ProxyBehaviour::Refuse(503)), None, Tries::UntilTheDeadline),
        (
            "it speaks plain HTTP, and its URL begins with `https://`",
            plain(ProxyBehaviour::Forward),
            Some(|url: &str| url.replace("http:", "https:")),
            Tries::AtOnce,
        ),
        (
            "it speaks TLS, and its URL begins with `http://`",
            tls(ProxyBehaviour::Forward),
            Some(|url: &str| url.replace("https:", "http:")),
            Tries::AtOnce,
        ),
        ("it speaks TLS, and answers HTTP 403", tls(ProxyBehaviour::Refuse(403)), None, Tries::AtOnce),
        ("it never answers", plain(ProxyBehaviour::Silent), None, Tries::Waits),
        ("it speaks TLS, and never answers", tls(ProxyBehaviour::Silent), None, Tries::Waits),
        ("it closes the connection", plain(ProxyBehaviour::HangUp), None, Tries::UntilTheDeadline),
    ] {
        let url = value.map_or_else(|| proxy.url(), |change| change(&proxy.url()));
        rows.push_str(&counted(fault, &proxy, &url, tries));
    }
    let exempt = scene();
    let done = run(&exempt, exempt.get().env("NO_PROXY", "localhost"), &refused_url(), Tries::AtOnce, None);
    rows.push_str(&line("nothing listens there, and `NO_PROXY` has the server's host", &done, "0", "—"));
    let done = run(
        &exempt,
        exempt.get().env("NO_PROXY", "localhost").arg("--force-refresh"),
        "socks5://PROXY",
        Tries::AtOnce,
        None,
    );
    rows.push_str(&line("its URL can't be used, and `NO_PROXY` has the server's host", &done, "0", "—"));
    check_table("proxies", HEAD, |_| rows);
}
