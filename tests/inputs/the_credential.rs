//! Id and secret.

use super::*;

fn without_secret(server: &LoginServer, cache: &Path) -> Call {
    Call::new("get", server, cache).without("GENESYSCLOUD_OAUTHCLIENT_SECRET")
}

#[test]
fn may_come_from_a_file_or_from_stdin_with_or_without_a_newline() {
    for content in [CLIENT_SECRET.to_owned(), format!("{CLIENT_SECRET}\n"), format!("{CLIENT_SECRET}\r\n")] {
        let (server, dir) = (server(), dir());
        let path = write(dir.path(), "secret", &content);
        let file = without_secret(&server, &dir.path().join("file")).args(["--client-secret-file", &path]);
        let stdin = without_secret(&server, &dir.path().join("stdin")).args(["--client-secret-file", "-"]);
        let done = [file.run(), stdin.stdin(&content).run()];
        assert_eq!([done[0].token(), done[1].token()], server.tokens()[..]);
        for done in done {
            assert!(!done.stderr.contains("newline"), "normal in a file: {done:?}");
        }
    }
}

#[test]
fn by_flag_wins_over_the_environment() {
    let (server, dir) = (server(), dir());
    server.add_client(OTHER_ID, OTHER_SECRET);
    let path = write(dir.path(), "secret", OTHER_SECRET);
    let call = Call::new("get", &server, &dir.path().join("cache"));
    let done = call.args(["--client-id", OTHER_ID, "--client-secret-file", &path]).run();
    assert_eq!(done.token(), server.tokens()[0]);
    assert!(done.stderr.contains("client 9999…5555"), "{done:?}");
}

#[test]
fn with_a_newline_in_the_environment_works_with_a_warning() {
    let (server, dir) = (server(), dir());
    let call = Call::new("get", &server, dir.path());
    let done = call.credential(&format!("{CLIENT_ID}\n"), &format!("{CLIENT_SECRET}\r\n")).run();
    assert_eq!(done.token(), server.tokens()[0]);
    for name in ["GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET"] {
        assert!(done.stderr.contains(name), "{name} is not in {done:?}");
    }
    done.keeps_to_itself(server.tokens());
}

#[test]
fn of_an_unusual_shape_is_a_warning_and_no_refusal() {
    let (server, dir) = (server(), dir());
    server.add_client("my-client", "long-but-not-of-genesys");
    let done = Call::new("get", &server, dir.path()).credential("my-client", "long-but-not-of-genesys").run();
    assert_eq!(done.token(), server.tokens()[0]);
    assert!(done.stderr.contains("unusual client id"), "{done:?}");
    assert!(done.stderr.contains("client secret"), "{done:?}");
    assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
    done.keeps_to_itself(["long-but-not-of-genesys"]);
}

#[test]
fn that_is_missing_is_named_with_the_flag_and_the_variable() {
    let (id, secret) = ("GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET");
    for (name, flag) in [(id, "--client-id"), (secret, "--client-secret-file")] {
        for call in [
            Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).without(name),
            Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).env(name, ""),
            Call::bare("bind").credential(CLIENT_ID, CLIENT_SECRET).without(name).args(["--dir", "x"]),
        ] {
            let error = refused(call, Category::Credentials, name);
            assert!(error.message.contains(flag), "{error:?}");
        }
    }
}

#[test]
fn with_a_character_that_none_has_is_refused_with_its_position_and_never_its_value() {
    let (head, tail) = OTHER_SECRET.split_at(10);
    for (character, says) in [
        (" ", "a space at character 11"),
        ("\t", "a tab at character 11"),
        ("\n", "a newline at character 11"),
        ("\r", "a carriage return at character 11"),
        ("\u{1b}", "a control character at character 11"),
        ("\u{a0}", "a no-break space at character 11"),
        ("\u{200b}", "an invisible character at character 11"),
    ] {
        let odd = format!("{head}{character}{tail}");
        for (id, secret) in [(CLIENT_ID, odd.as_str()), (odd.as_str(), CLIENT_SECRET)] {
            let done = Call::bare("get").credential(id, secret).args(["--error-format", "json"]).run();
            done.keeps_to_itself([head, tail]);
            let error = done.refused();
            assert_eq!(error.category, Category::Credentials);
            assert!(error.message.contains(says), "{says} is not in {error:?}");
        }
    }
}

