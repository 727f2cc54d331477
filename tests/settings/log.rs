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
    let verbose = ["genesys-token: attempt 1 brought a token in *s\n", LINE].concat();
    let debug = [
        "genesys-token: cache: entry */cache/*.token\n",
        "genesys-token: cache: it has no token\n",
        "genesys-token: lock: this process holds that of the cache entry\n",
        "genesys-token: request: attempt 1 for a token (no entry), at most 30s\n",
        "genesys-token: host: HOST, without a proxy\n",
        &verbose,
    ]
    .concat();
    assert_says(&[], "", LINE);
    assert_says(&[], "normal", LINE);
    assert_says(&["-q"], "debug", "");
    assert_says(&[], "quiet", "");
    for (flags, variable) in [(&[][..], "verbose"), (&["-v"], "quiet")] {
        assert_says(flags, variable, &verbose);
    }
    for (flags, variable) in [(&[][..], "debug"), (&["-vv"], "")] {
        assert_says(flags, variable, &debug);
    }
}

#[test]
fn a_quiet_call_still_says_its_error() {
    let message = "no client id: neither --client-id nor GENESYSCLOUD_OAUTHCLIENT_ID is given";
    let stderr = format!("genesys-token: error: {message}\n  …\n");
    genesys_token().get().args(["-q"]).stderr(stderr).exit(3);
}
