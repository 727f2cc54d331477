//! The client's id and secret.

use super::*;

#[test]
fn a_secret_comes_from_a_file_or_from_stdin_with_or_without_a_newline() {
    for content in [CLIENT_SECRET.to_owned(), format!("{CLIENT_SECRET}\n"), format!("{CLIENT_SECRET}\r\n")] {
        let scene = Scene::new();
        let path = write(scene.dir(), "secret", &content);
        let call = || scene.get().without("GENESYSCLOUD_OAUTHCLIENT_SECRET").fetched("no entry");
        let from_file = call().args(["--client-secret-file", &path]).cache(&scene.path("file")).success();
        let from_stdin = call().args(["--client-secret-file", "-"]).cache(&scene.path("stdin"));
        let from_stdin = from_stdin.stdin(&content).success();
        assert_eq!([from_file.token(), from_stdin.token()], scene.server.tokens()[..]);
    }
}

#[test]
fn a_credential_by_flag_wins_over_the_environment() {
    let scene = Scene::new();
    scene.server.add_client(OTHER_ID, OTHER_SECRET);
    let path = write(scene.dir(), "secret", OTHER_SECRET);
    let call = scene.get().args(["--client-id", OTHER_ID, "--client-secret-file", &path]);
    let done = call.provided("fetched token of client 9999…5555 at HOST, * left (no entry)").success();
    assert_eq!(done.token(), scene.server.tokens()[0]);
}

#[test]
fn a_trailing_newline_in_the_environment_is_removed_with_a_warning() {
    let scene = Scene::new();
    let call = scene.get().credential(&format!("{CLIENT_ID}\n"), &format!("{CLIENT_SECRET}\r\n"));
    let call = call
        .fetched("no entry")
        .warns("trailing newline removed from the client id in GENESYSCLOUD_OAUTHCLIENT_ID")
        .warns("trailing newline removed from the client secret in GENESYSCLOUD_OAUTHCLIENT_SECRET");
    let done = call.success();
    assert_eq!(done.token(), scene.server.tokens()[0]);
    done.leaks_nothing(scene.server.tokens());
}

#[test]
fn a_credential_of_an_unusual_form_is_a_warning_and_no_error() {
    let (id, secret) = ("my-client", "long-but-not-of-genesys");
    let scene = Scene::new();
    scene.server.add_client(id, secret);
    let call = scene
        .get()
        .credential(id, secret)
        .provided("fetched token of client my…nt at HOST, * left (no entry)")
        .warns("unusual client id of 9 characters: Genesys' are UUIDs of 36 characters")
        .warns("unusual client secret, shorter than usual: Genesys' are 43 characters of A-Z a-z 0-9 - _");
    let done = call.success();
    assert_eq!(done.token(), scene.server.tokens()[0]);
    done.leaks_nothing([secret]);
}

#[test]
fn a_placeholder_in_place_of_a_value_is_a_warning_that_names_it() {
    let scene = Scene::new();
    for placeholder in ["${GENESYS_SECRET}", "$GENESYS_SECRET", "null", "********", "changeme"] {
        scene.server.add_client(CLIENT_ID, placeholder);
        let warning = format!("the client secret is the placeholder {placeholder}, not a value");
        let call = scene.get().credential(CLIENT_ID, placeholder).fetched("no entry");
        call.warns(warning).success();
    }
    scene.server.add_client("${CLIENT_ID}", OTHER_SECRET);
    let call = scene.get().credential("${CLIENT_ID}", OTHER_SECRET);
    call.provided("fetched token of client * at HOST, * left (no entry)")
        .warns("the client id is the placeholder ${CLIENT_ID}, not a value")
        .success();
}

#[test]
fn a_credential_under_a_name_that_nothing_reads_is_named_with_the_right_one() {
    let (id, secret) = ("GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET");
    for (names, missing, right) in [
        (&["GENESYS_USR", "GENESYS_PSW"][..], "GENESYS_USR is", id),
        (&["PROD_USR", "PROD_PSW"], "PROD_USR is", id),
        (&["PURECLOUD_CLIENT_ID", "PURECLOUD_CLIENT_SECRET"], "PURECLOUD_CLIENT_ID is", id),
        (&["GENESYS_CLOUD_CLIENT_ID"], "GENESYS_CLOUD_CLIENT_ID is", id),
        (
            &["GENESYSCLOUD_CLIENT_ID", "GENESYS_CLOUD_CLIENT_ID"],
            "GENESYSCLOUD_CLIENT_ID and GENESYS_CLOUD_CLIENT_ID are",
            id,
        ),
        (&[id, "GENESYS_CLOUD_CLIENT_SECRET"], "GENESYS_CLOUD_CLIENT_SECRET is", secret),
        (&[id, "PROD_USR", "PROD_PSW"], "PROD_PSW is", secret),
    ] {
        let call = names.iter().fold(genesys_token().get(), |call, name| {
            call.env(name, if name.contains("ID") { CLIENT_ID } else { OTHER_SECRET })
        });
        let error = call.refused_hiding(Category::Credentials, [OTHER_SECRET]);
        let advice = format!("{missing} set, but the name that is read is {right}; in a pipeline, ");
        assert!(error.hint().starts_with(&advice), "{error:?}");
    }
    for name in ["PROD_USR", "AWS_CLIENT_ID", "GENESYSCLOUD_PROXY_AUTH_USERNAME", "GENESYSCLOUD_CLIENT_ID"] {
        let value = if name == "GENESYSCLOUD_CLIENT_ID" { "" } else { CLIENT_ID };
        let error = genesys_token().get().env(name, value).refused(Category::Credentials);
        assert!(error.hint().starts_with("in a pipeline, "), "{error:?}");
    }
}

