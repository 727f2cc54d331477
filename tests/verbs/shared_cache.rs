//! The shared cache's password around a command: it is not in its environment, and not in its output.

use std::fs;

use crate::harness::{Call, Scene};

const PASSWORD: &str = "redis-pa55/word";

/// A call whose command prints the names of its variables, and then the password.
fn exec(scene: &Scene) -> Call {
    let words = format!("env | grep -o '^GENESYS_TOKEN_SHARED_CACHE[A-Z_]*' | sort; echo {PASSWORD}");
    scene.exec(["sh", "-c", &words]).arg("-q")
}

#[test]
fn the_command_of_exec_gets_no_password_and_can_not_print_it() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let file = scene.path("password");
    fs::write(&file, format!("{PASSWORD}\n")).expect("a file");
    let address = ("GENESYS_TOKEN_SHARED_CACHE", "redis://cache.example");
    let call = |variables: &[(&str, &str)]| {
        variables.iter().fold(exec(&scene), |call, (name, value)| call.env(name, value))
    };
    let file = file.to_str().expect("text");
    for variables in [
        [address, ("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", PASSWORD)],
        [address, ("GENESYS_TOKEN_SHARED_CACHE_PASSWORD_FILE", file)],
    ] {
        for flags in [&[][..], &["--keep-credentials"]] {
            let call = call(&variables).args(flags);
            call.stdout_exactly("GENESYS_TOKEN_SHARED_CACHE\n****\n").success();
        }
    }
    let with_password = [("GENESYS_TOKEN_SHARED_CACHE", "redis://:redis-pa55%2Fword@cache.example")];
    call(&with_password).stdout_exactly("****\n").success();
    call(&with_password).arg("--no-masking").stdout_exactly(format!("{PASSWORD}\n")).success();
    call(&[address]).stdout_exactly(format!("GENESYS_TOKEN_SHARED_CACHE\n{PASSWORD}\n")).success();
}

#[test]
fn a_command_with_a_bound_token_gets_no_password_either() {
    let scene = Scene::new();
    let bound = scene.bind("block").any_stdout().fetched("no entry").success();
    let variables = bound.stdout.lines().filter_map(|line| line.split_once('='));
    let variables: Vec<_> = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let call = exec(&scene).without_credential().envs(variables);
    let call = call.env("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", PASSWORD);
    call.env("GENESYS_TOKEN_SHARED_CACHE_USERNAME", "someone")
        .stdout_exactly("GENESYS_TOKEN_SHARED_CACHE_USERNAME\n****\n")
        .success();
}

#[test]
fn a_password_of_two_characters_is_left_in_the_words_that_have_them() {
    let scene = Scene::new();
    let call = scene.exec(["echo", "redirect"]).arg("-q");
    call.env("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", "re").stdout_exactly("redirect\n").success();
}