#[test]
fn that_is_only_a_newline_is_refused_as_empty() {
    refused(Call::bare("get").credential("\n", CLIENT_SECRET), Category::Credentials, "client id is empty");
    refused(Call::bare("get").credential(CLIENT_ID, "\n"), Category::Credentials, "client secret is empty");
}

#[test]
fn with_id_and_secret_in_one_is_refused() {
    let both = format!("{CLIENT_ID}:{OTHER_SECRET}");
    refused(Call::bare("get").credential(&both, CLIENT_SECRET), Category::Credentials, "a colon");
}

#[cfg(unix)]
#[test]
fn that_is_not_text_is_malformed() {
    use std::os::unix::ffi::OsStrExt as _;
    let bytes = std::ffi::OsStr::from_bytes(b"\xff\xfe-secret");
    for name in ["GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET"] {
        let call = Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).env(name, bytes);
        refused(call, Category::Credentials, name);
    }
    let dir = dir();
    let path = write(dir.path(), "secret", b"\xff\xfe-secret");
    let call = Call::bare("get").args(["--client-id", CLIENT_ID, "--client-secret-file", &path]);
    refused(call, Category::Credentials, "not text");
}

#[test]
fn in_a_file_that_can_not_be_read_is_missing() {
    let dir = dir();
    let large = write(dir.path(), "large", "x".repeat(100_000));
    let nowhere = dir.path().join("nowhere").display().to_string();
    for path in [large, nowhere, dir.path().display().to_string()] {
        let call = Call::bare("get").args(["--client-id", CLIENT_ID, "--client-secret-file", &path]);
        refused(call, Category::Credentials, &path);
    }
}

#[test]
fn given_in_the_wrong_place_is_never_repeated() {
    let rows: [&[&str]; 8] = [
        &[OTHER_SECRET],
        &["--timeout", OTHER_SECRET],
        &["--client-secret", OTHER_SECRET],
        &[&format!("--client-secret={OTHER_SECRET}")],
        &["--client-id", CLIENT_ID, "--client-secret-file", OTHER_SECRET],
        &["--region", OTHER_SECRET],
        &["--client-id", OTHER_SECRET],
        &[&format!("--login-url=https://{CLIENT_ID}:{OTHER_SECRET}@login.mypurecloud.com")],
    ];
    for flags in rows {
        for (verb, form) in [("get", "text"), ("get", "json"), ("doctor", "text")] {
            let done = Call::bare(verb).args(["--error-format", form]).args(flags).run();
            assert!((1..=3).contains(&done.code), "{done:?}");
            done.keeps_to_itself([OTHER_SECRET]);
        }
    }
}

#[test]
fn given_in_the_wrong_variable_is_never_repeated() {
    for variable in [
        "GENESYSCLOUD_REGION",
        "GENESYS_TOKEN_TIMEOUT",
        "GENESYS_TOKEN_MIN_TTL",
        "GENESYS_TOKEN_VERIFY",
        "GENESYS_TOKEN_CA_CERT",
        "GENESYS_TOKEN_LOGIN_URL",
    ] {
        for (verb, secret) in [("get", "60s"), ("get", OTHER_SECRET), ("doctor", OTHER_SECRET)] {
            let call = Call::bare(verb).args(["--client-id", CLIENT_ID]).env(variable, OTHER_SECRET);
            let done = call.env("GENESYSCLOUD_OAUTHCLIENT_SECRET", secret).run();
            assert_ne!(done.code, 0, "{variable}: {done:?}");
            done.keeps_to_itself([OTHER_SECRET]);
        }
    }
}

#[test]
fn that_is_a_word_is_left_in_answers() {
    let done = Call::bare("regions").env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "mypurecloud").run();
    assert!(done.stdout.contains("login.mypurecloud.com"), "{done:?}");
}

#[test]
fn has_no_flag_for_the_secret_itself() {
    let done = Call::bare("get").args(["--client-secret", OTHER_SECRET]).run();
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("--client-secret-file"), "it says which one there is: {done:?}");
}

#[test]
fn can_not_come_from_the_stdin_of_the_command() {
    let call = Call::bare("exec").args(["--client-id", CLIENT_ID, "--client-secret-file", "-"]);
    let done = call.args(["--error-format", "json", "--", "true"]).stdin(CLIENT_SECRET).run();
    assert_eq!(done.refused().category, Category::Usage);
}
