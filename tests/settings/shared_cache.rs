//! The cache that machines share: its address, and where its password may stand.

use super::*;

const URL: &str = "GENESYS_TOKEN_SHARED_CACHE";
const PASSWORD: &str = "pa55/word-of-redis";

#[test]
fn a_value_that_makes_no_sense_is_a_usage_error_that_names_it_and_never_shows_it() {
    let long = "x".repeat(65);
    for (variable, value, why) in [
        (URL, "http://canary-value:6379", "has another scheme than redis, rediss and unix"),
        (URL, "redis://canary-value/one", "has a database that is no number"),
        (URL, "unix://canary-value", "has no absolute path to a socket"),
        ("GENESYS_TOKEN_SHARED_CACHE_PREFIX", "canary-value {}", "has a space, a brace, *"),
        ("GENESYS_TOKEN_SHARED_CACHE_PREFIX", &long, "is longer than 64 characters"),
    ] {
        let call = get_with_credential().env(URL, "cache.example").env(variable, value);
        let error = call.refused(Category::Usage);
        assert!(error.message.starts_with(&format!("the value of {variable} ")), "{error:?}");
        let why = why.trim_end_matches('*');
        assert!(error.message.contains(why) && !format!("{error:?}").contains("canary-value"), "{error:?}");
    }
    for value in ["soon", "0"] {
        let variable = "GENESYS_TOKEN_SHARED_CACHE_TIMEOUT";
        let error = get_with_credential().env(URL, "cache.example").env(variable, value);
        let error = error.refused(Category::Usage);
        assert!(error.message.starts_with(&format!("{variable}: ")), "{error:?}");
    }
    let error = get_with_credential().args(["--shared-cache", "http://canary-value"]);
    let error = error.refused(Category::Usage);
    assert_eq!(error.message, "the value of --shared-cache has another scheme than redis, rediss and unix");
}

#[test]
fn a_password_in_the_flag_is_refused_wherever_it_stands_and_never_shown() {
    for url in [
        format!("rediss://someone:{PASSWORD}@cache.example"),
        format!("redis://:{PASSWORD}@cache.example:6379/1"),
        format!("someone:{PASSWORD}@cache.example"),
    ] {
        for verb in ["get", "revoke", "whoami", "invalidate"] {
            let call = genesys_token().verb(verb).credential(CLIENT_ID, CLIENT_SECRET);
            let error = call.args(["--shared-cache", &url]).refused(Category::Usage);
            assert_eq!(error.message, "--shared-cache has a password in its URL");
            let fix = &error.fixes[0];
            assert!(fix.contains("GENESYS_TOKEN_SHARED_CACHE_PASSWORD_FILE"), "{error:?}");
            assert!(!format!("{error:?}").contains("pa55"), "{error:?}");
        }
        let doctor = genesys_token().doctor().args(["--shared-cache", &url]).any_stdout().exit(2);
        assert!(doctor.stdout.contains("--shared-cache has a password in its URL"), "{doctor:?}");
        doctor.leaks_nothing([PASSWORD]);
    }
}

#[test]
fn a_url_with_a_password_in_arguments_that_are_not_understood_is_never_repeated() {
    for password in [PASSWORD, "pa55=word=of=redis"] {
        let url = format!("rediss://someone:{password}@cache.example");
        for args in [vec![url.clone()], vec![format!("--region={url}")], vec![format!("--timeout={url}")]] {
            let call = get_with_credential().args(args).stderr(ERROR_IN_TEXT);
            call.exit(2).leaks_nothing([password]);
        }
    }
}

#[test]
fn a_password_that_is_not_escaped_in_the_url_is_said_to_be_the_reason() {
    let url = format!("redis://someone:{PASSWORD}@cache.example");
    let error = get_with_credential().env(URL, url).refused(Category::Usage);
    let fix = "give the password in GENESYS_TOKEN_SHARED_CACHE_PASSWORD, or escape what is special in URLs";
    assert_eq!(error.fixes[1], fix, "{error:?}");
    assert!(!format!("{error:?}").contains("pa55"), "{error:?}");
}

#[test]
fn a_hit_reads_no_file_and_asks_nobody() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let call = scene
        .get()
        .env(URL, "rediss://nowhere.invalid")
        .env("GENESYS_TOKEN_SHARED_CACHE_PASSWORD_FILE", "/nonexistent");
    call.env("GENESYS_TOKEN_SHARED_CACHE_CA_CERT", "/nonexistent").reused().success();
}

#[test]
fn its_password_is_redacted_in_what_an_error_quotes() {
    let password = "redis-pa55-word";
    for (variable, value) in [
        ("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", password.to_owned()),
        (URL, format!("redis://:{password}@cache.example")),
    ] {
        let call = get_with_credential().env(variable, value).args(["--region", password]);
        call.stderr("genesys-token: error: unknown region \"****\"\n  …\n").exit(2);
    }
}
