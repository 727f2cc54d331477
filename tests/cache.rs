//! The cache directory: what is in it, what is made of damage, and where it is when it can't be there.

mod harness;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use harness::marks::hex;
use harness::{Call, cached};
use loopback_login_server::{Behaviour, CLIENT_ID, CLIENT_SECRET, LoginServer};
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(86_400);

fn server() -> LoginServer {
    LoginServer::start(Behaviour::default())
}

fn temporary() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn names(dir: &Path) -> Vec<PathBuf> {
    let mut names: Vec<_> =
        fs::read_dir(dir).expect("the directory is there").map(|e| e.expect("an entry").path()).collect();
    names.sort();
    names
}

fn ending(dir: &Path, ending: &str) -> PathBuf {
    let mut found = names(dir).into_iter().filter(|path| path.to_string_lossy().ends_with(ending));
    let path = found.next().expect("one such file");
    assert_eq!(found.next(), None);
    path
}

#[test]
fn the_directory_and_its_files_are_the_caller_s_alone() {
    let (server, temporary) = (server(), temporary());
    let cache = temporary.path().join("new/cache");
    Call::new("get", &server, &cache).run().token();
    assert_eq!(fs::metadata(&cache).unwrap().mode() & 0o777, 0o700);
    for path in names(&cache) {
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600, "{}", path.display());
    }
    assert_eq!(fs::metadata(ending(&cache, ".lock")).unwrap().len(), 0);
    assert_eq!(names(&cache).len(), 2);
}

#[test]
fn neither_token_nor_secret_is_in_the_directory_in_any_form() {
    let (server, cache) = (server(), temporary());
    let token = Call::new("get", &server, cache.path()).run().token().to_owned();
    // A refusal leaves a note as well.
    Call::new("get", &server, cache.path()).credential(CLIENT_ID, &"w".repeat(43)).run();
    let all: Vec<u8> = names(cache.path()).iter().flat_map(|path| fs::read(path).unwrap()).collect();
    let all = String::from_utf8(all).expect("what we write is text");
    assert!(all.contains(CLIENT_ID));
    for secret in [token.as_str(), CLIENT_SECRET, &"w".repeat(43)] {
        let hex = hex(secret);
        // From the second on, since what stands before shifts the first; cut at the end for the same reason.
        let shifted = |skip: usize| STANDARD_NO_PAD.encode(&secret.as_bytes()[skip..skip + 33]);
        let url_safe = URL_SAFE_NO_PAD.encode(&secret.as_bytes()[..33]);
        for form in
            [secret.to_owned(), hex.clone(), hex.to_uppercase(), shifted(0), shifted(1), shifted(2), url_safe]
        {
            assert!(!all.contains(&form));
        }
    }
}

#[test]
fn a_changed_secret_fetches_anew_and_leaves_the_other_s_entry_alone() {
    let (server, cache) = (server(), temporary());
    let first = Call::new("get", &server, cache.path()).run();
    let entry = fs::read(ending(cache.path(), ".token")).unwrap();
    let wrong = Call::new("get", &server, cache.path()).credential(CLIENT_ID, &"w".repeat(43)).run();
    assert_eq!((wrong.code, wrong.stdout.as_str()), (4, ""));
    assert_eq!(fs::read(ending(cache.path(), ".token")).unwrap(), entry);
    assert_eq!(Call::new("get", &server, cache.path()).run().token(), first.token());
    assert_eq!(server.token_requests(), 2);
}

#[test]
fn a_damaged_entry_is_a_miss_and_never_an_error() {
    let (server, cache) = (server(), temporary());
    Call::new("get", &server, cache.path()).run().token();
    let path = ending(cache.path(), ".token");
    let entry = fs::read(&path).unwrap();
    let mut asked = 1;
    let mut damage = |content: &[u8], what: &str| {
        fs::write(&path, content).unwrap();
        Call::new("get", &server, cache.path()).run().token();
        asked += 1;
        assert_eq!(server.token_requests(), asked, "{what}");
    };
    // Every bit and every length is tried in the unit tests; here a sample through the whole program.
    for at in (0..entry.len()).step_by(entry.len() / 16) {
        let mut flipped = entry.clone();
        flipped[at] ^= 1;
        damage(&flipped, &format!("bit at {at}"));
        damage(&entry[..at], &format!("cut at {at}"));
    }
    damage(&vec![b'{'; 100_000], "huge");
    damage(b"\0\xff\n\n", "binary");
}

