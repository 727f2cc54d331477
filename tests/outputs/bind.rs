//! `bind`: the private directory of a block.

use super::*;

fn bind(server: &LoginServer, root: &Path, target: &Path) -> Call {
    Call::new("bind", server, &root.join("cache")).args(["--dir".as_ref(), target.as_os_str()])
}

#[test]
fn prints_six_lines_of_which_none_is_secret() {
    let (server, root) = (handing_out("a-token-of-the-server"), dir());
    let target = root.path().join("tmp/block");
    let done = bind(&server, root.path(), &target).args(["--region", "eu-central-1"]).run();
    assert_eq!(done.code, 0, "{done:?}");
    let path = |name: &str| target.join(name).display().to_string();
    let expected = [
        ("GENESYS_TOKEN_FILE", path("token")),
        ("GENESYS_HEADERS_FILE", path("headers")),
        ("GENESYS_CURL_CONFIG", path("curlrc")),
        ("GENESYSCLOUD_REGION", "eu-central-1".to_owned()),
        ("GENESYSCLOUD_API_REGION", server.api_url()),
    ];
    for (name, value) in &expected {
        assert_eq!(&line(&done.stdout, name), value);
    }
    let expires = line(&done.stdout, "GENESYS_TOKEN_EXPIRES_AT");
    assert!(expires.ends_with('Z') && expires.len() == 20, "{expires}");
    let left = Timestamp::parse_rfc3339(&expires).expect("RFC 3339").since(cached::now());
    assert!(left > Duration::from_secs(86_000), "{expires}");
    assert_eq!(done.stdout.lines().count(), 6, "{done:?}");
    assert!(!done.stdout.contains("a-token"), "{done:?}");
    done.keeps_to_itself(server.tokens());
    assert_eq!(read(target.join("token")), "a-token-of-the-server\n");
    assert_eq!(read(target.join("headers")), "Authorization: Bearer a-token-of-the-server\n");
    assert_eq!(read(target.join("curlrc")), "header = \"Authorization: Bearer a-token-of-the-server\"\n");
}

#[cfg(unix)]
#[test]
fn makes_everything_private() {
    let (server, root) = (server(), dir());
    let target = root.path().join("block");
    assert_eq!(bind(&server, root.path(), &target).run().code, 0);
    assert_eq!(mode(&target), 0o700);
    let mut expected = vec![".genesys-token", "curlrc", "headers", "token"];
    assert_eq!(names(&target), expected);
    for name in expected.drain(..) {
        assert_eq!(mode(target.join(name)), 0o600, "{name}");
    }
}

#[test]
fn prints_absolute_paths_for_a_relative_directory() {
    let (server, root) = (server(), dir());
    let name = format!("../{}/block", root.path().file_name().expect("a name").display());
    let call = Call::new("bind", &server, &root.path().join("cache")).args(["--dir", &name]);
    let done = call.inside(root.path()).run();
    assert_eq!(done.code, 0, "{done:?}");
    let file = PathBuf::from(line(&done.stdout, "GENESYS_TOKEN_FILE"));
    assert!(file.is_absolute() && file.is_file(), "{}", file.display());
}

#[test]
fn refuses_a_directory_that_exists_and_leaves_it_alone() {
    let (server, root) = (server(), dir());
    let target = root.path().join("block");
    fs::create_dir(&target).expect("a directory");
    fs::write(target.join("token"), "somebody else's").expect("a file");
    let done = bind(&server, root.path(), &target).args(["-q", "--error-format", "json"]).run();
    let error = done.refused();
    assert_eq!(error.category, Category::Usage);
    assert!(error.message.contains("exists already"), "{error:?}");
    assert_eq!(
        (names(&target), read(target.join("token"))),
        (vec!["token".into()], "somebody else's".into())
    );
}

#[cfg(unix)]
#[test]
fn leaves_nothing_behind_when_there_is_no_token() {
    let (server, root) = (LoginServer::start(Behaviour::answering(Answer::EmptyBody)), dir());
    let target = root.path().join("tmp/block");
    assert_eq!(bind(&server, root.path(), &target).run().code, 6);
    assert!(!target.exists());
}

