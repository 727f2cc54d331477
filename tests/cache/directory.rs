//! The cache directory: what is in it, and what the program makes of damage, links and foreign files.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use genesys_token::cache::Cache;
use genesys_token::store::{Store as _, TEMPORARY_PREFIX};
use genesys_token::time::Timestamp;
use loopback_login_server::{Behaviour, CLIENT_ID, CLIENT_SECRET};

use super::DAY;
use crate::harness::canaries::hex;
use crate::harness::{Call, Scene, entry, genesys_token, together};

/// What a call says of the loopback server's own client when its secret is wrong.
const REFUSED: &str = "genesys-token: error: the login server HOST refused client 1111…5555: \
    invalid_client\n  …\n";

fn paths(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// The one path in `dir` that has this suffix.
#[track_caller]
fn only_path(dir: &Path, suffix: &str) -> PathBuf {
    let mut found = paths(dir).into_iter().filter(|path| path.to_string_lossy().ends_with(suffix));
    let path = found.next().expect("one such file");
    assert_eq!(found.next(), None);
    path
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file")
}

fn with_wrong_secret(scene: &Scene) -> Call {
    scene.get().credential(CLIENT_ID, &"w".repeat(43)).stderr(REFUSED)
}

#[test]
fn the_directory_and_its_files_belong_to_the_caller_alone() {
    let scene = Scene::new();
    let dir = scene.path("new/cache");
    scene.get().cache(&dir).fetched("no entry").success();
    let mode = |path: &Path| fs::metadata(path).expect("it exists").mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for path in paths(&dir) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert_eq!(read(&only_path(&dir, ".lock")), b"");
    assert_eq!(paths(&dir).len(), 2);
}

#[test]
fn neither_token_nor_secret_is_in_the_directory_in_any_encoding() {
    let scene = Scene::new();
    let token = scene.get().fetched("no entry").success().token().to_owned();
    // A refusal leaves a failure record as well.
    with_wrong_secret(&scene).exit(4);
    let all: Vec<u8> = paths(&scene.cache()).iter().flat_map(|path| read(path)).collect();
    let all = String::from_utf8(all).expect("records are text");
    assert!(all.contains(CLIENT_ID));
    for secret in [token.as_str(), CLIENT_SECRET, &"w".repeat(43)] {
        let hex = hex(secret);
        // Three alignments, each without the characters that depend on what surrounds the value.
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
fn a_wrong_secret_fetches_and_leaves_the_entry_of_the_right_one_alone() {
    let scene = Scene::new();
    let first = scene.get().fetched("no entry").success();
    let path = only_path(&scene.cache(), ".token");
    let entry = read(&path);
    with_wrong_secret(&scene).exit(4);
    assert_eq!(only_path(&scene.cache(), ".token"), path);
    assert_eq!(read(&path), entry);
    assert_eq!(scene.get().reused().success().token(), first.token());
    assert_eq!(scene.server.token_requests(), 2);
}

#[test]
fn a_damaged_entry_is_a_miss_and_no_error() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let path = only_path(&scene.cache(), ".token");
    let entry = read(&path);
    let mut requests = 1;
    let mut assert_miss = |content: &[u8], what: &str| {
        fs::write(&path, content).expect("the entry can be written");
        scene.get().fetched("no entry").success();
        requests += 1;
        assert_eq!(scene.server.token_requests(), requests, "{what}");
    };
    // Every bit and every length is tried in the unit tests; here a sample through the whole program.
    for at in (0..entry.len()).step_by(entry.len() / 16) {
        let mut flipped = entry.clone();
        flipped[at] ^= 1;
        assert_miss(&flipped, &format!("bit at {at}"));
        assert_miss(&entry[..at], &format!("cut at {at}"));
    }
    assert_miss(&vec![b'{'; 100_000], "huge");
    assert_miss(b"\0\xff\n\n", "binary");
}

/// A job of the same user without the secret can write into the directory, but nothing that a call believes.
#[test]
fn a_record_that_is_not_sealed_neither_stops_a_refresh_nor_answers_those_who_wait() {
    let scene = Scene::new();
    entry::put(
        &scene.cache(),
        &scene.server.login_url(),
        "current",
        DAY.saturating_sub(Duration::from_mins(10)),
        DAY,
    );
    let token = only_path(&scene.cache(), ".token");
    let record = token.with_extension("note");
    for forged in [&b""[..], b"{}", b"{}\n", &read(&token)] {
        fs::write(&record, forged).expect("the record can be written");
        scene.get().fetched("expires in 9m *").success();
        entry::put(
            &scene.cache(),
            &scene.server.login_url(),
            "current",
            DAY.saturating_sub(Duration::from_mins(10)),
            DAY,
        );
    }

    fs::remove_file(&token).expect("it is cached");
    let requests = scene.server.token_requests();
    scene.server.set(Behaviour { delay: Duration::from_millis(500), ..Behaviour::default() });
    thread::scope(|scope| {
        let herd = scope.spawn(|| together((0..20).map(|_| scene.get().fetched_or_reused())));
        while !herd.is_finished() {
            fs::write(&record, b"").expect("the record can be written");
            thread::yield_now();
        }
        herd.join().expect("every call gets a token");
    });
    assert_eq!(scene.server.token_requests(), requests + 1);
}

#[test]
fn an_entry_under_the_name_of_another_cache_key_is_a_miss() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let path = only_path(&scene.cache(), ".token");
    let with_scope = || scene.get().args(["--scope", "routing"]).fetched("no entry");
    with_scope().success();
    let is_other = |other: &PathBuf| other.to_string_lossy().ends_with(".token") && *other != path;
    let other = paths(&scene.cache()).into_iter().find(is_other).expect("an entry with the scope");
    fs::write(other, read(&path)).expect("the entry can be written");
    with_scope().success();
    assert_eq!(scene.server.token_requests(), 3);
}

#[test]
fn a_link_in_place_of_an_entry_a_lock_or_the_directory_is_not_followed() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    for suffix in [".token", ".lock"] {
        let path = only_path(&scene.cache(), suffix);
        let target = scene.path("target").with_extension(&suffix[1..]);
        fs::rename(&path, &target).expect("the file can be moved");
        symlink(&target, &path).expect("a link");
        let before = read(&target);
        scene.get().args(["--force-refresh"]).fetched("forced").success();
        assert_eq!(read(&target), before, "{suffix}");
    }
    let link = scene.path("link");
    symlink(scene.cache(), &link).expect("a link");
    for link in [link.clone(), link.join(""), link.join(".")] {
        let warning = format!("no cache: {}: *", link.display());
        scene.get().cache(&link).fetched("no entry").warns(warning).success();
    }
}

