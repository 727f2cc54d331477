//! The API host: `/api/v2/tokens/me`, which describes the token that a request carries.

use crate::reply::{Reply, json};
use crate::state::State;
use crate::{Record, VerifyAnswer};
use serde_json::json as object;

/// The organisation that a client is of, unless it was [added](crate::LoginServer::add_client_of) to another one.
pub const ORGANIZATION: &str = "Loopback";
/// Its id.
pub const ORGANIZATION_ID: &str = "0a1b2c3d-8888-7777-6666-0f1e2d3c4b5a";

/// Answers a request about its own token.
pub(crate) async fn tokens_me(state: &State, request: &Record) -> Reply {
    let counted = match request.method.as_str() {
        "HEAD" | "GET" => state.count_verify_request(),
        _ => 0,
    };
    let behaviour = state.behaviour();
    tokio::time::sleep(behaviour.verify_delay).await;
    answered(state, request, counted, &behaviour.verify_answer)
}

/// The answer to a request that is the `counted`th of its behaviour.
fn answered(state: &State, request: &Record, counted: usize, answer: &VerifyAnswer) -> Reply {
    match *answer {
        VerifyAnswer::ByMethod { ref head, ref others } => {
            answered(state, request, counted, if request.method == "HEAD" { head } else { others })
        }
        VerifyAnswer::FirstTimes(times, ref first) if counted <= times => {
            answered(state, request, counted, first)
        }
        VerifyAnswer::Normal | VerifyAnswer::FirstTimes(..) => normal(state, request),
        VerifyAnswer::CloseAtOnce => Reply::HangUp,
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

/// Answers with the roles of the token's client, which any token may read.
pub(crate) fn subjects_me(state: &State, request: &Record) -> Reply {
    let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let behaviour = state.behaviour();
    if let VerifyAnswer::Echo(status) = behaviour.verify_answer {
        let echoed = request.header("authorization").unwrap_or_default();
        let named = object!({"id": echoed, "name": echoed});
        let answer = object!({"code": echoed, "grants": [{"role": named, "division": named}]});
        return json(status, &answer).into();
    }
    if !behaviour.roles_readable {
        return json(403, &object!({"message": "as configured", "code": "not.authorized", "status": 403}))
            .into();
    }
    match token.and_then(|token| state.client_of(token)) {
        Some(client) => {
            let grant = |role, division| {
                object!({
                    "subjectId": client,
                    "role": {"id": format!("id of {role}"), "name": role},
                    "division": {"id": format!("id of {division}"), "name": division},
                })
            };
            let grants = [grant("deployer", "Home"), grant("employee", "Sales")];
            json(200, &object!({"id": client, "name": "loopback client", "grants": grants})).into()
        }
        None => unknown_token(),
    }
}

fn unknown_token() -> Reply {
    let refusal =
        object!({"message": "Invalid login credentials.", "code": "bad.credentials", "status": 401});
    json(401, &refusal).into()
}

fn normal(state: &State, request: &Record) -> Reply {
    let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let Some((token, client)) = token.and_then(|token| Some((token, state.client_of(token)?))) else {
        return unknown_token();
    };
    let (id, name) = state.organization_of(&client);
    let organization = object!({"id": id, "name": name});
    match request.method.as_str() {
        "HEAD" => json(200, &object!({})).into(),
        "GET" => json(
            200,
            &object!({
                "organization": organization,
                "OAuthClient": {
                    "id": client, "name": "loopback client", "organization": organization,
                    "roleDivisions": [{"roleId": "id of deployer", "divisionId": "id of Home"}],
                },
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
