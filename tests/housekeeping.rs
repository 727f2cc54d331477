//! `status`, `invalidate`, `revoke` and `clear`: what is cached, and getting rid of it.

mod harness;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use genesys_token::error::Category;
use harness::{Call, Done, cached, together};
use loopback_login_server::{Behaviour, CLIENT_ID, LoginServer, VerifyAnswer, refused_url};
use serde_json::Value;
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(86_400);

fn dir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn server() -> LoginServer {
    LoginServer::start(Behaviour::default())
}

/// A call that knows no secret and no server.
fn bare(verb: &str, cache: &Path) -> Call {
    Call::bare(verb).cache(cache)
}

fn rows(cache: &Path) -> Vec<Value> {
    let done = bare("status", cache).args(["--format", "json"]).run();
    serde_json::from_str(&done.stdout).expect("a list in JSON")
}

fn names(dir: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(dir).expect("a directory");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

fn is_lock(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "lock")
}

mod status {
    use super::*;

    #[test]
    fn shows_every_entry_without_secret_and_network() {
        let (server, cache) = (server(), dir());
        Call::new("get", &server, cache.path()).run().token();
        Call::new("get", &server, cache.path()).args(["--scope", "users routing"]).run().token();
        let asked = server.log().len();
        let done = bare("status", cache.path()).run();
        assert_eq!((done.code, done.stderr.as_str()), (0, ""));
        let lines: Vec<&str> = done.stdout.lines().collect();
        assert_eq!(lines.len(), 3, "{}", done.stdout);
        assert!(lines[0].starts_with("REGION"), "{}", done.stdout);
        let scoped = lines.iter().find(|line| line.contains("routing users")).expect("a row");
        assert!(scoped.contains("1111…5555") && scoped.contains("23h 59m"), "{scoped}");
        assert!(scoped.ends_with("fresh"), "{scoped}");
        assert!(!done.stdout.contains(CLIENT_ID), "{}", done.stdout);
        assert_eq!(server.log().len(), asked);
        done.keeps_to_itself([""; 0]);
        for token in server.tokens() {
            assert!(!done.stdout.contains(&token), "{done:?}");
        }
    }

    #[test]
    fn is_a_list_with_exactly_these_fields_for_scripts() {
        let (server, cache) = (server(), dir());
        Call::new("get", &server, cache.path()).run().token();
        let rows = rows(cache.path());
        let fields: Vec<&String> = rows[0].as_object().expect("an object").keys().collect();
        assert_eq!(
            fields,
            [
                "age",
                "client_id",
                "expires_at",
                "expires_in",
                "login_url",
                "region",
                "requested_at",
                "scopes",
                "state"
            ]
        );
        assert_eq!((&rows[0]["client_id"], &rows[0]["state"]), (&CLIENT_ID.into(), &"fresh".into()));
        assert_eq!(rows[0]["login_url"], server.login_url().as_str());
        assert!(rows[0]["expires_in"].as_u64().expect("a number") > 86_000);
    }

    #[test]
    fn tells_what_the_next_call_would_do() {
        for (age, state) in [
            (Duration::from_secs(60), "fresh"),
            (DAY.saturating_sub(Duration::from_secs(600)), "renewed at the next call"),
            (DAY.saturating_sub(Duration::from_secs(100)), "renewed at the next call"),
            (DAY, "expired"),
        ] {
            let cache = dir();
            cached::put(&cached::store(cache.path(), "https://login.mypurecloud.de"), "token", age, DAY);
            let rows = rows(cache.path());
            assert_eq!((&rows[0]["state"], &rows[0]["region"]), (&state.into(), &"eu-central-1".into()));
        }
        let cache = dir();
        let store = cached::store(cache.path(), "https://login.mypurecloud.de");
        cached::put_at(&store, "token", cached::now().plus(DAY), DAY);
        assert_eq!(rows(cache.path())[0]["state"], "from the future");
    }

    #[test]
    fn of_an_empty_cache_has_an_exit_code_of_its_own() {
        let cache = dir();
        for place in [cache.path().to_owned(), cache.path().join("nowhere")] {
            let done = bare("status", &place).run();
            assert_eq!((done.code, done.stdout.as_str()), (8, ""), "{done:?}");
            assert!(done.stderr.contains("nothing is cached in"), "{done:?}");
            assert!(rows(&place).is_empty());
        }
        assert_eq!(names(cache.path()).len(), 0, "looking makes no directory");
    }

