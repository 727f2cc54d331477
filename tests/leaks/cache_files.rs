//! What the files of the cache hold, and who can read them.

use std::fs;

use loopback_login_server::Answer;

use crate::files;
use crate::harness::Scene;

#[test]
fn the_cache_holds_no_words_of_a_refusal() {
    let scene = Scene::answering(Answer::OAuthError {
        status: 400,
        error: "invalid_client".to_owned(),
        description: "client not found".to_owned(),
    });
    let message = "the login server HOST refused client 1111…5555: invalid_client";
    scene.get().stderr(format!("genesys-token: error: {message}\n  …\n")).exit(4);
    let contents: Vec<Vec<u8>> =
        files(&scene.cache()).iter().map(|path| fs::read(path).expect("a file")).collect();
    assert!(contents.iter().any(|content| !content.is_empty()), "the cache has a failure record");
    assert!(!contents.iter().any(|content| content.windows(9).any(|text| text == b"not found")));
}

#[cfg(unix)]
#[test]
fn the_files_of_the_cache_are_private_and_complete() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let mode = |path: &Path| fs::metadata(path).expect("it exists").permissions().mode() & 0o7777;
    assert_eq!(mode(&scene.cache()), 0o700);
    let files = files(&scene.cache());
    assert_eq!(files.len(), 2, "a token and a lock: {files:?}");
    for path in files {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(!name.starts_with(".writing-"), "{name}");
    }
}
