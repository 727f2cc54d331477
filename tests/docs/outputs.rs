//! Blocks that quote the program. Each check makes the program print the message, and compares it line by line.

use std::fs;
use std::iter::zip;
use std::time::Duration;

use loopback_login_server::{
    Answer, Behaviour, CLIENT_SECRET, Certificate, LoginServer, ORGANIZATION, Proxy, ProxyBehaviour,
};

use crate::harness::redis_server::RedisServer;
use crate::harness::{Call, Done, entry, together};
use crate::pages::{Block, blocks};
use crate::scene::Scene;

const DAY: Duration = Duration::from_hours(24);
const ERROR: &str = "genesys-token: error: *\n  …\n";
const FETCHED: &str = "fetched token of client 1111…5555 at HOST, * left (no entry)";
const WARNING: &str = "; warning: ";

/// Whether a word is a time as the program writes it: `23h`, `0.2s`.
fn is_time(word: &str) -> bool {
    let number = word.strip_suffix(['h', 'm', 's']);
    number.is_some_and(|number| {
        number.parse::<f64>().is_ok() && number.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// A line with `TIME` instead of every time.
fn without_times(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let bare = word.trim_matches(['(', ')', ',', ':']);
        if is_time(bare) { word.replace(bare, "TIME") } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ").replace("TIME TIME", "TIME")
}

/// A line of a page with `HOST` instead of every Genesys host.
fn quoted(line: &str) -> String {
    let hosts = ["login.mypurecloud.de", "login.mypurecloud.com", "mypurecloud.de"];
    without_times(&hosts.iter().fold(line.to_owned(), |line, host| line.replace(host, "HOST")))
}

/// Fails unless the lines of the block are the first ones of `lines`. An error, a warning and a line with `…` at its
/// end may be the beginning of the real one.
#[track_caller]
fn assert_quoted<S: AsRef<str>>(block: &Block, lines: impl IntoIterator<Item = S>) {
    let lines: Vec<String> = lines.into_iter().map(|line| without_times(line.as_ref())).collect();
    let quotes: Vec<String> = block.text.lines().map(quoted).collect();
    assert!(!quotes.is_empty() && quotes.len() <= lines.len(), "{block}: {lines:#?}");
    for (quote, line) in zip(&quotes, &lines) {
        let is_whole =
            quote.starts_with("genesys-token: ") && !quote.contains(" error: ") && !quote.ends_with('…');
        let is_same = if is_whole { line == quote } else { line.starts_with(quote.trim_end_matches('…')) };
        assert!(is_same, "{block}:\nthe page has        {quote}\nthe program prints  {line}");
    }
}

/// The stderr of a call in `scene`, with `HOST` instead of the loopback server.
fn stderr(scene: &Scene, done: &Done) -> String {
    scene.get().normalized(&done.stderr)
}

/// The warnings in the line of a successful call.
fn warnings(line: &str) -> impl Iterator<Item = &str> {
    line.trim_end().split(WARNING).skip(1)
}

/// Runs a call that fails with an error.
#[track_caller]
fn assert_error_quoted(block: &Block, scene: &Scene, call: Call, code: i32) {
    assert_quoted(block, stderr(scene, &call.stderr(ERROR).exit(code)).lines());
}

fn over_tls(certificate: Certificate) -> Scene {
    Scene::of(LoginServer::start_tls(Behaviour::default(), certificate))
}

/// Time left: in the advisory window, as the page quotes it. A slow machine may take some of it.
const ADVISORY: Duration = Duration::from_secs(19 * 60 + 49);

/// Caches a token of a day that is in its advisory window.
fn cache_token_in_advisory_window(scene: &Scene) {
    entry::put(&scene.cache(), &scene.server.login_url(), "old-token", DAY.saturating_sub(ADVISORY), DAY);
}

pub(crate) fn the_first_call_fetches_and_the_second_one_reuses(block: &Block) {
    let scene = Scene::new();
    let first = scene.get().fetched("no entry").success();
    let second = scene.get().reused().success();
    assert_quoted(block, (stderr(&scene, &first) + &stderr(&scene, &second)).lines());
}

pub(crate) fn a_call_before_a_rate_limit_says_what_it_waits_for(block: &Block) {
    let scene = Scene::answering(Answer::RateLimitedFor(Duration::from_secs(5)));
    let done = scene.get().fetched("no entry").success();
    assert_quoted(block, done.waited_for.iter().map(|what| format!("genesys-token: waiting for {what}")));
}

pub(crate) fn a_verbose_call_says_how_each_request_ended(block: &Block) {
    let scene = Scene::answering(Answer::FailTimes(1, 503));
    let done = scene.get().arg("-v").any_stderr().prints_token().success();
    assert_quoted(block, stderr(&scene, &done).lines());
}

pub(crate) fn a_call_that_says_everything_names_its_decisions(block: &Block) {
    let scene = Scene::new();
    let done = scene.get().arg("-vv").any_stderr().prints_token().success();
    let shown = stderr(&scene, &done).replace("host: HOST,", "host: HOST:443,");
    // The first line names the file of the entry.
    assert_quoted(block, shown.lines().skip(1));
}

pub(crate) fn a_token_in_its_advisory_window_is_refreshed(block: &Block) {
    let scene = Scene::new();
    cache_token_in_advisory_window(&scene);
    assert_quoted(block, stderr(&scene, &scene.get().fetched("expires in 19m *").success()).lines());
}

pub(crate) fn one_of_forty_calls_fetches_and_the_others_wait(block: &Block) {
    let scene = Scene::with(Behaviour { delay: Duration::from_secs(3), ..Behaviour::default() });
    let call = scene.get().provided("* token of client 1111…5555 at HOST, * left (*)");
    let done = together((0..40).map(|_| call.clone()));
    let mut lines: Vec<String> = done.iter().map(|done| stderr(&scene, done)).collect();
    lines.sort_by_key(|line| line.contains("reused"));
    for other in &lines[1..] {
        assert_quoted(block, (lines[0].clone() + other).lines());
    }
    assert_eq!(scene.server.token_requests(), 1);
}

pub(crate) fn a_failed_refresh_leaves_the_old_token_with_a_warning(block: &Block) {
    let scene = Scene::answering(Answer::Status(503, String::new(), "text/html".to_owned()));
    cache_token_in_advisory_window(&scene);
    let line = "reused token of client 1111…5555 at HOST, 19m * left; warning: \
                the token could not be refreshed, 19m * left: *";
    let done = scene.get().stdout("old-token\n").provided(line).success();
    assert_quoted(block, warnings(&stderr(&scene, &done)));
}

pub(crate) fn the_first_stage_fetches(block: &Block) {
    let scene = Scene::new();
    assert_quoted(block, stderr(&scene, &scene.bound("").fetched("no entry").success()).lines());
}

pub(crate) fn the_second_stage_reuses_and_masks(block: &Block) {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let lines = "genesys-token: reused token of client 1111…5555 at HOST, * left\n\
                 genesys-token: reused the bound token, * left\n";
    let call = scene.bound("genesys-token exec -- printenv GENESYSCLOUD_ACCESS_TOKEN");
    let done = call.stderr(lines).stdout("*\n").success();
    let console = stderr(&scene, &done) + &done.stdout;
    assert_quoted(block, console.lines());
    assert_eq!(done.stdout, "****\n");
    assert_eq!(console.lines().count(), block.text.lines().count(), "{console}");
}

pub(crate) fn the_next_agent_of_a_build_takes_the_token(block: &Block) {
    let scene = Scene::new();
    let first = scene.bind_on("first", "").fetched("no entry").success();
    let entry = first.stdout.lines().find_map(|line| line.strip_prefix("GENESYS_TOKEN_ENTRY="));
    let second = scene.bind_on("second", entry.expect("an entry")).any_stderr().success();
    assert_quoted(block, stderr(&scene, &second).lines());
}

pub(crate) fn another_machine_takes_the_token_of_the_shared_cache(block: &Block) {
    let (scene, redis) = (Scene::new(), RedisServer::start());
    let on = |machine: &str| {
        let call = scene.get().cache(&scene.path(machine));
        call.env("GENESYS_TOKEN_SHARED_CACHE", format!("redis://127.0.0.1:{}", redis.port()))
    };
    on("first").fetched("no entry").success();
    let second = on("second").any_stdout().any_stderr().success();
    assert_quoted(block, stderr(&scene, &second).lines());
}

pub(crate) fn an_unknown_client_is_not_found(block: &Block) {
    let scene = Scene::new();
    let call = scene.get().credential("11111111-0000-0000-0000-000000005555", CLIENT_SECRET);
    assert_error_quoted(block, &scene, call, 4);
}

pub(crate) fn a_bad_request_may_have_no_oauth_error(block: &Block) {
    let page = "<html>Bad Request</html>".to_owned();
    let scene = Scene::answering(Answer::Status(400, page, "text/html".to_owned()));
    assert_error_quoted(block, &scene, scene.get(), 6);
}

pub(crate) fn a_rate_limit_longer_than_the_deadline_is_an_error(block: &Block) {
    let scene = Scene::answering(Answer::RateLimitedFor(DAY));
    assert_error_quoted(block, &scene, scene.get().args(["--timeout", "2s"]), 5);
}

pub(crate) fn a_space_in_the_secret_is_refused_by_its_position(block: &Block) {
    let scene = Scene::new();
    let call = scene.get().env("GENESYSCLOUD_OAUTHCLIENT_SECRET", format!("{CLIENT_SECRET} "));
    assert_error_quoted(block, &scene, call, 3);
}

pub(crate) fn an_unknown_ca_is_not_trusted(block: &Block) {
    let scene = over_tls(Certificate::UnknownCa);
    let done = scene.get().stderr(ERROR).exit(6);
    let shown = stderr(&scene, &done).replace("CN=loopback CA", "CN=Example Proxy CA");
    assert_quoted(block, shown.lines());
}

pub(crate) fn a_proxy_requires_authentication(block: &Block) {
    let (scene, proxy) = (over_tls(Certificate::Good), Proxy::start(ProxyBehaviour::Refuse(407)));
    let done = scene.get().env("HTTPS_PROXY", proxy.url()).stderr(ERROR).exit(6);
    let shown = stderr(&scene, &done).replace(&proxy.url().replace("http://", ""), "proxy.example:3128");
    assert_quoted(block, shown.lines());
}

pub(crate) fn a_token_of_another_organisation_is_refused(block: &Block) {
    let scene = Scene::new();
    let done = scene.get().args(["--expect-org", "Acme"]).stderr(ERROR).exit(9);
    let shown = stderr(&scene, &done).replace(ORGANIZATION, "Acme Test");
    assert_quoted(block, shown.lines());
}

pub(crate) fn a_scope_that_genesys_does_not_know_is_a_warning(block: &Block) {
    let scene = Scene::new();
    let call = scene.get().args(["--scope", "login:read routing:queue:edit"]);
    let line = format!("{FETCHED}{WARNING}the scope login:read *{WARNING}the scope routing:queue:edit *");
    assert_quoted(block, warnings(&stderr(&scene, &call.provided(&line).success())));
}

pub(crate) fn a_cache_that_can_not_be_used_is_a_warning(block: &Block) {
    let scene = Scene::new();
    fs::write(scene.cache(), "a file in the place of the directory").expect("a file");
    let done = scene.get().provided(&format!("{FETCHED}{WARNING}no cache: *")).success();
    assert_quoted(block, stderr(&scene, &done).lines());
}

/// Runs the mistake that the recipes warn of, with a trace, and the token that the block begins to show.
pub(crate) fn the_trace_of_the_mistake_is_in_the_console(block: &Block) {
    let shown = block.text.trim_end().trim_end_matches('…');
    let shown = shown.rsplit(' ').next().expect("the token is the last word");
    let token = format!("{shown}-and-the-rest-of-it");
    let scene = Scene::with(Behaviour { token: Some(token.clone()), ..Behaviour::default() });
    let is_mistake = |block: &&Block| block.page == "docs/recipes.md" && block.language == "sh";
    let blocks = blocks();
    let mistake = blocks.iter().find(is_mistake).expect("the recipes have this mistake");
    let call = scene.bound(&format!("set -x\n{}", mistake.text));
    let lines = format!(
        "genesys-token: {FETCHED}\n+ cat */block/token\n\
         + curl -fsS -H Authorization: Bearer {token} HOST/api/v2/tokens/me\n"
    );
    let done = call.stdout("{*}").stderr(lines).success();
    let stderr = stderr(&scene, &done);
    assert_quoted(block, stderr.lines().filter(|line| line.starts_with("+ curl")));
}