    #[test]
    fn of_an_entry_that_somebody_forged_moves_no_terminal() {
        let cache = dir();
        let name = format!("{}-{}.token", "a".repeat(64), "b".repeat(16));
        let header = format!(
            r#"{{"salt":"","client_id":"\u001b[2Jx","login_url":"https://x\u001b[1m","scopes":"\u0007","requested_at":{},"received_at":0,"expires_at":{}}}"#,
            cached::now().0,
            cached::now().plus(DAY).0
        );
        fs::write(cache.path().join(name), format!("{header}\nAAAA\n")).expect("a file");
        let done = bare("status", cache.path()).run();
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.stdout.chars().all(|c| c == '\n' || !c.is_control()), "{done:?}");
    }
}

mod invalidate {
    use super::*;

    fn invalidate(server: &LoginServer, cache: &Path) -> Call {
        Call::new("invalidate", server, cache)
    }

    #[test]
    fn drops_this_client_s_token_and_no_other() {
        let (server, cache) = (server(), dir());
        let get = |scope: &str| {
            Call::new("get", &server, cache.path()).args(["--scope", scope]).run().token().to_owned()
        };
        let (plain, scoped) = (get(""), get("routing"));
        let done = invalidate(&server, cache.path()).run();
        assert_eq!((done.code, done.stdout.as_str()), (0, ""));
        assert!(done.stderr.contains("dropped the cached token of client 1111…5555"), "{done:?}");
        assert_ne!(get(""), plain);
        assert_eq!(get("routing"), scoped);
        let wrong = invalidate(&server, cache.path()).credential(CLIENT_ID, &"x".repeat(43)).run();
        assert!(wrong.stderr.contains("there is no cached token"), "{wrong:?}");
        assert_eq!(rows(cache.path()).len(), 2);
    }

    #[test]
    fn with_a_token_drops_only_that_very_one() {
        let (server, cache) = (server(), dir());
        let old = Call::new("get", &server, cache.path()).run().token().to_owned();
        let new = Call::new("get", &server, cache.path()).args(["--force-refresh"]).run().token().to_owned();
        let call = |token: &str| invalidate(&server, cache.path()).args(["--token-stdin"]).stdin(token).run();
        let kept = call(&format!("{old}\n"));
        assert!(kept.stderr.contains("kept the cached token, which is another one"), "{kept:?}");
        assert_eq!(Call::new("get", &server, cache.path()).run().token(), new);
        let dropped = call(&new);
        assert!(dropped.stderr.contains("dropped the cached token"), "{dropped:?}");
        for done in [kept, dropped] {
            assert_eq!(done.code, 0);
            done.keeps_to_itself([&old, &new]);
        }
    }

    #[test]
    fn of_an_old_token_leaves_the_newer_alone_however_many_race() {
        let (server, cache) = (server(), dir());
        let old = Call::new("get", &server, cache.path()).run().token().to_owned();
        server.kill_all_tokens();
        server.set(Behaviour { delay: Duration::from_millis(50), ..Behaviour::default() });
        // Each is a stage that got a 401: it evicts what it held, and asks again.
        let script =
            format!("printf %s \"$OLD\" | {0} invalidate -q --token-stdin && exec {0} get", harness::PROGRAM);
        let stages = (0..50).map(|_| Call::shell(&script, &server, cache.path()).env("OLD", &old));
        let tokens: BTreeSet<String> = together(stages).iter().map(Done::token).map(str::to_owned).collect();
        assert_eq!(server.token_requests(), 2, "one for all of them");
        assert_eq!(tokens, BTreeSet::from([server.tokens()[1].clone()]));
    }

    #[test]
    fn where_there_is_no_place_for_a_cache_finds_nothing() {
        let server = server();
        for verb in ["invalidate", "revoke", "clear", "status"] {
            let call = Call::new(verb, &server, Path::new("")).env("HOME", "/");
            let done = call.without("GENESYS_TOKEN_LOGIN_URL").without("GENESYS_TOKEN_API_URL").run();
            assert_eq!(done.code, if verb == "status" { 8 } else { 0 }, "{verb}: {done:?}");
        }
    }

    #[test]
    fn says_first_that_a_setting_makes_no_sense() {
        let (server, cache) = (server(), dir());
        Call::new("get", &server, cache.path()).run().token();
        for verb in ["invalidate", "revoke", "clear"] {
            let done = Call::new(verb, &server, cache.path()).env("GENESYS_TOKEN_LOG", "maybe").run();
            assert_eq!(done.code, 2, "{done:?}");
            assert_eq!(rows(cache.path()).len(), 1, "{verb} did nothing");
        }
    }

