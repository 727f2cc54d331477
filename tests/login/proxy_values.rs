//! The values of the proxy variables: the program decides as curl does.

use std::process::Command;

use super::*;

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
enum Decision {
    /// It went through the proxy, with this `Proxy-Authorization`.
    Proxy(Option<String>),
    Direct,
    /// The value can't be used.
    Refused,
}

/// A TLS login server, a proxy that forwards, and the server's URL with a host to judge by `NO_PROXY`.
struct Values {
    scene: Scene,
    proxy: Proxy,
    url: String,
}

impl Values {
    fn at(host: &str) -> Self {
        let (scene, proxy) = (tls(Certificate::Good), Proxy::start(ProxyBehaviour::Forward));
        let url = scene.server.login_url().replace("localhost", host);
        Self { scene, proxy, url }
    }

    /// `value` with the proxy's address in the place of `PROXY`.
    fn value(&self, value: &str) -> String {
        value.replace("PROXY", &self.proxy.url().replace("http://", ""))
    }

    fn decision(&self, before: usize, succeeded: bool) -> Decision {
        match self.proxy.authorizations().get(before) {
            Some(authorization) => Decision::Proxy(authorization.clone()),
            None if succeeded => Decision::Direct,
            None => Decision::Refused,
        }
    }

    fn of_curl(&self, value: &str, no_proxy: &str) -> Decision {
        let before = self.proxy.connects().len();
        let mut curl = Command::new("curl");
        curl.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        curl.env("HTTPS_PROXY", self.value(value)).env("NO_PROXY", no_proxy);
        curl.args(["-sS", "-o", "/dev/null", "--cacert"]).arg(self.scene.server.ca_file()).arg(&self.url);
        let output = curl.output().expect("curl starts");
        self.decision(before, output.status.success())
    }

    fn of_the_program(&self, value: &str, no_proxy: &str) -> Decision {
        let before = self.proxy.connects().len();
        let call = self.scene.get().login_url(&self.url).args(["--no-cache"]);
        let done = call.env("HTTPS_PROXY", self.value(value)).env("NO_PROXY", no_proxy).run_unchecked();
        assert!([0, 2].contains(&done.code), "{value:?}, {no_proxy:?}: {done:?}");
        done.leaks_nothing(self.scene.server.tokens());
        self.decision(before, done.code == 0)
    }

    #[track_caller]
    fn assert_agree(&self, value: &str, no_proxy: &str) -> Decision {
        let curl = self.of_curl(value, no_proxy);
        assert_eq!(self.of_the_program(value, no_proxy), curl, "HTTPS_PROXY={value:?} NO_PROXY={no_proxy:?}");
        curl
    }
}

/// Asserts that curl decides in each of the three ways about some of these, so that no table is empty talk.
#[track_caller]
fn assert_varied(decisions: &[Decision], kinds: usize) {
    let mut seen: Vec<_> = decisions.iter().map(std::mem::discriminant).collect();
    seen.dedup();
    let distinct: std::collections::HashSet<_> = seen.into_iter().collect();
    assert_eq!(distinct.len(), kinds, "{decisions:?}");
}

#[test]
fn a_proxy_value_is_used_or_refused_as_curl_does() {
    let values = Values::at("localhost");
    let decisions = [
        "http://PROXY",
        "PROXY",
        "HTTP://PROXY",
        "http:/PROXY",
        "http:///PROXY",
        "http://PROXY/",
        "http://PROXY/path?query#fragment",
        "http://user@PROXY",
        "http://user:@PROXY",
        "http://:proxy-pass@PROXY",
        "http://user:a:b@PROXY",
        "http://DOMAIN\\user:proxy-pass@PROXY",
        "DOMAIN\\user:proxy\\pass@PROXY",
        "http://DOMAIN%5Cuser:proxy-pass@PROXY",
        "http://user:a%23b%2Fc%3Fd%40e@PROXY",
        "http://user:a%b%zz@PROXY",
        "http://user:\"^|`{}<>'!$&*()=;,+@PROXY",
        "http://user:p\u{e4}ss@PROXY",
        "http://user:a#b@PROXY",
        "http://user:a/b@PROXY",
        "http://user:a?b@PROXY",
        "http://user:a@b@PROXY",
        "http://user:a b@PROXY",
        " http://PROXY",
        "http://PROXY ",
        "http://PROXY\n",
        "\"http://PROXY\"",
        "http://PROXY,http://PROXY",
        "http://PROXY\\path",
        "http:PROXY",
        "//PROXY",
        "://PROXY",
        "http://",
        "http://:3128",
        ":3128",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "http://127.0.0.1:+80",
        "http://[::1",
        "http://[::1]x:80",
        "ftp://PROXY",
        "nonsense://PROXY",
        "",
    ]
    .map(|value| values.assert_agree(value, ""));
    assert_varied(&decisions, 3);
}

