//! `bind`: the private directory of a block.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use genesys_token::error::Category;
use genesys_token::time::Timestamp;
use loopback_login_server::{Answer, Behaviour};

#[cfg(unix)]
use super::{UMASKS, mode, script};
use super::{names, read, value_of};
use crate::harness::{Scene, entry};

/// The seven lines of the answer for a block in `dir`.
pub(crate) fn answer_lines(scene: &Scene, dir: &Path, region: &str) -> String {
    // With the separators of the system.
    let dir: PathBuf = dir.components().collect();
    let path = |name| dir.join(name).display().to_string();
    let (token, headers, curlrc) = (path("token"), path("headers"), path("curlrc"));
    let api_url = scene.server.api_url();
    format!(
        "GENESYS_TOKEN_FILE={token}\nGENESYS_HEADERS_FILE={headers}\nGENESYS_CURL_CONFIG={curlrc}\n\
         GENESYS_TOKEN_EXPIRES_AT=*\nGENESYSCLOUD_REGION={region}\nGENESYSCLOUD_API_REGION={api_url}\n\
         GENESYS_TOKEN_OF={{*}}\n"
    )
}

#[test]
fn the_answer_is_seven_lines_without_a_secret() {
    let scene =
        Scene::with(Behaviour { token: Some("a-token-of-the-server".to_owned()), ..Behaviour::default() });
    let lines = answer_lines(&scene, &scene.path("tmp/block"), "eu-central-1");
    let call = scene.bind("tmp/block").args(["--region", "eu-central-1"]);
    let done = call.stdout(lines).fetched("no entry").success();
    let expires_at = value_of(&done.stdout, "GENESYS_TOKEN_EXPIRES_AT");
    assert!(expires_at.ends_with('Z') && expires_at.len() == 20, "{expires_at}");
    let left = Timestamp::parse_rfc3339(&expires_at).expect("RFC 3339").since(entry::now());
    assert!(left > Duration::from_secs(86_000), "{expires_at}");
    assert!(!done.stdout.contains("a-token"), "{done:?}");
    done.leaks_nothing(scene.server.tokens());
}

#[test]
fn a_block_has_the_token_bare_as_a_header_and_as_a_curl_config() {
    let scene = Scene::with(Behaviour { token: Some("a-token".to_owned()), ..Behaviour::default() });
    let block = scene.path("block");
    let lines = answer_lines(&scene, &block, "us-east-1");
    scene.bind("block").stdout(lines).fetched("no entry").success();
    assert_eq!(read(block.join("token")), "a-token\n");
    assert_eq!(read(block.join("headers")), "Authorization: Bearer a-token\n");
    assert_eq!(read(block.join("curlrc")), "header = \"Authorization: Bearer a-token\"\n");
}

