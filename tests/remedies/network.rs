//! What is between this machine and the login server: a proxy, a CA, and the clock by which certificates are valid.

use loopback_login_server::{Certificate, Proxy, ProxyBehaviour};

use crate::harness::faketime::{self, Faketime};
use crate::over_tls;
use crate::row::{Row, fails};
use crate::table::check;

#[test]
fn a_way_that_is_closed_says_who_opens_it() {
    check(
        "network",
        &[
            proxy_that_refuses(),
            unknown_ca(),
            clock("the clock is a day behind", "-1d"),
            clock("the clock is a day ahead", "+1d"),
        ],
    );
}

fn proxy_that_refuses() -> Row {
    let (scene, proxy) = (over_tls(Certificate::Good), Proxy::start(ProxyBehaviour::Refuse(403)));
    let call = scene.get().env("HTTPS_PROXY", proxy.url());
    let wrong = fails("a proxy that refuses", call.clone(), 6, "have the proxy's operator allow localhost");
    proxy.set(ProxyBehaviour::Forward);
    wrong.after_it(&scene, call)
}

fn unknown_ca() -> Row {
    let scene = over_tls(Certificate::Good);
    let call = scene.get().without("GENESYS_TOKEN_CA_CERT");
    let fix =
        "if that CA is yours, give the CA's certificate in PEM form with --ca-cert or GENESYS_TOKEN_CA_CERT";
    fails("a CA that is not trusted", call.clone(), 6, fix)
        .after_it(&scene, call.arg("--ca-cert").arg(scene.server.ca_file()))
}

fn clock(input: &'static str, by: &str) -> Row {
    let (scene, faketime) = (over_tls(Certificate::OfToday), Faketime::new());
    let file = scene.path("clock");
    faketime::set(&file, by);
    let call = faketime.by(&file, scene.get());
    let wrong = fails(input, call.clone(), 6, "let NTP set this machine's clock");
    faketime::set(&file, "+0");
    wrong.after_it(&scene, call)
}
