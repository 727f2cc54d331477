//! The API host: `/api/v2/tokens/me`, which describes the token that a request carries.

use crate::reply::{Reply, json};
use crate::state::State;
use crate::{Record, VerifyAnswer};
use serde_json::json as object;

/// Answers a request about its own token.
pub(crate) async fn tokens_me(state: &State, request: &Record) -> Reply {
    if matches!(request.method.as_str(), "HEAD" | "GET") {
        state.count_verify_request();
    }
    let behaviour = state.behaviour();
    tokio::time::sleep(behaviour.verify_delay).await;
    match behaviour.verify_answer {
        VerifyAnswer::Normal => normal(state, request),
        VerifyAnswer::Status(status) => {
            json(status, &object!({"message": "as configured", "code": "as.configured", "status": status}))
                .into()
        }
        VerifyAnswer::Code(status, ref code) => {
            json(status, &object!({"message": "as configured", "code": code, "status": status})).into()
        }
        VerifyAnswer::Echo(status) => {
            let echoed = request.header("authorization").unwrap_or_default();
            let named = object!({"id": echoed, "name": echoed});
            let answer = object!({
                "code": echoed, "message": echoed, "status": status,
                "organization": named, "OAuthClient": named, "authorizedScope": [echoed, echoed],
            });
            json(status, &answer).into()
        }
        VerifyAnswer::Swallow => Reply::Silence,
    }
}

/// Answers with the organisation's idle timeout, which any token may read.
pub(crate) fn tokens_timeout() -> Reply {
    json(200, &object!({"enableIdleTokenTimeout": true, "idleTokenTimeoutSeconds": 900})).into()
}

fn normal(state: &State, request: &Record) -> Reply {
    let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let Some((token, client)) = token.and_then(|token| Some((token, state.client_of(token)?))) else {
        let refusal =
            object!({"message": "Invalid login credentials.", "code": "bad.credentials", "status": 401});
        return json(401, &refusal).into();
    };
    let organization = object!({"id": "99999999-8888-7777-6666-555555555555", "name": "Loopback"});
    match request.method.as_str() {
        "HEAD" => json(200, &object!({})).into(),
        "GET" => json(
            200,
            &object!({
                "organization": organization,
                "OAuthClient": {"id": client, "name": "loopback client", "organization": organization},
                "authorizedScope": [],
            }),
        )
        .into(),
        "DELETE" => {
            state.kill_token(token);
            json(200, &object!({})).into()
        }
        _ => json(405, &object!({"message": "method not allowed", "status": 405})).into(),
    }
}
