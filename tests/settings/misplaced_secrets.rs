//! A secret in the place of another value: no message repeats it.

use super::*;

/// Asserts that `call` fails with this exit code, and does not repeat [`OTHER_SECRET`] in text or JSON.
#[track_caller]
fn assert_not_repeated(call: &Call, code: i32) {
    for (form, stderr) in [("text", ERROR_IN_TEXT), ("json", "{*}\n")] {
        let call = call.clone().args(["--error-format", form]).stderr(stderr);
        call.exit(code).leaks_nothing([OTHER_SECRET]);
    }
}

#[test]
fn a_secret_in_arguments_that_are_not_understood_is_never_repeated() {
    let rows: [&[&str]; 4] = [
        &[OTHER_SECRET],
        &["--timeout", OTHER_SECRET],
        &["--client-secret", OTHER_SECRET],
        &[&format!("--client-secret={OTHER_SECRET}")],
    ];
    for flags in rows {
        for verb in ["get", "doctor"] {
            assert_not_repeated(&genesys_token().verb(verb).args(flags), 2);
        }
    }
}

#[test]
fn a_secret_given_to_another_flag_is_never_repeated() {
    let rows: [(&[&str], i32); 4] = [
        (&["--client-id", CLIENT_ID, "--client-secret-file", OTHER_SECRET], 3),
        (&["--region", OTHER_SECRET], 2),
        (&["--client-id", OTHER_SECRET], 3),
        (&[&format!("--login-url=https://{CLIENT_ID}:{OTHER_SECRET}@login.mypurecloud.com")], 2),
    ];
    for (flags, code) in rows {
        assert_not_repeated(&genesys_token().get().args(flags), code);
        // The doctor goes no further than the credential.
        genesys_token().doctor().args(flags).any_stdout().exit(3).leaks_nothing([OTHER_SECRET]);
    }
}

#[test]
fn a_secret_in_another_variable_is_never_repeated() {
    for variable in [
        "GENESYSCLOUD_REGION",
        "GENESYS_TOKEN_TIMEOUT",
        "GENESYS_TOKEN_MIN_TTL",
        "GENESYS_TOKEN_VERIFY",
        "GENESYS_TOKEN_CA_CERT",
        "GENESYS_TOKEN_LOGIN_URL",
    ] {
        let call = |verb, secret| {
            let call =
                genesys_token().verb(verb).args(["--client-id", CLIENT_ID]).env(variable, OTHER_SECRET);
            // Without a proxy the doctor would look for the real login server.
            call.env("GENESYSCLOUD_OAUTHCLIENT_SECRET", secret).env("HTTPS_PROXY", refused_url())
        };
        assert_not_repeated(&call("get", "60s"), 2);
        assert_not_repeated(&call("get", OTHER_SECRET), 2);
        let code = if variable == "GENESYS_TOKEN_CA_CERT" { 6 } else { 2 };
        call("doctor", OTHER_SECRET).any_stdout().exit(code).leaks_nothing([OTHER_SECRET]);
    }
}
