//! Redirects are not followed.

use super::*;

#[test]
fn is_not_followed_and_its_target_never_asked() {
    let target = LoginServer::start(Behaviour::default());
    let location = format!("{}/oauth/token?jsessionid=4711", target.login_url());
    let behaviour = Behaviour::answering(Answer::Redirect(location));
    let error = final_refusal(behaviour, Category::Unavailable, "HTTP 307, a redirect to http://127.0.0.1");
    assert!(!error.message.contains("4711"), "{error:?}");
    assert_eq!(target.log().len(), 0);
}

#[test]
fn of_any_kind_and_without_a_target_is_an_error() {
    for code in [301, 302, 303, 308] {
        let behaviour = Behaviour::answering(status(code, "", HTML));
        let error = final_refusal(behaviour, Category::Unavailable, &format!("HTTP {code}, a redirect"));
        assert_correlated(&error);
    }
}