#[test]
fn an_empty_cache_dir_variable_means_the_user_s_cache_directory() {
    let scene = Scene::new();
    let call = || scene.get().cache(Path::new("")).env("HOME", scene.dir());
    let first = call().fetched("no entry").success();
    assert_eq!(call().reused().success().token(), first.token());
    let location = if cfg!(target_vendor = "apple") { "Library/Caches" } else { ".cache" };
    assert_eq!(paths(&scene.path(location).join("genesys-token")).len(), 2);
}

#[test]
fn without_the_cache_every_call_fetches_and_nothing_is_written() {
    let scene = Scene::new();
    let call = scene.get().cache(Path::new("")).env("HOME", scene.dir()).args(["--no-cache"]);
    let fetch = || call.clone().fetched("no entry").success();
    assert_ne!(fetch().token(), fetch().token());
    assert_eq!(paths(scene.dir()).len(), 0);
}

fn set_age(path: &Path, age: Duration) {
    let file = fs::File::options().append(true).open(path).expect("a file");
    file.set_modified(SystemTime::now() - age).expect("it is ours");
}

#[test]
fn long_expired_entries_are_swept_and_foreign_files_are_left_alone() {
    let scene = Scene::new();
    let dir = scene.cache();
    let store = entry::dir_store(&dir);
    let put = |secret: &str, lifetime: Duration| {
        let cache = Cache::new(&store, entry::cache_key(&scene.server.login_url()), &entry::secret(secret));
        entry::put_at(&cache, "t", entry::now().minus(DAY * 4), lifetime);
        cache
    };
    let long_expired = put("long-expired", DAY);
    let just_expired = put("just-expired", DAY * 3 + DAY / 2);
    let long_lived = put("long-lived", DAY * 400);
    fs::write(dir.join("notes.token"), "a foreign file").expect("a file");
    fs::create_dir(dir.join("dir.note")).expect("a directory");
    for path in paths(&dir).iter().filter(|path| path.is_file()) {
        set_age(path, DAY * 4);
    }
    scene.get().fetched("no entry").success();
    assert!(long_expired.token().is_none());
    assert!(just_expired.token().is_some() && long_lived.token().is_some());
    let tokens = paths(&dir).iter().filter(|path| path.to_string_lossy().ends_with(".token")).count();
    // The one just fetched, the just expired one, the long-lived one and the foreign one.
    assert_eq!(tokens, 4);
    assert!(dir.join("notes.token").exists() && dir.join("dir.note").exists());
}

