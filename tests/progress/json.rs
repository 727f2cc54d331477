//! `--log-format json`: every line is JSON, as `docs/log.schema.json` describes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use genesys_token::log::{Awaited, Subject};
use loopback_login_server::{Answer, Behaviour};
use serde_json::{Map, Value, json};

use crate::harness::clock::FakeClock;
use crate::harness::{Call, Scene, genesys_token};
use crate::limit_requests;
use crate::said::said;

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/log.schema.json");
    serde_json::from_slice(&fs::read(path).expect("the schema")).expect("JSON")
}

/// The lines, each checked against the schema.
#[track_caller]
fn parsed(stderr: &str) -> Vec<Value> {
    let validator = jsonschema::validator_for(&schema()).expect("a schema");
    let line = |line: &str| {
        let json = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let problems: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{problems:?}: {line}");
        json
    };
    stderr.lines().map(line).collect()
}

/// The lines of a call of the compiled program.
#[track_caller]
fn lines_of(call: Call, code: i32) -> Vec<Value> {
    parsed(&call.args(["--log-format", "json"]).any_stdout().any_stderr().exit(code).stderr)
}

/// Its fields, without those that every line has.
fn own_fields(line: &Value) -> Map<String, Value> {
    let mut fields = line.as_object().expect("an object").clone();
    fields.retain(|name, _| !["time", "level", "event"].contains(&name.as_str()));
    fields
}

