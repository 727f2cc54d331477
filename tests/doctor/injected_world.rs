//! Nothing is read behind the caller's back: where the cache is depends on the injected environment and on the injected
//! machine alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use genesys_token::environment::variable;
use loopback_login_server::refused_url;

use crate::doctor;
use crate::findings::{named, parse};
use crate::harness::in_process::{FakeMachine, run};
use crate::harness::{Call, Done, Scene, temporary_dir};

/// A `get` whose environment says nothing of a cache.
fn get(scene: &Scene) -> Call {
    scene.get().without("GENESYS_TOKEN_CACHE_DIR")
}

/// The names in a directory.
fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect()
}

fn create_dir(scene: &Scene, name: &str) -> PathBuf {
    let path = scene.path(name);
    fs::create_dir(&path).expect("a directory");
    path
}

#[test]
fn the_user_cache_dir_of_the_machine_holds_the_cache() {
    let scene = Scene::new();
    let home = create_dir(&scene, "home");
    let machine = FakeMachine { user_cache_dir: Some(scene.path("user-cache")), ..FakeMachine::default() };
    let call = get(&scene).env("HOME", &home);
    run(&call.clone().fetched("no entry"), &machine, 0);
    run(&call.reused(), &machine, 0);
    assert_eq!(names(&scene.path("user-cache")), ["genesys-token"]);
    assert_eq!(names(&home), [""; 0]);
}

#[test]
fn without_a_home_there_is_no_cache() {
    let scene = Scene::new();
    for call in [get(&scene), get(&scene).env("HOME", "/")] {
        let line = "fetched token of client 1111…5555 at HOST, * left (no entry); warning: no cache: HOME is not \
                    usable and WORKSPACE_TMP is not set; fix: *";
        run(&call.provided(line), &FakeMachine::default(), 0);
    }
    assert_eq!(names(scene.dir()), [""; 0]);
}

#[test]
fn without_a_home_the_workspace_holds_the_cache() {
    let scene = Scene::new();
    let workspace = create_dir(&scene, "workspace@tmp");
    let call = get(&scene).env("WORKSPACE_TMP", &workspace);
    run(&call.fetched("no entry"), &FakeMachine::default(), 0);
    assert_eq!(names(&workspace), ["genesys-token-cache"]);
}

#[cfg(not(target_vendor = "apple"))]
#[test]
fn xdg_cache_home_wins_over_the_machine() {
    let scene = Scene::new();
    let call = get(&scene).env("XDG_CACHE_HOME", scene.path("xdg")).env("HOME", scene.dir());
    run(&call.fetched("no entry"), &FakeMachine::default(), 0);
    assert_eq!(names(&scene.path("xdg")), ["genesys-token"]);
}

#[test]
fn the_doctor_finds_the_cache_in_the_same_place() {
    let scene = Scene::new();
    let call = doctor(&scene).without("GENESYS_TOKEN_CACHE_DIR").env("HOME", scene.dir());
    let machine = FakeMachine { user_cache_dir: Some(scene.path("user-cache")), ..FakeMachine::default() };
    let done = run(&call.args(["--format", "json"]).any_stdout(), &machine, 0);
    let json = parse(&done);
    let checks = json["checks"].as_array().expect("a list");
    let detail = named(checks, "cache")["detail"].as_str().expect("text");
    let location = scene.path("user-cache").join("genesys-token");
    assert_eq!(detail.split([' ', ',']).next(), location.to_str());
}

/// Runs the other tests of this file once more, in a process that sets every variable to something misleading.
#[test]
fn no_variable_of_the_test_process_is_read() {
    let dir = temporary_dir();
    let (_, module) = module_path!().split_once("::").expect("a module of this test");
    let mut tests = Command::new(std::env::current_exe().expect("a path"));
    tests.args([module, "--skip", "no_variable_of_the_test_process_is_read"]);
    for name in variable::ALL.iter().map(|variable| variable.name).chain(["http_proxy", "HTTP_PROXY"]) {
        let is_proxy = ["https_proxy", "http_proxy", "all_proxy"].contains(&name.to_lowercase().as_str());
        if is_proxy {
            tests.env(name, refused_url());
        } else {
            tests.env(name, dir.path());
        }
    }
    let done = Done::from(tests.output().expect("the tests start"));
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    let ran = "injected_world::the_user_cache_dir_of_the_machine_holds_the_cache ... ok";
    assert!(done.stdout.contains(ran), "{}", done.stdout);
    assert_eq!(names(dir.path()), [""; 0]);
}
