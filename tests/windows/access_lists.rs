//! Who may do what with what the program writes, as another program reads it.

use std::path::Path;
use std::process::Command;

use crate::harness::{Scene, skipped};
use crate::{UNDER_WINE, paths};

/// The variable that has the path of the program that `tests/windows/access_list.c` becomes.
const ACCESS_LIST: &str = "ACCESS_LIST_PROGRAM";
/// That program's word for the user that it runs as.
const CALLER: &str = "caller";

/// An access list: whether it inherits from the directory above, and who has all rights, or some.
#[derive(Debug)]
struct AccessList {
    is_protected: bool,
    all_rights: Vec<String>,
    some_rights: Vec<String>,
}

fn access_list_program(words: &[&str], path: &Path) -> Option<String> {
    let Some(program) = std::env::var_os(ACCESS_LIST) else {
        skipped("access lists", "ACCESS_LIST_PROGRAM is not set");
        return None;
    };
    let output = Command::new(program).args(words).arg(path).output().expect("it starts");
    assert!(output.status.success(), "{words:?} {}: {output:?}", path.display());
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

/// The list of what is at `path`, in lines of `protected`, `all WHO` and `some WHO`.
fn access_list(path: &Path) -> Option<AccessList> {
    let text = access_list_program(&["show"], path)?;
    let who = |prefix: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix(prefix));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let is_protected = text.lines().any(|line| line == "protected");
    Some(AccessList { is_protected, all_rights: who("all "), some_rights: who("some ") })
}

/// Fails unless the caller, the system and the administrators have all rights to it, and nobody else any.
#[track_caller]
fn assert_private(path: &Path) {
    let Some(mut list) = access_list(path) else { return };
    list.all_rights.sort();
    assert!(list.some_rights.is_empty(), "{}: {list:?}", path.display());
    if std::env::var_os(UNDER_WINE).is_some() {
        // Wine keeps modes, and makes lists of them, without administrators.
        let is_known = |who: &String| [CALLER, "administrators", "system"].contains(&who.as_str());
        assert!(list.all_rights.iter().all(is_known), "{}: {list:?}", path.display());
        assert!(list.all_rights.iter().any(|who| who == CALLER), "{}: {list:?}", path.display());
    } else {
        assert!(list.is_protected, "{}: {list:?}", path.display());
        assert_eq!(list.all_rights, ["administrators", CALLER, "system"], "{}", path.display());
    }
}

#[test]
fn the_cache_directory_its_parents_and_its_files_are_private() {
    let scene = Scene::new();
    let dir = scene.path("new/cache");
    scene.get().cache(&dir).fetched("no entry").success();
    assert_private(&scene.path("new"));
    assert_private(&dir);
    assert_eq!(paths(&dir).len(), 2);
    for path in paths(&dir) {
        assert_private(&path);
    }
    scene.get().cache(&dir).reused().success();
}

#[test]
fn a_bound_directory_and_its_files_are_private() {
    let scene = Scene::new();
    scene.bind("block").arg("--carry-helper").any_stdout().fetched("no entry").success();
    let dir = scene.path("block");
    assert_private(&dir);
    assert_private(&dir.join("bin"));
    for path in paths(&dir).into_iter().chain(paths(&dir.join("bin"))) {
        assert_private(&path);
    }
}

#[test]
fn what_a_script_writes_into_a_bound_directory_is_private() {
    if std::env::var_os(UNDER_WINE).is_some() {
        return skipped("inherited access lists", "Wine makes a file's list of its mode");
    }
    let scene = Scene::new();
    scene.bind("block").any_stdout().fetched("no entry").success();
    std::fs::write(scene.path("block/private"), "a secret").expect("written");
    let list = access_list(&scene.path("block/private"));
    assert!(list.is_none_or(|list| list.some_rights.is_empty() && list.all_rights.len() == 3));
}

#[test]
fn the_answer_in_a_file_is_private_also_in_place_of_one_that_everyone_could_read() {
    let scene = Scene::new();
    let output = scene.path("answer");
    std::fs::write(&output, "old").expect("written");
    if access_list_program(&["open"], &output).is_none() {
        return;
    }
    let get = || scene.get().arg("--output").arg(&output);
    get().fetched("no entry").success();
    assert_private(&output);
    get().reused().success();
    assert_private(&output);
}

#[test]
fn a_cache_that_everyone_may_write_to_is_refused_with_the_reason() {
    let scene = Scene::new();
    std::fs::create_dir(scene.cache()).expect("created");
    if access_list_program(&["open"], &scene.cache()).is_none() {
        return;
    }
    let done = scene.get().any_stdout().any_stderr().success();
    assert!(done.stderr.contains("cache: it is writable by other users"), "{done:?}");
    assert_eq!(paths(&scene.cache()).len(), 0);
}

#[test]
fn a_bound_token_that_everyone_may_read_is_refused_with_the_reason() {
    let scene = Scene::new();
    scene.bind("block").any_stdout().fetched("no entry").success();
    let file = scene.path("block/token");
    let get = || crate::harness::genesys_token().get().env("GENESYS_TOKEN_FILE", &file);
    get().prints_token().any_stderr().success();
    if access_list_program(&["open"], &file).is_none() {
        return;
    }
    let done = get().any_stderr().exit(3);
    assert!(done.stderr.contains("it is open to other users"), "{done:?}");
}