#[test]
fn a_missing_credential_is_an_error_that_names_flag_and_variable() {
    let (id, secret) = ("GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET");
    for (what, name, flag) in
        [("client id", id, "--client-id"), ("client secret", secret, "--client-secret-file")]
    {
        let bind = genesys_token().bind().credential(CLIENT_ID, CLIENT_SECRET).args(["--dir", "x"]);
        for call in
            [get_with_credential().without(name), get_with_credential().env(name, ""), bind.without(name)]
        {
            let error = call.refused(Category::Credentials);
            assert_eq!(error.message, format!("no {what}: neither {flag} nor {name} is given"));
        }
    }
}

#[test]
fn a_character_that_no_credential_has_is_refused_by_its_position_and_the_value_is_not_shown() {
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
        for (what, id, secret) in
            [("client secret", CLIENT_ID, odd.as_str()), ("client id", odd.as_str(), CLIENT_SECRET)]
        {
            let call = genesys_token().get().credential(id, secret);
            let error = call.refused_hiding(Category::Credentials, [head, tail]);
            assert_eq!(error.message, format!("the {what} has {says}"));
        }
    }
}

#[test]
fn a_credential_that_is_only_a_newline_is_refused_as_empty() {
    for (id, secret, says) in
        [("\n", CLIENT_SECRET, "the client id is empty"), (CLIENT_ID, "\n", "the client secret is empty")]
    {
        let error = genesys_token().get().credential(id, secret).refused(Category::Credentials);
        assert_eq!(error.message, says);
    }
}

#[test]
fn an_id_with_the_secret_behind_a_colon_is_refused() {
    let both = format!("{CLIENT_ID}:{OTHER_SECRET}");
    let call = genesys_token().get().credential(&both, CLIENT_SECRET);
    let error = call.refused_hiding(Category::Credentials, [OTHER_SECRET]);
    assert_eq!(error.message, "the client id has a colon at character 37");
}

#[cfg(unix)]
#[test]
fn a_credential_that_is_not_text_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let bytes = b"\xff\xfe-secret";
    for name in ["GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET"] {
        let call = get_with_credential().env(name, std::ffi::OsStr::from_bytes(bytes));
        let error = call.refused(Category::Credentials);
        assert_eq!(error.message, format!("the value of {name} is not UTF-8"));
    }
    let dir = temporary_dir();
    let path = write(dir.path(), "secret", bytes);
    let call = genesys_token().get().args(["--client-id", CLIENT_ID, "--client-secret-file", &path]);
    let error = call.refused(Category::Credentials);
    assert_eq!(error.message, format!("cannot read the client secret from {path}: it is not text"));
}

#[test]
fn a_secret_file_that_can_not_be_read_is_a_credentials_error_that_names_it() {
    let dir = temporary_dir();
    let large = write(dir.path(), "large", "x".repeat(100_000));
    let missing = dir.path().join("missing").display().to_string();
    for path in [large, missing, dir.path().display().to_string()] {
        let call = genesys_token().get().args(["--client-id", CLIENT_ID, "--client-secret-file", &path]);
        let error = call.refused(Category::Credentials);
        let says = format!("cannot read the client secret from {path}: ");
        assert!(error.message.starts_with(&says), "{error:?}");
    }
}

#[test]
fn a_secret_that_is_a_word_is_not_masked_in_answers() {
    let regions = || genesys_token().verb("regions").any_stdout();
    let expected = regions().success().stdout;
    assert!(expected.contains("login.mypurecloud.com"), "{expected}");
    let done = regions().env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "mypurecloud").success();
    assert_eq!(done.stdout, expected);
}

#[test]
fn there_is_no_flag_for_the_secret_itself() {
    let call = genesys_token().get().args(["--client-secret", OTHER_SECRET]);
    let message = "genesys-token: error: unexpected argument '--client-secret' found\n";
    let tip = "  fix: a similar argument exists: '--client-secret-file'\n  fix: usage: *\n  fix: --help says more\n";
    call.stderr([message, tip].concat()).exit(2);
}

#[test]
fn a_secret_can_not_come_from_the_stdin_of_a_command() {
    let call = genesys_token().exec(["true"]).args(["--client-id", CLIENT_ID, "--client-secret-file", "-"]);
    let error = call.stdin(CLIENT_SECRET).refused(Category::Usage);
    assert_eq!(error.message, "--client-secret-file - reads stdin, which belongs to the command");
}