    #[test]
    fn refuses_what_it_can_not_read() {
        let (server, cache) = (server(), dir());
        let call = || invalidate(&server, cache.path()).args(["--token-stdin", "--error-format", "json"]);
        for text in ["", "\n", "two words", "two\nlines"] {
            assert_eq!(call().stdin(text).run().refused().category, Category::Usage, "{text:?}");
        }
        let both = call().args(["--client-secret-file", "-"]).stdin("x").run();
        assert_eq!(both.refused().category, Category::Usage);
    }

    #[cfg(unix)]
    #[test]
    fn waits_for_the_lock_no_longer_than_told() {
        let (server, cache) = (server(), dir());
        let store = cached::store(cache.path(), &server.login_url());
        cached::put(&store, "token", Duration::ZERO, DAY);
        let held = store.try_lock();
        let call = invalidate(&server, cache.path()).args(["--timeout", "1s", "--error-format", "json"]);
        assert_eq!(call.run().refused().category, Category::Unavailable);
        drop(held);
        assert!(store.token().is_some());
    }
}

mod revoke {
    use super::*;

    #[test]
    fn ends_the_token_at_the_server_and_drops_it_here() {
        let (server, cache) = (server(), dir());
        let token = Call::new("get", &server, cache.path()).run().token().to_owned();
        let done = Call::new("revoke", &server, cache.path()).run();
        assert_eq!((done.code, done.stdout.as_str()), (0, ""), "{done:?}");
        assert!(done.stderr.contains("revoked the token of client 1111…5555"), "{done:?}");
        let log = server.log();
        let last = log.last().expect("a request");
        assert_eq!((last.method.as_str(), last.path.as_str()), ("DELETE", "/api/v2/tokens/me"));
        assert_eq!(last.header("authorization"), Some(format!("Bearer {token}").as_str()));
        assert!(rows(cache.path()).is_empty());
        done.keeps_to_itself([&token]);
        let again = Call::new("revoke", &server, cache.path()).run();
        assert_eq!(again.code, 0);
        assert!(again.stderr.contains("there is no cached token"), "{again:?}");
    }

    #[test]
    fn of_a_token_that_is_dead_already_drops_it() {
        let (server, cache) = (server(), dir());
        Call::new("get", &server, cache.path()).run().token();
        server.kill_all_tokens();
        let done = Call::new("revoke", &server, cache.path()).run();
        assert!(
            done.code == 0 && done.stderr.contains("the API host does not know the token any more"),
            "{done:?}"
        );
        assert!(rows(cache.path()).is_empty());
    }

    #[test]
    fn from_an_address_that_the_organisation_does_not_take_is_no_success() {
        let (server, cache) = (server(), dir());
        Call::new("get", &server, cache.path()).run().token();
        let verify_answer = VerifyAnswer::Code(401, "ip.not.authorized".to_owned());
        server.set(Behaviour { verify_answer, ..Behaviour::default() });
        let error =
            Call::new("revoke", &server, cache.path()).args(["--error-format", "json"]).run().refused();
        assert!(error.message.contains("refuses this machine's address"), "{error:?}");
        assert_eq!(rows(cache.path()).len(), 1, "it is still needed");
    }

    #[test]
    fn does_nothing_while_it_can_not_have_the_lock() {
        let (server, cache) = (server(), dir());
        Call::new("get", &server, cache.path()).run().token();
        let store = cached::store(cache.path(), &server.login_url());
        let held = store.try_lock();
        let call =
            Call::new("revoke", &server, cache.path()).args(["--timeout", "1s", "--error-format", "json"]);
        assert_eq!(call.run().refused().category, Category::Unavailable);
        drop(held);
        assert!(server.log().iter().all(|record| record.method != "DELETE"));
        assert!(store.token().is_some());
    }

    #[test]
    fn that_the_server_does_not_confirm_keeps_the_token() {
        let (server, cache) = (server(), dir());
        Call::new("get", &server, cache.path()).run().token();
        let failing = Behaviour { verify_answer: VerifyAnswer::Status(500), ..Behaviour::default() };
        server.set(failing);
        let call = || Call::new("revoke", &server, cache.path()).args(["--error-format", "json"]);
        for call in [call(), call().env("GENESYS_TOKEN_API_URL", refused_url())] {
            let error = call.run().refused();
            assert_eq!(error.category, Category::Unavailable);
            assert!(error.hint.contains("still cached"), "{error:?}");
        }
        assert_eq!(rows(cache.path()).len(), 1);
    }
}

