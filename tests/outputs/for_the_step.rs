//! What `bind` tells the pipeline step.

use super::*;

fn step(server: &LoginServer, root: &Path) -> Call {
    let target = root.join("block");
    Call::new("bind", server, &root.join("cache")).args([
        "--for-step".as_ref(),
        "1".as_ref(),
        "--dir".as_ref(),
        target.as_os_str(),
    ])
}

/// The error in the one line of an answer that tells of one.
#[track_caller]
fn told(done: &Done, category: Category) -> Error {
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(done.stdout.lines().count(), 1, "{done:?}");
    let json = line(&done.stdout, "GENESYS_TOKEN_ERROR");
    let error: Error = serde_json::from_str(&json).expect("JSON");
    assert_eq!(error.category, category, "{error:?}");
    assert!(!error.hint.is_empty(), "{error:?}");
    done.keeps_to_itself([""; 0]);
    error
}

#[test]
fn an_answer_is_the_same_lines() {
    let (server, root) = (server(), dir());
    let done = step(&server, root.path()).run();
    assert_eq!((done.code, done.stdout.lines().count()), (0, 6), "{done:?}");
    assert!(Path::new(&line(&done.stdout, "GENESYS_TOKEN_FILE")).is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_nobody_gets_leaves_no_directory() {
    let (server, root) = (server(), dir());
    let script = format!("exec {} bind --for-step 1 --dir \"$BLOCK\" >/dev/full", harness::PROGRAM);
    let call = Call::shell(&script, &server, &root.path().join("cache"));
    let done = call.env("BLOCK", root.path().join("block")).run();
    assert_eq!(done.code, 1, "{done:?}");
    assert_eq!(names(root.path()), ["cache"]);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    step(&server, root.path()).into_command().stdout(writer).status().expect("it starts");
    assert_eq!(names(root.path()), ["cache"]);
}

#[test]
fn a_life_longer_than_time_itself_is_an_error_like_any_other() {
    let (server, root) = (server(), dir());
    let call = || step(&server, root.path()).args(["--min-ttl", "18446744073709551615"]);
    told(&call().run(), Category::Lifetime);
    told(&call().run(), Category::Lifetime);
}

#[test]
fn every_error_is_a_line_of_the_answer() {
    let (server, root) = (server(), dir());
    let refusal = Answer::OAuthError {
        status: 400,
        error: "invalid_client".to_owned(),
        description: "client not found\nline two".to_owned(),
    };
    let call = || step(&server, root.path());
    told(&call().without("GENESYSCLOUD_OAUTHCLIENT_SECRET").run(), Category::Credentials);
    told(&call().args(["--region", "mars"]).run(), Category::Usage);
    told(&call().args(["--min-ttl", "30h"]).run(), Category::Lifetime);
    server.set(Behaviour::answering(refusal));
    let error = told(&call().args(["--force-refresh"]).run(), Category::Rejected);
    assert!(error.message.contains("client not found line two"), "{error:?}");
    server.set(Behaviour::answering(Answer::TooManyRequests { retry_after: Some("90".to_owned()) }));
    let error = told(&call().args(["--force-refresh"]).run(), Category::RateLimited);
    assert!(error.retry_after.is_some_and(|wait| wait > 60), "{error:?}");
    fs::create_dir(root.path().join("block")).expect("a directory");
    told(&call().run(), Category::Usage);
}

#[test]
fn arguments_that_this_program_does_not_know_are_told_too() {
    let (server, root) = (server(), dir());
    told(&step(&server, root.path()).args(["--of-a-newer-step"]).run(), Category::Usage);
    told(&Call::bare("bind").args(["--for-step", "1"]).run(), Category::Usage);
    told(&Call::bare("bind").args(["--for-step=one", "--dir", "x"]).run(), Category::Usage);
    let other = Call::bare("bind").args(["--for-step", "2", "--dir", "x"]).run();
    let error = told(&other, Category::Usage);
    assert!(error.message.contains("protocol 2"), "{error:?}");
}
