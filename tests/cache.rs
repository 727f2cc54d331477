//! The cache directory: what is in it, what is made of damage, and where it is when it can't be there.

mod harness;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
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
fn the_default_place_is_the_user_s_cache_directory() {
    let (server, home) = (server(), temporary());
    let call = || Call::new("get", &server, Path::new("")).env("HOME", home.path());
    assert_eq!(call().run().token(), call().run().token());
    assert_eq!(names(&home.path().join(".cache/genesys-token")).len(), 2);
}

#[test]
fn without_the_cache_every_call_fetches_and_nothing_is_written() {
    let (server, home) = (server(), temporary());
    let call =
        || Call::new("get", &server, Path::new("")).env("HOME", home.path()).args(["--no-cache"]).run();
    assert_ne!(call().token(), call().token());
    assert_eq!(names(home.path()).len(), 0);
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
