//! Names of files and directories that Windows has rules of its own for.

use std::fs;

use crate::harness::Scene;
use crate::paths;

/// Components that a shell or an old program trips over.
const UNUSUAL: &str = "with spaces/ü € 名/%TEMP% & !x! ^ (1)";
/// More than the 260 characters that old programs have room for.
const LONG: &str = "a-directory-with-a-name-of-forty-letters";

#[test]
fn cache_block_and_output_may_lie_below_any_name() {
    for below in [UNUSUAL.to_owned(), [LONG; 8].join("/")] {
        let scene = Scene::new();
        let cache = scene.path(&below).join("cache");
        scene.get().cache(&cache).fetched("no entry").success();
        let again = scene.get().cache(&cache).reused().success();
        assert_eq!(paths(&cache).len(), 2, "{below}");
        let output = scene.path(&below).join("answer ü.txt");
        scene.get().cache(&cache).arg("--output").arg(&output).reused().success();
        assert_eq!(fs::read_to_string(output).expect("written"), again.stdout);
        let block = scene.path(&below).join("block");
        scene.call("bind").cache(&cache).arg("--dir").arg(&block).any_stdout().reused().success();
        assert_eq!(fs::read_to_string(block.join("token")).expect("written"), again.stdout);
    }
}

#[test]
fn output_to_a_device_is_written_to_it_and_a_name_with_a_stream_is_refused() {
    let scene = Scene::new();
    scene.get().args(["--output", "NUL"]).inside(scene.dir()).fetched("no entry").success();
    assert_eq!(paths(scene.dir()), [scene.cache()], "no file of that name");
    let call = scene.get().args(["--output", "answer:stream"]).inside(scene.dir());
    let done = call.any_stderr().exit(1);
    assert!(done.stderr.contains("cannot write answer:stream"), "{done:?}");
    assert_eq!(paths(scene.dir()), [scene.cache()], "and nothing is left");
}
