//! How much is said.

use super::*;

fn with(flags: &[&str], variable: &str) -> String {
    let (server, dir) = (server(), dir());
    let done = Call::new("get", &server, dir.path()).env("GENESYS_TOKEN_LOG", variable).args(flags).run();
    assert_eq!(done.token(), server.tokens()[0]);
    done.keeps_to_itself(server.tokens());
    done.stderr
}

#[test]
fn is_one_line_unless_less_or_more_is_asked_for() {
    assert_eq!(with(&[], "").lines().count(), 1);
    assert_eq!(with(&["-q"], "debug"), "");
    assert_eq!(with(&[], "quiet"), "");
    assert!(with(&[], "verbose").lines().count() > 1);
    assert!(with(&["-v"], "quiet").lines().count() > 1);
    assert!(with(&["-vv"], "").lines().count() > 1);
}

#[test]
fn is_silent_about_everything_but_errors() {
    let done = Call::bare("get").args(["-q"]).run();
    assert_eq!(done.code, 3);
    assert!(done.stderr.contains("no client id"), "{done:?}");
}