#[test]
fn refuses_a_name_that_would_break_its_lines() {
    let (server, root) = (server(), dir());
    let target = root.path().join("a\nGENESYSCLOUD_REGION=x");
    let done = bind(&server, root.path(), &target).args(["-q", "--error-format", "json"]).run();
    assert_eq!(done.refused().category, Category::Usage);
}

#[cfg(unix)]
#[test]
fn carries_the_program_itself_when_told_to() {
    let (server, root) = (server(), dir());
    let target = root.path().join("block");
    assert_eq!(bind(&server, root.path(), &target).args(["--carry-helper"]).run().code, 0);
    assert_eq!((mode(target.join("bin")), names(target.join("bin"))), (0o700, vec!["genesys-token".into()]));
    let carried = std::process::Command::new(target.join("bin/genesys-token")).arg("--version").output();
    assert!(carried.expect("it runs").status.success());
}

#[cfg(unix)]
#[test]
fn prunes_what_killed_builds_left_and_nothing_else() {
    use std::os::unix::fs::symlink;
    let (server, root) = (server(), dir());
    let parent = root.path().join("tmp");
    fs::create_dir(&parent).expect("a directory");
    let ago = |days: u32| cached::now().minus(DAY * days).rfc3339();
    let make = |name: &str, marker: &str, mode: u32| {
        let dir = parent.join(name);
        fs::create_dir(&dir).expect("a directory");
        for file in ["token", "headers", "curlrc"] {
            fs::write(dir.join(file), "x").expect("a file");
        }
        if !marker.is_empty() {
            fs::write(dir.join(".genesys-token"), marker).expect("a file");
            set_mode(dir.join(".genesys-token"), 0o600);
        }
        set_mode(&dir, mode);
        dir
    };
    make("dead", &ago(2), 0o700);
    let carrying = make("dead-with-helper", &ago(30), 0o700);
    fs::create_dir(carrying.join("bin")).expect("a directory");
    fs::write(carrying.join("bin/genesys-token"), "x").expect("a file");
    let alive = make("expired-today", &ago(0), 0o700);
    let unmarked = make("unmarked", "", 0o700);
    let garbled = make("garbled", "yesterday", 0o700);
    let open = make("open-to-others", &ago(2), 0o777);
    let fuller = make("with-a-file-of-its-own", &ago(2), 0o700);
    fs::create_dir(fuller.join("bin")).expect("a directory");
    fs::write(fuller.join("notes"), "x").expect("a file");
    fs::write(fuller.join("bin/other"), "x").expect("a file");
    let installed = root.path().join("opt");
    fs::create_dir(&installed).expect("a directory");
    fs::write(installed.join("genesys-token"), "x").expect("a file");
    symlink(&installed, make("with-a-linked-bin", &ago(2), 0o700).join("bin")).expect("a link");
    let target = root.path().join("elsewhere");
    fs::rename(make("elsewhere", &ago(2), 0o700), &target).expect("it moves");
    symlink(&target, parent.join("link")).expect("a link");
    fs::write(parent.join("file"), "x").expect("a file");

    assert_eq!(bind(&server, root.path(), &parent.join("block")).run().code, 0);
    let left = [
        "block",
        "expired-today",
        "file",
        "garbled",
        "link",
        "open-to-others",
        "unmarked",
        "with-a-file-of-its-own",
        "with-a-linked-bin",
    ];
    assert_eq!(names(&parent), left);
    assert_eq!(names(&installed), ["genesys-token"]);
    for untouched in [&alive, &garbled, &open, &target] {
        assert_eq!(names(untouched).len(), 4, "{}", untouched.display());
    }
    assert_eq!(names(&unmarked).len(), 3);
    assert_eq!(
        (names(&fuller), names(fuller.join("bin"))),
        (vec!["bin".into(), "notes".into()], vec!["other".to_owned()])
    );
}
