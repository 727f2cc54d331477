//! What one machine has taken out of use, no machine is given any more.

use loopback_login_server::{ORGANIZATION, refused_url};

use crate::fleet::Fleet;

const FROM_FLEET: &str = "reused token of client 1111…5555 at HOST, * left (from the shared cache)";

#[test]
fn an_invalidated_token_is_taken_from_nowhere() {
    let fleet = Fleet::new();
    let first = fleet.get(0).success();
    let line = "genesys-token: dropped the cached token of client 1111…5555 at HOST\n";
    fleet.on(0, "invalidate").stderr(line).success();
    let second = fleet.on(1, "get").fetched("no entry").success();
    assert_ne!(first.token(), second.token());
    assert_eq!(fleet.on(0, "get").provided(FROM_FLEET).success().token(), second.token());
}

#[test]
fn a_machine_without_the_token_drops_and_revokes_that_of_the_fleet() {
    for (verb, line) in [
        ("invalidate", "dropped the cached token of client 1111…5555 at HOST"),
        ("revoke", "revoked the token of client 1111…5555 at HOST, and dropped it from the cache"),
    ] {
        let fleet = Fleet::new();
        let first = fleet.get(0).success();
        fleet.on(1, verb).stderr(format!("genesys-token: {line}\n")).success();
        let second = fleet.on(2, "get").fetched("no entry").success();
        assert_ne!(first.token(), second.token(), "{verb}");
        assert_eq!(fleet.ended().len(), usize::from(verb == "revoke"), "{verb}");
    }
}

#[test]
fn of_two_tokens_both_are_revoked() {
    let fleet = Fleet::new();
    fleet.get(0).without("GENESYS_TOKEN_SHARED_CACHE").success();
    fleet.get(1).success();
    fleet.on(0, "revoke").any_stderr().success();
    assert_eq!(fleet.ended(), [200, 200]);
}

#[test]
fn a_token_that_another_machine_holds_is_found_out_when_it_is_tested() {
    let fleet = Fleet::new();
    fleet.get(0).success();
    fleet.get(1).success();
    fleet.on(0, "revoke").any_stderr().success();
    let renewed = fleet.on(1, "get").arg("--verify").fetched("not alive").success();
    assert_eq!(fleet.scene.server.verify_requests(), 0, "the shared cache knows it");
    assert_eq!(fleet.on(0, "get").provided(FROM_FLEET).success().token(), renewed.token());
}

/// A proof serves for a minute. A call that saw a token refused since has it tested all the same.
#[test]
fn a_token_that_ended_after_its_proof_is_replaced_before_its_organisation_is_told() {
    let fleet = Fleet::new();
    let first = fleet.get(0).success();
    fleet.on(1, "get").arg("--verify").provided(FROM_FLEET).success();
    fleet.scene.server.kill_all_tokens();
    let expecting = |machine| fleet.on(machine, "get").args(["--expect-org", ORGANIZATION]);
    let second = expecting(2).fetched("not alive").success();
    assert_ne!(first.token(), second.token());
    for machine in [1, 0] {
        assert_eq!(
            expecting(machine).any_stdout().any_stderr().success().token(),
            second.token(),
            "{machine}"
        );
    }
    assert_eq!(fleet.scene.server.token_requests(), 2);
}

#[test]
fn without_the_shared_cache_both_verbs_work_and_warn() {
    for verb in ["invalidate", "revoke"] {
        let mut fleet = Fleet::new();
        fleet.get(0).success();
        fleet.redis.kill();
        let done = fleet.on(0, verb).any_stderr().success();
        let words = "other machines may still take the token from the shared cache at 127.0.0.1:";
        assert!(done.stderr.contains(words), "{verb}: {}", done.stderr);
    }
}

/// A pod has no disk that could remember what is still to be revoked.
#[test]
fn a_machine_without_a_disk_revokes_again_what_it_could_not() {
    let fleet = Fleet::new();
    let revoke = fleet.on(0, "revoke").cache(&fleet.scene.path("missing")).any_stderr();
    fleet.get(1).success();
    revoke.clone().env("GENESYS_TOKEN_API_URL", refused_url()).exit(6);
    assert_eq!(fleet.ended(), [0; 0]);
    revoke.success();
    assert_eq!(fleet.ended(), [200]);
    fleet.on(2, "get").fetched("no entry").success();
}
