//! Blocks that quote the program. The situation is made for real, and what it says is compared line by line.

use std::fs;
use std::iter::zip;
use std::path::Path;
use std::time::Duration;

use genesys_token::broker::{Verdict, Wishes, judge};
use genesys_token::time::{Timestamp, parse_duration};
use genesys_token::token::Lifetime;
use loopback_login_server::{
    Answer, Behaviour, CLIENT_SECRET, Certificate, LoginServer, Proxy, ProxyBehaviour,
};

use crate::harness::{Call, Done, cached, together};
use crate::pages::{Block, blocks};
use crate::scene::Scene;

const DAY: Duration = Duration::from_secs(86_400);
/// What a line says of the loopback server in any situation, and what no page has to.
const FOREIGN: &str = "is not Genesys' own host";
const WARNING: &str = "; warning: ";

/// A time as the program writes it: `23h`, `0.2s`.
fn is_time(word: &str) -> bool {
    let number = word.strip_suffix(['h', 'm', 's']);
    number.is_some_and(|number| {
        number.parse::<f64>().is_ok() && number.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// A line with `TIME` for every time.
fn without_times(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let bare = word.trim_matches(['(', ')', ',', ':']);
        if is_time(bare) { word.replace(bare, "TIME") } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ").replace("TIME TIME", "TIME")
}

/// A quoted line with `HOST` for every Genesys host.
fn quoted(line: &str) -> String {
    let hosts = ["login.mypurecloud.de", "login.mypurecloud.com", "mypurecloud.de"];
    without_times(&hosts.iter().fold(line.to_owned(), |line, host| line.replace(host, "HOST")))
}

/// A real line with `HOST` for the loopback server, and nothing of its being no host of Genesys'.
fn real(line: &str, server: &LoginServer) -> String {
    let parts: Vec<&str> = line.split(WARNING).filter(|part| !part.contains(FOREIGN)).collect();
    let url = server.login_url();
    let host = url.split("://").nth(1).expect("a URL has a host");
    without_times(&parts.join(WARNING).replace(&format!("http://{host}"), "HOST").replace(host, "HOST"))
}

/// Fails unless `lines` begin with those of the block. Only of errors, and where `…` says so, the beginning is enough.
#[track_caller]
fn assert_quoted<'a>(block: &Block, lines: impl IntoIterator<Item = &'a str>, server: &LoginServer) {
    let lines: Vec<String> = lines.into_iter().map(|line| real(line, server)).collect();
    let quotes: Vec<String> = block.text.lines().map(quoted).collect();
    assert!(!quotes.is_empty() && quotes.len() <= lines.len(), "{block}: {lines:#?}");
    for (quote, line) in zip(&quotes, &lines) {
        let whole =
            quote.starts_with("genesys-token: ") && !quote.contains(" error: ") && !quote.ends_with('…');
        let same = if whole { line == quote } else { line.starts_with(quote.trim_end_matches('…')) };
        assert!(same, "{block}:\nthe page says {quote}\nthe program   {line}");
    }
}

/// What a call says when all is well.
#[track_caller]
fn said(done: &Done) -> &str {
    assert_eq!(done.code, 0, "{done:?}");
    done.stderr.lines().next().expect("a line")
}

/// What a call that fails with this exit code says.
#[track_caller]
fn assert_fails(block: &Block, call: Call, code: i32, server: &LoginServer) {
    let done = call.run();
    assert_eq!(done.code, code, "{done:?}");
    assert_quoted(block, done.stderr.lines(), server);
}

/// The warnings in the line of a call that went well.
fn warnings(done: &Done) -> impl Iterator<Item = &str> {
    said(done).split(WARNING).skip(1).filter(|warning| !warning.contains(FOREIGN))
}

fn answering(answer: Answer) -> Scene {
    Scene::with(LoginServer::start(Behaviour::answering(answer)))
}

fn over_tls(certificate: Certificate) -> Scene {
    Scene::with(LoginServer::start_tls(Behaviour::default(), certificate))
}

/// Caches a token of a day that has so much left.
fn cache_with_left(scene: &Scene, left: Duration) {
    cached::put(
        &cached::store(&scene.cache(), &scene.server.login_url()),
        "old-token",
        DAY.saturating_sub(left),
        DAY,
    );
}

/// 19 min 49 s, and what a slow machine may take: the soft margin.
const SOFT: Duration = Duration::from_secs(19 * 60 + 49);

pub fn one_call_fetches_and_the_next_reuses(block: &Block) {
    let scene = Scene::new();
    let done = [scene.call("get").run(), scene.call("get").run()];
    assert_quoted(block, done.iter().map(said), &scene.server);
}

pub fn a_token_in_its_soft_margin_is_renewed(block: &Block) {
    let scene = Scene::new();
    cache_with_left(&scene, SOFT);
    assert_quoted(block, [said(&scene.call("get").run())], &scene.server);
}

pub fn of_forty_one_fetches_and_all_others_wait(block: &Block) {
    let scene =
        Scene::with(LoginServer::start(Behaviour { delay: Duration::from_secs(3), ..Behaviour::default() }));
    let mut done = together((0..40).map(|_| scene.call("get")));
    done.sort_by_key(|done| said(done).contains("reused"));
    for other in &done[1..] {
        assert_quoted(block, [said(&done[0]), said(other)], &scene.server);
    }
    assert_eq!(scene.server.token_requests(), 1);
}

pub fn the_old_token_goes_on_when_the_server_fails(block: &Block) {
    let scene = answering(Answer::Status(503, String::new(), "text/html".to_owned()));
    cache_with_left(&scene, SOFT);
    let done = scene.call("get").run();
    assert_eq!(done.token(), "old-token");
    assert_quoted(block, warnings(&done), &scene.server);
}

/// As the two stages of the first pipeline do.
pub fn the_first_stage_fetches(block: &Block) {
    let scene = Scene::new();
    assert_quoted(block, scene.bound("").stderr.lines(), &scene.server);
}

pub fn the_second_stage_reuses_and_masks(block: &Block) {
    let scene = Scene::new();
    scene.call("get").run();
    let done = scene.bound("genesys-token exec -- printenv GENESYSCLOUD_ACCESS_TOKEN");
    let seen = done.stderr.clone() + &done.stdout;
    assert_quoted(block, seen.lines(), &scene.server);
    assert_eq!(seen.lines().count(), block.text.lines().count(), "{seen}");
}

pub fn an_unknown_client_is_not_found(block: &Block) {
    let scene = Scene::new();
    let call = scene.call("get").credential("11111111-0000-0000-0000-000000005555", CLIENT_SECRET);
    assert_fails(block, call, 4, &scene.server);
}

pub fn a_bad_request_may_be_no_oauth_error(block: &Block) {
    let scene = answering(Answer::Status(400, "<html>Bad Request</html>".to_owned(), "text/html".to_owned()));
    assert_fails(block, scene.call("get"), 6, &scene.server);
}

pub fn a_limit_outlives_the_deadline(block: &Block) {
    let scene = answering(Answer::RateLimitedFor(DAY));
    assert_fails(block, scene.call("get").args(["--timeout", "2s"]), 5, &scene.server);
}

pub fn a_space_behind_the_secret_is_refused_by_its_place(block: &Block) {
    let scene = Scene::new();
    let call = scene.call("get").env("GENESYSCLOUD_OAUTHCLIENT_SECRET", format!("{CLIENT_SECRET} "));
    assert_fails(block, call, 3, &scene.server);
}

pub fn an_unknown_ca_is_not_trusted(block: &Block) {
    let (scene, stranger) = (over_tls(Certificate::SelfSigned), over_tls(Certificate::Good));
    let call = scene.call("get").env("GENESYS_TOKEN_CA_CERT", stranger.server.ca_file());
    assert_fails(block, call, 6, &scene.server);
}

pub fn a_proxy_wants_a_login(block: &Block) {
    let (scene, proxy) = (over_tls(Certificate::Good), Proxy::start(ProxyBehaviour::Refuse407));
    assert_fails(block, scene.call("get").env("HTTPS_PROXY", proxy.url()), 6, &scene.server);
}

pub fn scopes_that_are_none_are_warned_of(block: &Block) {
    let scene = Scene::new();
    let done = scene.call("get").args(["--scope", "login:read routing:queue:edit"]).run();
    assert_quoted(block, warnings(&done), &scene.server);
}

pub fn a_call_without_a_cache_says_so(block: &Block) {
    let scene = Scene::new();
    fs::write(scene.cache(), "a file in its place").expect("a file");
    assert_quoted(block, [said(&scene.call("get").run())], &scene.server);
}

/// The trace of the mistake that the recipes warn of.
pub fn the_mistake_s_trace_is_in_the_console(block: &Block) {
    let quoted = block.text.trim_end().trim_end_matches('…');
    let token =
        quoted.rsplit(' ').next().expect("the token is the last word").to_owned() + "-and-the-rest-of-it";
    let scene = Scene::with(LoginServer::start(Behaviour { token: Some(token), ..Behaviour::default() }));
    let is_mistake =
        |block: &&Block| Path::new(&block.page).ends_with("recipes.md") && block.language == "sh";
    let blocks = blocks();
    let mistake = blocks.iter().find(is_mistake).expect("the recipes have the mistake to avoid");
    let done = scene.bound(&format!("set -x\n{}", mistake.text));
    let traced: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("+ curl")).collect();
    assert_quoted(block, traced, &scene.server);
}

/// `h + s  ──── 20 min       90 s`: the two times, for tokens of 24 h and of 300 s.
fn times_of(block: &Block, row: &str) -> [Duration; 2] {
    let line = block.text.lines().find(|line| line.trim_start().starts_with(row));
    let line = line.unwrap_or_else(|| panic!("{block} has no row {row}"));
    let times = line.rsplit('─').next().expect("times stand last").replace("min", "m");
    let words: Vec<&str> = times.split_whitespace().collect();
    [words[..2].concat(), words[2..].concat()].map(|time| parse_duration(&time).expect("a time"))
}

fn verdict(whole: Duration, left: Duration) -> Verdict {
    let requested_at = Timestamp::from_secs(0);
    let (received_at, expires_at) = (requested_at, requested_at.plus(whole));
    let now = expires_at.minus(left);
    let wishes = Wishes { began: now, min_ttl: None, force_refresh: false };
    judge(Lifetime { requested_at, received_at, expires_at }, now, &wishes)
}

/// At each line of the picture another verdict begins.
pub fn the_picture_has_the_margins(block: &Block) {
    let second = Duration::from_secs(1);
    let rows = [("h + s", Verdict::Fresh, Verdict::Renew), ("h  ─", Verdict::Renew, Verdict::LastResort)];
    for (row, above, below) in rows {
        for (whole, margin) in zip([DAY, Duration::from_secs(300)], times_of(block, row)) {
            assert_eq!(
                [verdict(whole, margin + second), verdict(whole, margin)],
                [above, below],
                "{row}, {whole:?}"
            );
        }
    }
    for (whole, margin) in zip([DAY, Duration::from_secs(300)], times_of(block, "last resort")) {
        let verdicts = [verdict(whole, margin), verdict(whole, margin.saturating_sub(second))];
        assert_eq!(verdicts, [Verdict::LastResort, Verdict::Useless], "{whole:?}");
    }
}
