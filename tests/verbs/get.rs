//! `get`: the token in every format, on stdout or in a file.

#[cfg(unix)]
use std::fs;
use std::time::Duration;

use genesys_token::error::Category;
use genesys_token::time::Timestamp;
use loopback_login_server::Behaviour;
use serde_json::Value;

use super::DAY;
#[cfg(unix)]
use super::{UMASKS, mode, names, read, script, set_mode};
use crate::harness::{Done, Scene, entry};

fn providing(token: &str) -> Scene {
    Scene::with(Behaviour { token: Some(token.to_owned()), ..Behaviour::default() })
}

fn in_format(scene: &Scene, format: &str) -> String {
    scene.get().args(["--no-cache", "--format", format]).any_stdout().fetched("no entry").success().stdout
}

#[test]
fn a_token_is_printed_bare_as_a_header_or_as_a_curl_config() {
    let scene = providing("a-token");
    assert_eq!(in_format(&scene, "token"), "a-token\n");
    assert_eq!(in_format(&scene, "header"), "Authorization: Bearer a-token\n");
    assert_eq!(in_format(&scene, "curl"), "header = \"Authorization: Bearer a-token\"\n");
    let scene = providing(r#"a\"b"#);
    assert_eq!(in_format(&scene, "curl"), "header = \"Authorization: Bearer a\\\\\\\"b\"\n");
}

#[test]
fn json_has_exactly_six_fields() {
    let scene = Scene::with(Behaviour {
        token: Some("a-token".to_owned()),
        scope: Some("routing".to_owned()),
        ..Behaviour::default()
    });
    for source in ["fetched", "reused"] {
        let call = scene.get().args(["--format", "json"]).stdout("{*}\n");
        let call = if source == "fetched" { call.fetched("no entry") } else { call.reused() };
        let json: Value = serde_json::from_str(call.success().token()).expect("JSON");
        let fields: Vec<_> = json.as_object().expect("an object").keys().map(String::as_str).collect();
        let expected = ["access_token", "expires_at", "expires_in", "scope", "source", "token_type"];
        assert_eq!(fields, expected);
        assert_eq!(json["access_token"], "a-token");
        assert_eq!(json["token_type"], "Bearer");
        assert_eq!(json["scope"], "routing");
        assert_eq!(json["source"], source);
        let at = Timestamp::parse_rfc3339(json["expires_at"].as_str().expect("text")).expect("RFC 3339");
        let left = at.since(entry::now());
        assert!(left > Duration::from_secs(86_000) && left < DAY, "{json}");
        assert!(json["expires_in"].as_u64().is_some_and(|left| (86_000..86_400).contains(&left)), "{json}");
    }
}

#[cfg(unix)]
#[test]
fn a_shell_parses_export_lines_back_to_the_same_values() {
    let token = r#"it's"a$(token)`with`\everything"#;
    let lines = in_format(&providing(token), "env");
    assert!(lines.lines().all(|line| line.starts_with("export ")), "{lines}");
    let script = r#"eval "$1"; printf '%s' "$GENESYSCLOUD_ACCESS_TOKEN $GENESYSCLOUD_REGION""#;
    let shell = std::process::Command::new("sh").args(["-c", script, "sh", &lines]).output();
    let shell = shell.expect("a shell");
    assert_eq!(String::from_utf8_lossy(&shell.stdout), format!("{token} us-east-1"));
}

#[cfg(unix)]
#[test]
fn an_output_file_is_private_and_replaced_atomically() {
    let scene = providing("a-token");
    let path = scene.path("token");
    fs::write(&path, "older and much longer than the token").expect("a file");
    set_mode(&path, 0o644);
    let before = fs::File::open(&path).expect("a file");
    scene.get().args(["--format", "header", "--output"]).arg(&path).fetched("no entry").success();
    assert_eq!(read(&path), "Authorization: Bearer a-token\n");
    assert_eq!(mode(&path), 0o600);
    let old = std::io::read_to_string(before).expect("the old file");
    assert_eq!(old, "older and much longer than the token", "never a mixture");
    assert_eq!(names(scene.dir()), ["cache", "token"]);
}

#[cfg(unix)]
#[test]
fn an_output_file_is_private_and_usable_with_any_umask() {
    let scene = Scene::new();
    for umask in UMASKS {
        let get = r#"umask "$1"; exec "$GENESYS_TOKEN" get --output "$2""#;
        let path = scene.path(umask);
        let call = script(&scene, get).arg("sh").arg(umask).arg(&path);
        call.provided("* token of client 1111…5555 at HOST, * left*").success();
        assert_eq!(mode(&path), 0o600, "umask {umask}");
    }
}

/// Runs a script that writes to the path `output` of the scene, and returns its stdout.
#[cfg(unix)]
fn output_of(scene: &Scene, text: &str) -> String {
    let call = script(scene, text).inside(scene.dir()).arg("sh");
    call.any_stdout().provided("* token of client 1111…5555 at HOST, * left*").success().stdout
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_path_that_is_a_descriptor_of_the_call_is_written_to_where_others_left_off() {
    let scene = providing("a-token");
    let link = scene.path("link");
    std::os::unix::fs::symlink("/proc/self/fd/1", &link).expect("a link");
    std::os::unix::fs::symlink("/proc/self", scene.path("process")).expect("a link");
    for path in ["/dev/fd/3", "/proc/self/fd/3", "/proc/thread-self/fd/3", "process/fd/3"] {
        output_of(
            &scene,
            &format!(r#"exec 3>file; echo a >&3; "$GENESYS_TOKEN" get --output {path}; echo b >&3"#),
        );
        assert_eq!(read(scene.path("file")), "a\na-token\nb\n", "{path}");
    }
    // Of another process.
    output_of(&scene, r#"exec 3>file; echo a >&3; "$GENESYS_TOKEN" get --output /proc/$$/fd/3"#);
    assert_eq!(read(scene.path("file")), "a\na-token\n");
    let to_file = r#"{ echo a; "$GENESYS_TOKEN" get --output link; echo b; } >file"#;
    output_of(&scene, to_file);
    assert_eq!(read(scene.path("file")), "a\na-token\nb\n");
    assert_eq!(output_of(&scene, r#""$GENESYS_TOKEN" get --output link"#), "a-token\n");
    assert!(link.is_symlink());
    assert_eq!(names(scene.dir()), ["cache", "file", "link", "process"]);
}

#[cfg(unix)]
#[test]
fn an_output_path_that_is_a_pipe_is_written_to_as_it_is() {
    let scene = providing("a-token");
    let piped = r#"mkfifo pipe; cat pipe & "$GENESYS_TOKEN" get --output pipe || kill $!; wait"#;
    assert_eq!(output_of(&scene, piped), "a-token\n");
    let is_fifo = std::os::unix::fs::FileTypeExt::is_fifo;
    assert!(is_fifo(&fs::symlink_metadata(scene.path("pipe")).expect("it exists").file_type()));
    assert_eq!(output_of(&scene, r#""$GENESYS_TOKEN" get --output /dev/null"#), "");
    assert_eq!(names(scene.dir()), ["cache", "pipe"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_reads_is_waited_for_until_the_deadline() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let pipe = scene.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let call = scene.get().args(["-q", "--timeout", "0s", "--output"]).arg(&pipe);
    let error = call.refused(Category::Internal);
    assert_eq!(error.message, format!("cannot write {}: nobody reads from it", pipe.display()));
}

#[cfg(unix)]
#[test]
fn an_output_path_that_is_a_link_stays_one() {
    let scene = providing("a-token");
    fs::create_dir(scene.path("target")).expect("a directory");
    fs::write(scene.path("target/old"), "older and much longer than the token").expect("a file");
    std::os::unix::fs::symlink("target/old", scene.path("second")).expect("a link");
    std::os::unix::fs::symlink("second", scene.path("link")).expect("a link");
    std::os::unix::fs::symlink(scene.path("target/new"), scene.path("to-nothing")).expect("a link");
    for (link, target) in [("link", "target/old"), ("to-nothing", "target/new")] {
        let call = scene.get().arg("--output").arg(scene.path(link));
        call.provided("* token of client 1111…5555 at HOST, * left*").success();
        assert!(scene.path(link).is_symlink());
        assert_eq!(read(scene.path(target)), "a-token\n");
        assert_eq!(mode(scene.path(target)), 0o600);
    }
    assert_eq!(names(scene.path("target")), ["new", "old"]);
    std::os::unix::fs::symlink("loop", scene.path("loop")).expect("a link");
    scene.get().arg("-q").arg("--output").arg(scene.path("loop")).refused(Category::Internal);
}

#[test]
fn an_output_file_that_can_not_be_written_is_an_error_that_names_it() {
    let scene = Scene::new();
    let nowhere = scene.path("no/such/dir/token");
    for (path, category) in [(scene.dir(), Category::Usage), (&nowhere, Category::Internal)] {
        let error = scene.get().arg("-q").arg("--output").arg(path).refused(category);
        assert!(error.message.contains(path.to_str().expect("UTF-8")), "{error:?}");
    }
}

#[test]
fn a_reader_that_is_gone_is_no_error() {
    let scene = Scene::with(Behaviour { delay: Duration::from_millis(200), ..Behaviour::default() });
    let mut child = scene.get().spawn();
    drop(child.stdout.take());
    let done = Done::from(child.wait_with_output().expect("it ends"));
    assert_eq!(done.code, 0, "{done:?}");
    assert!(!done.stderr.contains("error"), "{done:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_can_not_be_written_is_an_error() {
    let call = crate::harness::genesys_token().script(r#"exec "$GENESYS_TOKEN" regions >/dev/full"#);
    call.stderr("genesys-token: error: cannot write the answer: *\n  cause: stdout may be on a full disk\n")
        .exit(1);
}
