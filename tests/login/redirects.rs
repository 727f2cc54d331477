//! Redirects, which are not followed.

use super::*;

#[test]
fn a_redirect_is_not_followed_and_its_target_gets_no_request() {
    let target = LoginServer::start(Behaviour::default());
    let location = format!("{}/oauth/token?jsessionid=4711", target.login_url());
    let behaviour = Behaviour::answering(Answer::Redirect(location));
    let says = "answered HTTP 307, a redirect to http://127.0.0.1";
    let error = failed_at_once(behaviour, Category::Unavailable, says);
    assert!(error.message.ends_with(says), "nothing but the target's host is shown: {error:?}");
    assert_eq!(target.log().len(), 0);
}

#[test]
fn a_redirect_of_any_status_and_without_a_target_is_an_error() {
    for code in [301, 302, 303, 308] {
        let behaviour = Behaviour::answering(status(code, "", HTML));
        let says = format!("answered HTTP {code}, a redirect {CORRELATION}");
        assert_correlated(&failed_at_once(behaviour, Category::Unavailable, &says));
    }
}
