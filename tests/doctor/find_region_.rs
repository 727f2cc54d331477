//! Which region knows the client.

use super::*;

/// Eighteen login servers, of which one knows the client.
fn regions(home: Option<usize>, delay: Duration) -> (Vec<LoginServer>, Vec<Candidate>, Client) {
    let (id, secret) = ("99999999-8888-7777-6666-555555555555", "y".repeat(43));
    let servers: Vec<LoginServer> =
        REGIONS.iter().map(|_| LoginServer::start(Behaviour { delay, ..Behaviour::default() })).collect();
    if let Some(home) = home {
        servers[home].add_client(id, &secret);
    }
    let candidate = |(region, server): (_, &LoginServer)| Candidate {
        region,
        login_url: server.login_url(),
        api_url: server.api_url(),
    };
    let candidates = REGIONS.iter().zip(&servers).map(candidate).collect();
    let client = Client { id: ClientId::clean(id).expect("an id").0, secret: Secret::from(secret.as_str()) };
    (servers, candidates, client)
}

fn ask(client: &Client, candidates: &[Candidate]) -> (String, u8) {
    let route = Route { plain: true, ..Route::default() };
    let clock = SystemClock::start();
    let deadline = Deadline { clock: &clock, timeout: Duration::from_secs(10) };
    let findings = find_region(client, &route, candidates, &deadline);
    (report(&client.id, &findings), exit_code(&findings))
}

#[test]
fn names_the_one_that_knows_the_client_and_ends_its_token() {
    let delay = Duration::from_secs(1);
    let (servers, candidates, client) = regions(Some(8), delay);
    let before = Instant::now();
    let (text, code) = ask(&client, &candidates);
    // Not a measure of speed: one after the other they would take eighteen times the delay.
    assert!(before.elapsed() < delay * 4, "{:?}", before.elapsed());
    assert_eq!(code, 0);
    assert_eq!(text, "✓ eu-central-1 (mypurecloud.de) knows client 9999…5555 and gave a token\n");
    assert!(servers.iter().all(|server| server.token_requests() == 1));
    assert_eq!(servers[8].log().last().expect("a request").method, "DELETE");
}

#[test]
fn tells_a_wrong_secret_from_a_wrong_region() {
    let (servers, candidates, client) = regions(None, Duration::ZERO);
    let (text, code) = ask(&client, &candidates);
    assert_eq!(code, 4);
    assert_eq!(text, "✗ none of the 18 regions that answered knows client 9999…5555\n");
    servers[3].add_client(client.id.as_str(), "another");
    let (text, code) = ask(&client, &candidates);
    assert_eq!(code, 0);
    assert!(text.starts_with("! ca-central-1 (cac1.pure.cloud) seems to know client 9999…5555: "), "{text}");
}

#[test]
fn goes_on_without_those_that_do_not_answer() {
    let (_servers, mut candidates, client) = regions(Some(0), Duration::ZERO);
    candidates[5].login_url = refused_url();
    let (text, code) = ask(&client, &candidates);
    assert_eq!((code, text.lines().count()), (0, 2), "{text}");
    assert!(text.contains("- mx-central-1 (mxc1.pure.cloud) did not say: cannot reach"), "{text}");
}

#[test]
fn takes_a_gateway_s_refusal_for_no_answer() {
    let (servers, candidates, client) = regions(None, Duration::ZERO);
    let answer =
        Answer::OAuthError { status: 403, error: "access_denied".to_owned(), description: String::new() };
    for server in &servers {
        server.set(Behaviour::answering(answer.clone()));
    }
    let (text, code) = ask(&client, &candidates);
    assert_eq!(code, 6, "{text}");
    assert!(text.ends_with("✗ no region could be asked: check the network and the proxy\n"), "{text}");
}

#[test]
fn sends_no_credential_that_can_not_be_right_and_uses_no_proxy_that_is_none() {
    for (call, code) in [
        (Call::bare("doctor").credential(CLIENT_ID, &basic()), 3),
        (Call::bare("doctor").credential(CLIENT_ID, CLIENT_SECRET).env("HTTPS_PROXY", "socks5://x"), 2),
        (Call::bare("doctor").credential(CLIENT_ID, CLIENT_SECRET).env("SSL_CERT_FILE", "/no/file"), 2),
    ] {
        let done = call.args(["--find-region", "--error-format", "json"]).run();
        assert_eq!(done.code, code, "{done:?}");
        done.refused();
    }
}

#[test]
fn asks_genesys_own_hosts_and_no_other() {
    let all = candidates();
    assert_eq!(all.len(), 18);
    for Candidate { login_url, api_url, .. } in all {
        for url in [login_url, api_url] {
            let host = url.strip_prefix("https://").expect("https");
            assert!(genesys_token::region::is_genesys_host(host), "{host}");
        }
    }
}
