//! What the API host says of the organisation.

use loopback_login_server::{Behaviour, CLIENT_SECRET, ORGANIZATION, VerifyAnswer};

use crate::harness::Scene;
use crate::row::{Row, fails};
use crate::table::check;

const PRODUCTION_ID: &str = "77777777-8888-7777-6666-555555555555";

#[test]
fn an_organisation_that_is_not_told_or_not_expected_says_what_to_do() {
    check("organisation", &[mismatch(), refused_address()]);
}

fn mismatch() -> Row {
    let scene = Scene::new();
    scene.server.add_client_of(PRODUCTION_ID, CLIENT_SECRET, ("id of Production", "Production"));
    let call = scene.get().args(["--expect-org", "Production"]);
    let wrong =
        fails("the credential of another organisation", call.clone(), 9, "use the credential of Production");
    wrong.after_it(&scene, call.credential(PRODUCTION_ID, CLIENT_SECRET))
}

fn refused_address() -> Row {
    let refused = VerifyAnswer::Code(401, "ip.not.authorized".to_owned());
    let scene = Scene::with(Behaviour { verify_answer: refused, ..Behaviour::default() });
    // Without the question the token is provided.
    scene.get().fetched("no entry").success();
    let call = scene.get().args(["--expect-org", ORGANIZATION]);
    let fix = "have the address that this machine leaves your network with allowed in Genesys Cloud";
    let wrong = fails("an address that the API refuses", call.clone(), 6, fix);
    scene.server.set(Behaviour::default());
    wrong.after_it(&scene, call)
}
