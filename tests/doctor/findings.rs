//! The findings of a call in JSON, as scripts see them.

use std::fs;
use std::path::Path;

use genesys_token::error::Category;
use serde_json::Value;

use crate::harness::{Call, Done, Expected, Scene};

/// The variables whose values no finding shows.
const CREDENTIAL: [&str; 2] = ["GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET"];

/// A failed check. In each text a `*` stands for anything.
pub(crate) struct Failure<'a> {
    pub(crate) check: &'a str,
    pub(crate) category: Category,
    pub(crate) detail: &'a str,
    pub(crate) cause: &'a str,
    pub(crate) fix: &'a str,
}

/// Runs the doctor, which must end with this exit code. Its findings fit the schema in docs/, and show neither the
/// credential nor a token of the scene's server.
#[track_caller]
pub(crate) fn findings(scene: &Scene, call: Call, code: i32) -> Vec<Value> {
    let mut secrets: Vec<String> = call
        .environment()
        .filter(|(name, _)| CREDENTIAL.iter().any(|variable| name == variable))
        .map(|(_, value)| value.to_string_lossy().trim().to_owned())
        .collect();
    let done = call.args(["--format", "json"]).any_stdout().exit(code);
    secrets.extend(scene.server.tokens());
    shows_none_of(&done, &secrets);
    let json = parse(&done);
    assert_eq!(json["ok"], code == 0, "{json}");
    json["checks"].as_array().expect("a list").clone()
}

/// Fails if stdout or stderr contains one of `secrets`.
#[track_caller]
pub(crate) fn shows_none_of(done: &Done, secrets: &[String]) {
    // Of a successful call the harness would allow a token on stdout: the doctor prints none.
    Done { code: 1, ..done.clone() }.leaks_nothing(secrets);
}

/// The JSON on stdout, checked against its schema.
#[track_caller]
pub(crate) fn parse(done: &Done) -> Value {
    let json = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doctor.schema.json");
    let schema = serde_json::from_slice(&fs::read(path).expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let problems: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}: {done:?}");
    json
}

/// The first finding of the check `name`.
#[track_caller]
pub(crate) fn named<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    let found = checks.iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no check is named {name}: {checks:#?}"))
}

/// Fails unless exactly this check fails, and the call with its exit code. Returns all findings.
#[track_caller]
pub(crate) fn assert_fails(scene: &Scene, call: Call, expected: &Failure) -> Vec<Value> {
    let checks = findings(scene, call, expected.category.exit_code());
    assert_only_failure(&checks, expected);
    checks
}

/// Fails unless exactly this check failed.
#[track_caller]
pub(crate) fn assert_only_failure(checks: &[Value], expected: &Failure) {
    let failed: Vec<&Value> = checks.iter().filter(|check| check["status"] == "failed").collect();
    let [failed] = failed[..] else { panic!("not one check failed: {checks:#?}") };
    assert_eq!(failed["name"], expected.check, "{failed:#}");
    assert_eq!(failed["category"], serde_json::to_value(expected.category).expect("JSON"), "{failed:#}");
    for (field, expected) in [("detail", expected.detail), ("cause", expected.cause), ("fix", expected.fix)] {
        let actual = failed[field].as_str().unwrap_or_default();
        assert!(
            Expected::Text(expected.to_owned()).matches(actual),
            "{field} is not {expected:?}:\n{failed:#}"
        );
    }
}