#[test]
fn a_file_that_is_being_written_is_swept_when_it_is_more_than_ten_minutes_old() {
    let scene = Scene::new();
    let dir = scene.cache();
    let store = entry::dir_store(&dir);
    let unfinished = dir.join(format!("{TEMPORARY_PREFIX}abc"));
    fs::write(&unfinished, "x").expect("a file");
    let written_at = fs::metadata(&unfinished).and_then(|file| file.modified()).expect("a time");
    let ten_minutes_later = Timestamp::from(written_at).plus(Duration::from_mins(10));
    for (now, stays) in [(ten_minutes_later, true), (ten_minutes_later.plus(Duration::from_micros(1)), false)]
    {
        store.sweep(now, &|| false, &|_, _| false);
        assert_eq!(unfinished.exists(), stays);
    }
}

#[test]
fn the_cache_and_its_parents_are_closed_to_other_users_and_usable_with_any_umask() {
    for umask in ["000", "022", "077", "177", "277", "377", "777"] {
        let scene = Scene::new();
        let get = r#"umask "$1"; exec "$GENESYS_TOKEN" get"#;
        let call = genesys_token().script(get).arg("sh").arg(umask).at(&scene.server);
        let call = call.env("HOME", scene.dir()).prints_token();
        call.clone().fetched("no entry").success();
        call.reused().success();
        let mode = |path: &Path| fs::metadata(path).expect("it exists").mode() & 0o7777;
        let location = if cfg!(target_vendor = "apple") { "Library/Caches" } else { ".cache" };
        let cache = scene.path(location).join("genesys-token");
        assert_eq!(mode(&scene.path(location)), 0o700, "umask {umask}");
        assert_eq!(mode(&cache), 0o700, "umask {umask}");
        for path in paths(&cache) {
            assert_eq!(mode(&path), 0o600, "{} with umask {umask}", path.display());
        }
    }
}

#[test]
fn a_cache_that_can_not_be_created_leaves_no_parents_behind() {
    let scene = Scene::new();
    // The kernel takes no longer name.
    let dir = scene.path("a/b").join("x".repeat(256));
    scene.get().cache(&dir).fetched("no entry").warns(format!("no cache: {}: *", dir.display())).success();
    assert_eq!(paths(scene.dir()).len(), 0);
}

#[test]
fn a_directory_in_the_place_of_an_entry_or_a_lock_does_not_end_caching() {
    for suffix in [".token", ".lock"] {
        for content in [None, Some("notes")] {
            let scene = Scene::new();
            scene.get().fetched("no entry").success();
            let path = only_path(&scene.cache(), suffix);
            fs::remove_file(&path).expect("it is ours");
            fs::create_dir(&path).expect("a directory");
            if let Some(name) = content {
                fs::write(path.join(name), "x").expect("a file");
            }
            let first = scene.get().args(["--force-refresh"]).fetched("forced").success();
            assert_eq!(scene.get().reused().success().token(), first.token());
            assert!(path.is_file(), "{suffix}");
            let kept = paths(&scene.cache()).iter().filter(|path| path.join("notes").is_file()).count();
            assert_eq!((kept, paths(&scene.cache()).len()), (content.iter().len(), 2 + content.iter().len()));
        }
    }
}

#[test]
fn what_is_no_entry_is_swept_once_it_is_old() {
    let scene = Scene::new();
    let dir = scene.cache();
    entry::dir_store(&dir);
    let named = |letter: &str| dir.join(format!("{}-{}.token", letter.repeat(64), "0".repeat(16)));
    let long = vec![b'{'; 100_000];
    for (letter, content) in [("a", b"garbage".as_slice()), ("b", b""), ("c", &long), ("d", b"young")] {
        fs::write(named(letter), content).expect("a file");
    }
    let target = scene.path("target");
    fs::write(&target, "x").expect("a file");
    symlink(&target, named("e")).expect("a link");
    fs::create_dir(named("f")).expect("a directory");
    fs::create_dir(named("0")).expect("a directory");
    fs::write(named("0").join("notes"), "x").expect("a file");
    for letter in ["a", "b", "c", "e", "f", "0"] {
        // Of a link itself, too.
        let touched = Command::new("touch").args(["-h", "-t", "202601010000"]).arg(named(letter)).status();
        assert!(touched.expect("touch").success());
    }
    scene.get().fetched("no entry").success();
    for (letter, stays) in [("a", false), ("b", false), ("c", false), ("d", true), ("e", false), ("f", false)]
    {
        assert_eq!(named(letter).symlink_metadata().is_ok(), stays, "{letter}");
    }
    assert!(named("0").join("notes").exists());
    assert_eq!(read(&target), b"x");
}

#[test]
fn the_command_of_exec_has_the_umask_of_the_call() {
    let scene = Scene::new();
    let exec = r#"umask 027; exec "$GENESYS_TOKEN" exec -- sh -c umask"#;
    let call = genesys_token().script(exec).at(&scene.server).cache(&scene.path("new/cache"));
    assert_eq!(call.any_stdout().fetched("no entry").success().stdout.trim_start_matches('0'), "27\n");
}
