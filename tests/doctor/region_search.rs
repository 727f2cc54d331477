//! `doctor --find-region`: which region knows the client.

use std::time::{Duration, Instant};

use genesys_token::base_url::BaseUrl;
use genesys_token::client::{Client, ClientId, ClientSecret};
use genesys_token::doctor::{Candidate, Deadline, candidates, find_region, region_exit_code, region_report};
use genesys_token::error::Category;
use genesys_token::log::NoLog;
use genesys_token::login::Transport;
use genesys_token::region::{Region, is_genesys_host};
use genesys_token::time::SystemClock;
use loopback_login_server::{Answer, Behaviour, CLIENT_ID, CLIENT_SECRET, LoginServer, refused_url};

use crate::harness::{Call, basic_credentials, genesys_token};

const ID: &str = "99999999-8888-7777-6666-555555555555";

/// A login server for each region.
struct Regions {
    servers: Vec<LoginServer>,
    candidates: Vec<Candidate>,
    client: Client,
}

fn base_url(text: &str) -> BaseUrl {
    BaseUrl::parse(text).expect("a base URL")
}

impl Regions {
    fn new(delay: Duration) -> Self {
        let behaviour = Behaviour { delay, ..Behaviour::default() };
        let servers: Vec<LoginServer> =
            Region::all().iter().map(|_| LoginServer::start(behaviour.clone())).collect();
        let candidate = |(region, server): (_, &LoginServer)| Candidate {
            region,
            login_url: base_url(&server.login_url()),
            api_url: base_url(&server.api_url()),
        };
        let candidates = Region::all().iter().zip(&servers).map(candidate).collect();
        let secret = ClientSecret::parse("y".repeat(43)).expect("a secret").0;
        Self { servers, candidates, client: Client { id: ClientId::parse(ID).expect("an id").0, secret } }
    }

    /// Adds the client to the server of the region with this index.
    fn add_client(&self, region: usize) {
        self.servers[region].add_client(ID, self.client.secret.expose());
    }

    /// The report and the exit code of a search.
    fn search(&self) -> (String, i32) {
        let transport = Transport { is_plain_http: true, ..Transport::default() };
        let clock = SystemClock::start();
        let deadline = Deadline { clock: &clock, timeout: Duration::from_secs(10), log: &NoLog };
        let answers = find_region(&self.client, &transport, &self.candidates, &deadline);
        (region_report(&self.client.id, &answers), region_exit_code(&answers))
    }
}

#[test]
fn the_region_that_knows_the_client_is_found_and_its_token_ended() {
    let delay = Duration::from_secs(1);
    let regions = Regions::new(delay);
    regions.add_client(8);
    let started_at = Instant::now();
    let (report, code) = regions.search();
    // No measure of speed: requests one after the other would take eighteen times the delay.
    assert!(started_at.elapsed() < delay * 4, "{:?}", started_at.elapsed());
    assert_eq!(report, "✓ eu-central-1 (mypurecloud.de) knows client 9999…5555 and gave a token\n");
    assert_eq!(code, 0);
    assert!(regions.servers.iter().all(|server| server.token_requests() == 1));
    assert_eq!(regions.servers[8].log().last().expect("a request").method, "DELETE");
}

#[test]
fn a_client_that_no_region_knows_is_rejected() {
    let (report, code) = Regions::new(Duration::ZERO).search();
    let count = Region::all().len();
    assert_eq!(report, format!("✗ none of the {count} regions that answered knows client 9999…5555\n"));
    assert_eq!(code, 4);
}

#[test]
fn a_region_that_knows_the_client_by_another_secret_is_found() {
    let regions = Regions::new(Duration::ZERO);
    regions.servers[3].add_client(ID, "another");
    let (report, code) = regions.search();
    let expected = "! ca-central-1 (cac1.pure.cloud) seems to know client 9999…5555: ";
    assert!(report.starts_with(expected) && report.lines().count() == 1, "{report}");
    assert_eq!(code, 0);
}

#[test]
fn a_region_that_does_not_answer_does_not_stop_the_search() {
    let mut regions = Regions::new(Duration::ZERO);
    regions.add_client(0);
    regions.candidates[5].login_url = base_url(&refused_url());
    let (report, code) = regions.search();
    let lines: Vec<&str> = report.lines().collect();
    let [found, silent] = lines[..] else { panic!("{report}") };
    assert_eq!(found, "✓ us-east-1 (mypurecloud.com) knows client 9999…5555 and gave a token");
    assert!(silent.starts_with("- mx-central-1 (mxc1.pure.cloud) did not say: cannot reach "), "{report}");
    assert_eq!(code, 0);
}

#[test]
fn the_refusal_of_a_gateway_is_no_answer_about_the_client() {
    let regions = Regions::new(Duration::ZERO);
    let answer =
        Answer::OAuthError { status: 403, error: "access_denied".to_owned(), description: String::new() };
    for server in &regions.servers {
        server.set(Behaviour::answering(answer.clone()));
    }
    let (report, code) = regions.search();
    assert!(report.ends_with("✗ no region could be asked: check the network and the proxy\n"), "{report}");
    assert_eq!(code, 6, "{report}");
}

fn search_with(secret: &str) -> Call {
    genesys_token().doctor().credential(CLIENT_ID, secret).arg("--find-region")
}

#[test]
fn a_credential_that_can_not_be_right_is_sent_to_no_region() {
    let error = search_with(&basic_credentials()).refused(Category::Credentials);
    assert_eq!(error.hint(), "no region would know it; give the secret alone, as Genesys shows it");
}

#[test]
fn a_proxy_or_a_ca_file_that_can_not_be_used_stops_the_search() {
    for (variable, value) in [("HTTPS_PROXY", "socks5://x"), ("SSL_CERT_FILE", "/no/file")] {
        search_with(CLIENT_SECRET).env(variable, value).refused(Category::Usage);
    }
}

#[test]
fn a_search_asks_genesys_own_hosts_and_no_others() {
    let all = candidates();
    assert_eq!(all.len(), Region::all().len());
    for Candidate { login_url, api_url, .. } in all {
        for url in [login_url, api_url] {
            assert!(url.is_https() && is_genesys_host(url.host()), "{url:?}");
        }
    }
}
