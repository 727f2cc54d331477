//! How much a call says on stderr.

use super::*;

const LINE: &str = "genesys-token: fetched token of client 1111…5555 at HOST, * left (no entry)\n";

/// Asserts that `get` with `flags` and this value of `GENESYS_TOKEN_LOG` says this.
#[track_caller]
fn assert_says(flags: &[&str], variable: &str, expected: &str) {
    let scene = Scene::new();
    let call = scene.get().env("GENESYS_TOKEN_LOG", variable).args(flags).prints_token().stderr(expected);
    let done = call.success();
    assert_eq!(done.token(), scene.server.tokens()[0]);
    done.leaks_nothing(scene.server.tokens());
}

#[test]
fn a_call_says_one_line_unless_flag_or_variable_ask_for_less_or_more() {
    let verbose = ["genesys-token: cache entry */cache/*.token\n", LINE].concat();
    assert_says(&[], "", LINE);
    assert_says(&[], "normal", LINE);
    assert_says(&["-q"], "debug", "");
    assert_says(&[], "quiet", "");
    for (flags, variable) in [(&[][..], "verbose"), (&[], "debug"), (&["-v"], "quiet"), (&["-vv"], "")] {
        assert_says(flags, variable, &verbose);
    }
}

#[test]
fn a_quiet_call_still_says_its_error() {
    let message = "no client id: neither --client-id nor GENESYSCLOUD_OAUTHCLIENT_ID is given";
    let stderr = format!("genesys-token: error: {message}\n  …\n");
    genesys_token().get().args(["-q"]).stderr(stderr).exit(3);
}