#[test]
fn the_lines_are_pinned() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    limit_requests(&scene, &clock, Duration::from_secs(5));
    let call = scene.get().args(["--log-format", "json", "-v"]);
    let said = said(&call, &clock, false, 0);
    let text: String = said.iter().map(|said| said.text.as_str()).collect();
    let mut lines = parsed(&text);
    // Not Genesys' own hosts: the login server and the API host.
    lines.retain(|line| line["event"] != "warning");
    for line in &mut lines {
        // When the call woke up is of no interest.
        let time = line["time"].as_str().expect("a time").to_owned();
        assert!(time.starts_with("2027-01-15T08:00:0") && time.ends_with('Z') && time.len() == 24, "{time}");
        line["time"] = json!("TIME");
    }
    let took_ms = lines[2]["took_ms"].clone();
    assert!(took_ms.as_u64().is_some_and(|millis| (5_000..5_200).contains(&millis)), "{took_ms}");
    let message = lines[2]["message"].clone();
    assert_eq!(
        lines,
        [
            json!({
                "time": "TIME", "level": "normal", "event": "waiting",
                "message": "waiting for the login server's rate limit, 3s left",
                "for": "rate_limit", "until": "2027-01-15T08:00:05.000Z", "seconds_left": 3
            }),
            json!({
                "time": "TIME", "level": "verbose", "event": "attempt",
                "message": "attempt 1 brought a token in 0.000s",
                "attempt": 1, "outcome": "token", "took_ms": 0
            }),
            json!({
                "time": "TIME", "level": "normal", "event": "token", "message": message,
                "source": "fetched", "reason": "no entry", "client": "1111…5555", "host": "HOST",
                "seconds_left": 86_399, "took_ms": took_ms
            }),
        ]
    );
    let first = said.iter().find(|said| said.text.contains("waiting")).expect("it waited");
    assert!(first.text.starts_with(r#"{"time":"2027-01-15T08:00:02."#), "{first:?}");
}

#[test]
fn every_line_of_every_level_fits_the_schema() {
    let scene = Scene::answering(Answer::FailTimes(1, 503));
    let debug = |call: Call| lines_of(call.arg("-vv"), 0);
    let mut events = BTreeSet::new();
    // Its first request fails.
    events.extend(debug(scene.get()).iter().map(|line| line["event"].as_str().expect("a name").to_owned()));
    let done = scene.bind_on("first", "").any_stderr().success();
    let offered = done.stdout.lines().find_map(|line| line.strip_prefix("GENESYS_TOKEN_ENTRY="));
    let offered = offered.expect("an entry").to_owned();
    for call in [
        scene.get().arg("--verify"),
        scene.get().arg("--force-refresh"),
        scene.get().arg("--no-cache"),
        scene.bind("block"),
        scene.call("invalidate"),
        scene.get(),
        scene.call("revoke"),
        scene.call("clear").without_credential(),
        scene.bind_on("second", &offered),
    ] {
        events.extend(debug(call).iter().map(|line| line["event"].as_str().expect("a name").to_owned()));
    }
    events.extend(["waiting", "address", "error"].map(str::to_owned));
    let schema = schema();
    let known = schema["properties"]["event"]["enum"].as_array().expect("a list");
    assert_eq!(events, known.iter().map(|name| name.as_str().expect("a name").to_owned()).collect());
}

#[test]
fn the_schema_knows_every_subject_and_every_wait() {
    let schema = schema();
    let known = |pointer: &str| -> BTreeSet<String> {
        let names = schema.pointer(pointer).and_then(Value::as_array).expect("a list");
        names.iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
    };
    let subjects = [
        Subject::Cache,
        Subject::Failure,
        Subject::Lock,
        Subject::Request,
        Subject::Host,
        Subject::Address,
        Subject::Liveness,
    ];
    assert!(known("/properties/event/enum").is_superset(&subjects.map(|s| s.name().to_owned()).into()));
    let awaited = [
        Awaited::AnotherProcess,
        Awaited::RateLimit,
        Awaited::FailurePause,
        Awaited::LoginServer,
        Awaited::LoginServers,
        Awaited::ApiHost,
        Awaited::SharedCache,
    ];
    assert_eq!(known("/properties/for/enum"), awaited.map(|awaited| awaited.name().to_owned()).into());
}

#[test]
fn an_error_has_the_fields_that_error_format_gives_it() {
    let scene = Scene::answering(Answer::OAuthError {
        status: 400,
        error: "invalid_client".to_owned(),
        description: "client not found".to_owned(),
    });
    let without_id = |call: Call, format: &str| {
        let done = call.args([format, "json"]).any_stderr().run_unchecked();
        let mut line = done.stderr.trim_end().to_owned();
        // In the message, and in the server's words.
        while let Some((before, after)) = line.split_once("(ININ-Correlation-Id ") {
            let (_, after) = after.split_once(')').expect("an end");
            line = [before, after].concat();
        }
        serde_json::from_str::<Value>(&line).unwrap_or_else(|_| panic!("{done:?}"))
    };
    let calls = [
        scene.get(),
        scene.get().args(["--region", "mars"]),
        scene.get().arg("--no-such-flag"),
        genesys_token().get(),
        scene.exec(["/no/such/command"]).cache(scene.dir()).args(["--min-ttl", "x"]),
    ];
    for call in calls {
        let line = without_id(call.clone(), "--log-format");
        assert_eq!((&line["level"], &line["event"]), (&json!("error"), &json!("error")));
        parsed(&line.to_string());
        let error = without_id(call, "--error-format");
        assert_eq!(own_fields(&line), *error.as_object().expect("an object"));
    }
}

#[test]
fn warnings_are_lines_of_their_own_and_a_quiet_call_has_only_errors() {
    let scene = Scene::with(Behaviour { scope: Some("a".to_owned()), ..Behaviour::default() });
    let call = scene.get().args(["--scope", "a b"]);
    let lines = lines_of(call, 0);
    let warnings: Vec<&Value> = lines.iter().filter(|line| line["level"] == "warning").collect();
    let missing = json!("requested scopes that were not granted: b");
    assert!(warnings.iter().any(|line| line["message"] == missing), "{lines:#?}");
    assert_eq!(lines.last().expect("the last line")["event"], "token");
    assert_eq!(lines_of(scene.get().arg("-q"), 0), [] as [Value; 0]);
    assert_eq!(lines_of(scene.get().args(["-q", "--region", "mars"]), 2).len(), 1);
}

#[test]
fn a_terminal_is_no_reason_to_rewrite_lines_of_json() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    limit_requests(&scene, &clock, Duration::from_secs(5));
    let said = said(&scene.get().args(["--log-format", "json"]), &clock, true, 0);
    let text: String = said.iter().map(|said| said.text.as_str()).collect();
    assert_eq!(parsed(&text).iter().filter(|line| line["event"] == "waiting").count(), 1, "{text}");
}