#[test]
fn no_proxy_exempts_the_hosts_that_curl_exempts() {
    let values = Values::at("localhost");
    let decisions = [
        "localhost",
        " localhost ",
        "example.com, localhost",
        "example.com ,localhost",
        "example.com localhost",
        "example.com\tlocalhost",
        ",,localhost,",
        "LocalHost",
        "localhost.",
        ".localhost",
        ".localhost.",
        "..localhost",
        "localhost..",
        "*",
        "* ",
        "*,example.com",
        "*localhost",
        "*.localhost",
        "local",
        "host",
        "localhost:443",
        "127.0.0.1",
        "example.com;localhost",
        "http://localhost",
        "",
    ]
    .map(|no_proxy| values.assert_agree("http://PROXY", no_proxy));
    assert_varied(&decisions, 2);
    let values = Values::at("127.0.0.1");
    let decisions = [
        "127.0.0.1",
        "127.0.0.0/8",
        " 10.0.0.0/8 , 127.0.0.0/8 ",
        "10.0.0.0/8",
        "127.",
        "127.*",
        ".127.0.0.1",
        "127.0.0.1.",
        "localhost",
    ]
    .map(|no_proxy| values.assert_agree("http://PROXY", no_proxy));
    assert_varied(&decisions, 2);
}

#[test]
fn a_value_that_can_not_be_used_does_not_matter_to_an_exempt_host() {
    let values = Values::at("localhost");
    for value in ["socks5://127.0.0.1:1080", "nonsense://x", "http://[:proxy-pass@", "http://user:a#b@PROXY"]
    {
        assert_eq!(values.assert_agree(value, "localhost"), Decision::Direct, "{value}");
        let call = values.scene.get().env("HTTPS_PROXY", values.value(value)).env("NO_PROXY", "localhost");
        call.args(["--verify", "--force-refresh"]).fetched("forced").success();
    }
}

#[test]
fn only_the_servers_that_need_the_proxy_judge_its_value() {
    let values = Values::at("localhost");
    let call = || {
        let call = values.scene.get().env("HTTPS_PROXY", "socks5://127.0.0.1:1080");
        // The API host is the same server under another name.
        call.env("NO_PROXY", "localhost")
            .env("GENESYS_TOKEN_API_URL", values.url.replace("localhost", "127.0.0.1"))
    };
    call().fetched("no entry").success();
    let why =
        "cannot tell whether the token is alive: the value of HTTPS_PROXY is not the URL of an HTTP proxy";
    call().arg("--verify").reused().warns(why).success();
}

#[test]
fn a_password_that_ends_the_url_is_told_how_to_write_its_characters() {
    let values = Values::at("localhost");
    for character in ["#", "/", "?", "@"] {
        let value = values.value(&format!("http://user:12{character}proxy-pass@PROXY"));
        let call = values.scene.get().env("HTTPS_PROXY", value);
        let error = call.refused_hiding(Category::Usage, ["proxy-pass", "user:12"]);
        assert_eq!(error.message, "the value of HTTPS_PROXY is not the URL of an HTTP proxy");
        assert!(error.hint().contains("%23, %2F, %3F and %40"), "{error:?}");
    }
    assert_eq!(values.proxy.connects().len(), 0);
}

#[test]
fn a_password_that_no_header_can_carry_is_refused_and_the_proxy_not_bypassed() {
    let values = Values::at("localhost");
    for value in ["http://user:a%0ab@PROXY", "http://user:a%00b@PROXY"] {
        // curl goes around such a proxy.
        assert_eq!(values.of_the_program(value, ""), Decision::Refused, "{value}");
    }
}