mod clear {
    use super::*;

    #[test]
    fn empties_the_cache_and_the_next_call_fetches() {
        let (server, cache) = (server(), dir());
        let first = Call::new("get", &server, cache.path()).run().token().to_owned();
        let done = bare("clear", cache.path()).run();
        assert_eq!((done.code, done.stdout.as_str()), (0, ""));
        assert!(done.stderr.contains("removed 1 files from"), "{done:?}");
        assert!(names(cache.path()).iter().all(|name| is_lock(name)), "locks are never deleted");
        assert_ne!(Call::new("get", &server, cache.path()).run().token(), first);
    }

    #[test]
    fn of_what_is_not_there_is_fine_and_makes_nothing() {
        let cache = dir();
        assert_eq!(bare("clear", &cache.path().join("nowhere")).run().code, 0);
        assert_eq!(names(cache.path()).len(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn and_status_touch_nothing_but_our_own_names() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (server, cache, outside) = (server(), dir(), dir());
        Call::new("get", &server, cache.path()).run().token();
        let ours = |letter: &str, ending: &str| {
            cache.path().join(format!("{}-{}{ending}", letter.repeat(64), "0".repeat(16)))
        };
        let precious = outside.path().join("precious");
        fs::write(&precious, "x").expect("a file");
        fs::write(ours("a", ".token"), "garbage").expect("a file");
        fs::write(ours("b", ".token"), "").expect("a file");
        fs::write(ours("c", ".note"), [0xff; 100]).expect("a file");
        symlink(&precious, ours("d", ".token")).expect("a link");
        fs::create_dir(ours("e", ".token")).expect("a directory");
        fs::write(ours("f", ".lock"), "").expect("a file");
        fs::write(cache.path().join(".writing-abc"), "x").expect("a file");
        let foreign = ["README", "x.token", "tool.json", "deadbeef-0.note"];
        for name in foreign {
            fs::write(cache.path().join(name), "x").expect("a file");
        }
        if rustix::process::geteuid().is_root() {
            let theirs = ours("9", ".token");
            fs::write(&theirs, "theirs").expect("a file");
            std::os::unix::fs::chown(&theirs, Some(1234), None).expect("root may");
        }
        let rows = rows(cache.path());
        let unreadable = rows.iter().filter(|row| row["state"] == "unreadable").count();
        assert_eq!(rows.len() - unreadable, 1, "{rows:?}");
        assert!(unreadable >= 4, "{rows:?}");

        // A directory in the place of a file can't be removed, and is told.
        let done = bare("clear", cache.path()).args(["--error-format", "json"]).run();
        assert_eq!(done.refused().category, Category::Internal);
        let mut left: Vec<String> = names(cache.path()).into_iter().collect();
        left.retain(|name| !is_lock(name));
        let mut expected: Vec<String> = foreign.map(str::to_owned).to_vec();
        expected.push(ours("e", ".token").file_name().expect("a name").to_string_lossy().into_owned());
        expected.sort();
        assert_eq!(left, expected);
        assert_eq!(fs::read_to_string(&precious).expect("it is there"), "x");

        let open = dir();
        fs::write(open.path().join(".writing-x"), "x").expect("a file");
        fs::set_permissions(open.path(), fs::Permissions::from_mode(0o777)).expect("it is ours");
        for verb in ["clear", "status"] {
            let done = bare(verb, open.path()).args(["--error-format", "json"]).run();
            assert_eq!(done.refused().category, Category::Usage);
        }
        assert_eq!(names(open.path()).len(), 1);
    }

    #[test]
    fn beside_callers_that_run_breaks_none_of_them() {
        let (server, cache) = (server(), dir());
        let calls = (0..60).map(|number| match number % 3 {
            0 => bare("clear", cache.path()),
            1 => Call::new("get", &server, cache.path()).args(["--force-refresh"]),
            _ => Call::new("get", &server, cache.path()),
        });
        for done in together(calls) {
            assert_eq!(done.code, 0, "{done:?}");
        }
        let token = Call::new("get", &server, cache.path()).run().token().to_owned();
        assert!(server.tokens().contains(&token));
    }
}