#[test]
fn an_entry_under_another_key_s_name_is_a_miss() {
    let (server, cache) = (server(), temporary());
    let plain = || Call::new("get", &server, cache.path());
    plain().run().token();
    let path = ending(cache.path(), ".token");
    let entry = fs::read(&path).unwrap();
    plain().args(["--scope", "routing"]).run().token();
    let other =
        names(cache.path()).into_iter().find(|p| p.to_string_lossy().ends_with(".token") && *p != path);
    fs::write(other.unwrap(), entry).unwrap();
    plain().args(["--scope", "routing"]).run().token();
    assert_eq!(server.token_requests(), 3);
}

#[test]
fn a_link_in_place_of_an_entry_a_lock_or_the_directory_is_not_followed() {
    let (server, cache, elsewhere) = (server(), temporary(), temporary());
    Call::new("get", &server, cache.path()).run().token();
    for kind in [".token", ".lock"] {
        let path = ending(cache.path(), kind);
        let target = elsewhere.path().join(kind);
        fs::rename(&path, &target).unwrap();
        symlink(&target, &path).unwrap();
        let before = fs::read(&target).unwrap();
        assert_eq!(Call::new("get", &server, cache.path()).args(["--force-refresh"]).run().code, 0, "{kind}");
        assert_eq!(fs::read(&target).unwrap(), before, "{kind}");
    }
    let link = elsewhere.path().join("link");
    symlink(cache.path(), &link).unwrap();
    for link in [link.clone(), link.join(""), link.join(".")] {
        let done = Call::new("get", &server, &link).run();
        assert!(done.stderr.contains("no cache: "), "{}: {}", link.display(), done.stderr);
        assert_eq!(done.code, 0);
    }
}

#[test]
fn a_directory_that_others_can_write_to_is_not_used() {
    let (server, cache) = (server(), temporary());
    fs::set_permissions(cache.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let done = Call::new("get", &server, cache.path()).run();
    assert_eq!(done.code, 0);
    assert!(done.stderr.contains("is writable by other users"), "{}", done.stderr);
    assert_eq!(names(cache.path()).len(), 0);
}

#[test]
fn a_directory_of_another_owner_is_not_used() {
    if !rustix::process::geteuid().is_root() {
        return; // only root can give a directory away
    }
    let (server, cache) = (server(), temporary());
    std::os::unix::fs::chown(cache.path(), Some(1234), None).unwrap();
    let done = Call::new("get", &server, cache.path()).run();
    assert_eq!(done.code, 0);
    assert!(done.stderr.contains("belongs to another user"), "{}", done.stderr);
    assert_eq!(names(cache.path()).len(), 0);
}

#[test]
fn root_leaves_nothing_in_another_user_s_home() {
    if !rustix::process::geteuid().is_root() {
        return; // about root alone
    }
    let (server, home, tmp) = (server(), temporary(), temporary());
    std::os::unix::fs::chown(home.path(), Some(1234), None).unwrap();
    let call = || Call::new("get", &server, Path::new("")).env("HOME", home.path());
    assert!(call().run().stderr.contains("no cache: HOME is not usable"));
    for call in [
        call().cache(&home.path().join("c")),
        // Also when our own home is another one.
        Call::new("get", &server, &home.path().join("a/b/c")).env("HOME", tmp.path()),
        Call::new("get", &server, Path::new(""))
            .env("HOME", tmp.path())
            .env("XDG_CACHE_HOME", home.path().join(".cache")),
    ] {
        let done = call.run();
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.stderr.contains("root makes none in another user's directory"), "{done:?}");
    }
    assert_eq!(names(home.path()).len(), 0);
    assert_eq!(call().env("WORKSPACE_TMP", tmp.path()).run().code, 0);
    assert_eq!(names(tmp.path()), [tmp.path().join("genesys-token-cache")]);
}

#[test]
fn the_default_place_is_the_user_s_cache_directory() {
    let (server, home) = (server(), temporary());
    let call = || Call::new("get", &server, Path::new("")).env("HOME", home.path());
    assert_eq!(call().run().token(), call().run().token());
    assert_eq!(names(&home.path().join(".cache/genesys-token")).len(), 2);
}

#[test]
fn without_a_usable_home_the_workspace_s_temporary_directory_serves() {
    let (server, tmp) = (server(), temporary());
    for home in [None, Some(""), Some("/"), Some("/nonexistent")] {
        let call = Call::new("get", &server, Path::new("")).env("WORKSPACE_TMP", tmp.path());
        let call = match home {
            Some(home) => call.env("HOME", home),
            None => call,
        };
        assert_eq!(call.run().code, 0, "{home:?}");
    }
    assert_eq!(names(&tmp.path().join("genesys-token-cache")).len(), 2);
    assert_eq!(server.token_requests(), 1);
}

