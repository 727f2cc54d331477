//! Where the cache is.

use super::*;

fn call(server: &LoginServer) -> Call {
    Call::new("get", server, Path::new("")).without("GENESYS_TOKEN_CACHE_DIR")
}

#[test]
fn is_the_users_own() {
    let (server, home) = (server(), dir());
    for _ in 0..2 {
        assert_eq!(call(&server).env("HOME", home.path()).run().token(), server.tokens()[0]);
    }
    if cfg!(target_os = "linux") {
        assert!(home.path().join(".cache/genesys-token").is_dir());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn is_below_workspace_tmp_when_there_is_no_home() {
    for home in [None, Some(""), Some("/"), Some("/nonexistent")] {
        let (server, tmp) = (server(), dir());
        let new = || {
            let call = call(&server).env("WORKSPACE_TMP", tmp.path());
            home.into_iter().fold(call, |call, home| call.env("HOME", home))
        };
        assert_eq!([new().run().token(), new().run().token()], [&server.tokens()[0]; 2], "{home:?}");
        assert!(tmp.path().join("genesys-token-cache").is_dir());
    }
}

#[cfg(unix)]
#[test]
fn that_can_not_be_used_is_named_and_stops_nobody() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let dir = dir();
    let open = dir.path().join("open");
    fs::create_dir(&open).expect("a directory");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).expect("it is ours");
    let link = dir.path().join("link");
    fs::create_dir(dir.path().join("target")).expect("a directory");
    symlink(dir.path().join("target"), &link).expect("a link");
    let file = dir.path().join("file");
    fs::write(&file, "").expect("a file");
    for path in [open, link, file] {
        let server = server();
        let done = Call::new("get", &server, &path).run();
        assert_eq!(done.token(), server.tokens()[0]);
        assert!(done.stderr.contains(&format!("no cache: {}", path.display())), "{done:?}");
        assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
    }
    assert_eq!(fs::read_dir(dir.path().join("target")).expect("a directory").count(), 0);
}

#[test]
fn is_left_alone_when_no_cache_is_wanted() {
    let (server, dir) = (server(), dir());
    for _ in 0..2 {
        let done = Call::new("get", &server, dir.path()).args(["--no-cache"]).run();
        assert_eq!(Some(done.token()), server.tokens().last().map(String::as_str));
    }
    assert_eq!(server.token_requests(), 2);
    assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 0);
}