#[cfg(unix)]
#[test]
fn a_block_is_closed_to_other_users() {
    let scene = Scene::new();
    let block = scene.path("block");
    let lines = answer_lines(&scene, &block, "us-east-1");
    scene.bind("block").stdout(lines).fetched("no entry").success();
    assert_eq!(mode(&block), 0o700);
    assert_eq!(names(&block), [".genesys-token", "curlrc", "headers", "token"]);
    for name in names(&block) {
        assert_eq!(mode(block.join(&name)), 0o600, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_block_and_its_parents_are_closed_to_other_users_and_usable_with_any_umask() {
    for umask in UMASKS {
        let scene = Scene::new();
        let bind = r#"umask "$1"; exec "$GENESYS_TOKEN" bind --carry-helper --dir "$2""#;
        let lines = answer_lines(&scene, &scene.path("a/b/block"), "us-east-1");
        let call = script(&scene, bind).arg("sh").arg(umask).arg(scene.path("a/b/block"));
        call.stdout(lines).fetched("no entry").success();
        for dir in ["a", "a/b", "a/b/block", "a/b/block/bin"] {
            assert_eq!(mode(scene.path(dir)), 0o700, "{dir} with umask {umask}");
        }
        for file in [".genesys-token", "curlrc", "headers", "token"] {
            assert_eq!(mode(scene.path("a/b/block").join(file)), 0o600, "{file} with umask {umask}");
        }
        assert_eq!(mode(scene.path("a/b/block/bin/genesys-token")), 0o700, "with umask {umask}");
    }
}

#[test]
fn every_token_that_is_accepted_fits_into_a_block() {
    let providing =
        |token: &str| Scene::with(Behaviour { token: Some(token.to_owned()), ..Behaviour::default() });
    let longest = "x".repeat(16 * 1024 - 1);
    let scene = providing(&longest);
    let lines = answer_lines(&scene, &scene.path("block"), "us-east-1");
    let done = scene.bind("block").stdout(lines).fetched("no entry").success();
    let variables = done.stdout.lines().filter_map(|line| line.split_once('='));
    let variables: Vec<_> = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let call = scene.get().without_credential().without("GENESYS_TOKEN_LOGIN_URL").envs(variables);
    assert_eq!(call.stdout("*\n").reused_bound().success().token(), longest);

    let scene = providing(&(longest + "x"));
    let error = scene.get().refused(Category::Unavailable);
    assert!(error.message.ends_with(" is longer than 16383 bytes"), "{error:?}");
}

#[test]
fn a_relative_directory_is_answered_with_absolute_paths() {
    let scene = Scene::new();
    let name = scene.dir().file_name().expect("a name");
    let relative = Path::new("..").join(name).join("block");
    let lines = answer_lines(&scene, &Path::new("*").join("block"), "us-east-1");
    let call = scene.call("bind").arg("--dir").arg(relative).inside(scene.dir());
    let done = call.stdout(lines).fetched("no entry").success();
    let file = PathBuf::from(value_of(&done.stdout, "GENESYS_TOKEN_FILE"));
    assert!(file.is_absolute() && file.is_file(), "{}", file.display());
}

#[test]
fn a_directory_that_exists_is_refused_and_left_alone() {
    let scene = Scene::new();
    let block = scene.path("block");
    fs::create_dir(&block).expect("a directory");
    fs::write(block.join("token"), "somebody else's").expect("a file");
    let error = scene.bind("block").arg("-q").refused(Category::Usage);
    assert_eq!(error.message, format!("{} already exists", block.display()));
    assert_eq!(names(&block), ["token"]);
    assert_eq!(read(block.join("token")), "somebody else's");
}

#[test]
fn no_directory_is_left_when_there_is_no_token() {
    let scene = Scene::answering(Answer::EmptyBody);
    scene
        .bind("tmp/block")
        .stderr("genesys-token: error: * answered HTTP 200, but not with a token: *\n  …\n")
        .exit(6);
    assert_eq!(names(scene.dir()), ["cache"]);
}

#[test]
fn a_directory_whose_name_would_break_the_answers_lines_is_refused() {
    let scene = Scene::new();
    let error = scene.bind("a\nGENESYSCLOUD_REGION=x").arg("-q").refused(Category::Usage);
    assert_eq!(error.message, "the value of --dir has a line break, or is not UTF-8");
    assert_eq!(names(scene.dir()), ["cache"]);
}

#[cfg(unix)]
#[test]
fn a_block_carries_the_program_with_carry_helper() {
    let scene = Scene::new();
    let lines = answer_lines(&scene, &scene.path("block"), "us-east-1");
    scene.bind("block").arg("--carry-helper").stdout(lines).fetched("no entry").success();
    let bin = scene.path("block/bin");
    assert_eq!(mode(&bin), 0o700);
    assert_eq!(names(&bin), ["genesys-token"]);
    let carried = std::process::Command::new(bin.join("genesys-token")).arg("--version").output();
    let version = carried.expect("the copy runs").stdout;
    assert_eq!(version, format!("genesys-token {}\n", env!("CARGO_PKG_VERSION")).as_bytes());
}