#[test]
fn with_no_place_at_all_the_token_is_handed_out_and_the_line_says_so() {
    let server = server();
    let done = Call::new("get", &server, Path::new("")).run();
    assert_eq!(done.code, 0);
    assert!(done.stderr.contains("no cache: HOME is not usable"), "{}", done.stderr);
    assert_eq!(done.stderr.lines().count(), 1);
}

#[test]
fn without_the_cache_every_call_fetches_and_nothing_is_written() {
    let (server, home) = (server(), temporary());
    let call =
        || Call::new("get", &server, Path::new("")).env("HOME", home.path()).args(["--no-cache"]).run();
    assert_ne!(call().token(), call().token());
    assert_eq!(names(home.path()).len(), 0);
}

#[test]
fn a_full_disk_costs_the_cache_and_not_the_token() {
    // No file may grow at all: every write into the cache fails, as on a full disk.
    let (server, cache) = (server(), temporary());
    let quoted = format!("ulimit -f 0; trap '' XFSZ; exec {} get", harness::PROGRAM);
    let done = Call::shell(&quoted, &server, cache.path()).run();
    assert!(done.stderr.contains("could not be cached"), "{done:?}");
    assert_eq!(done.token().len(), 86);
    for left in names(cache.path()) {
        assert_eq!(fs::metadata(&left).unwrap().len(), 0, "{}", left.display());
    }
}

#[test]
fn killed_at_any_instant_it_leaves_the_old_entry_or_the_new_one_and_no_lock() {
    let (server, cache) = (server(), temporary());
    for turn in 0..300_u64 {
        let mut child = Call::new("get", &server, cache.path()).args(["--force-refresh"]).start();
        // Spread over a call's whole life, which is some milliseconds here.
        std::thread::sleep(Duration::from_micros(turn * 7_919 % 16_000));
        child.kill().unwrap();
        child.wait().unwrap();
        if turn % 20 == 0 {
            assert_eq!(Call::new("get", &server, cache.path()).run().token().len(), 86);
        }
    }
    let token = Call::new("get", &server, cache.path()).run().token().to_owned();
    assert!(server.tokens().contains(&token));
    // What the killed left is gone with the first fetch after a while.
    for path in names(cache.path()) {
        age(&path, Duration::from_secs(700));
    }
    Call::new("get", &server, cache.path()).args(["--force-refresh"]).run().token();
    assert_eq!(names(cache.path()).len(), 2, "{:?}", names(cache.path()));
}

fn age(path: &Path, by: Duration) {
    let file = fs::File::options().append(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - by).unwrap();
}

#[test]
fn entries_long_expired_are_pruned_and_strangers_are_left_alone() {
    let (server, cache) = (server(), temporary());
    let url = server.login_url();
    cached::put(&cached::store_of(cache.path(), &url, "long expired"), "t", DAY * 4, DAY);
    cached::put(&cached::store_of(cache.path(), &url, "just expired"), "t", DAY * 4, DAY * 3 + DAY / 2);
    cached::put(&cached::store_of(cache.path(), &url, "long lived"), "t", DAY * 4, DAY * 400);
    fs::write(cache.path().join("notes.token"), "a stranger's").unwrap();
    fs::create_dir(cache.path().join("dir.note")).unwrap();
    for path in names(cache.path()) {
        if path.is_file() {
            age(&path, DAY * 4);
        }
    }
    Call::new("get", &server, cache.path()).run().token();
    let tokens = names(cache.path()).iter().filter(|p| p.to_string_lossy().ends_with(".token")).count();
    // Ours, the just expired one, the long-lived one and the stranger's.
    assert_eq!(tokens, 4);
    assert!(cache.path().join("notes.token").exists() && cache.path().join("dir.note").exists());
}

#[test]
fn a_clock_before_the_entry_s_start_is_a_miss() {
    let (server, cache) = (server(), temporary());
    let store = cached::store(cache.path(), &server.login_url());
    let later = cached::now().plus(Duration::from_secs(3_600));
    let lifetime = genesys_token::token::Lifetime {
        requested_at: later,
        received_at: later,
        expires_at: later.plus(DAY),
    };
    let token = genesys_token::token::Token {
        value: "from the future".into(),
        lifetime: Some(lifetime),
        scope: None,
    };
    store.put_token(&token, &genesys_token::random::SystemRandom::default()).unwrap();
    assert_ne!(Call::new("get", &server, cache.path()).run().token(), "from the future");
}
