//! The wrong region, and URLs of other hosts.

use crate::harness::Scene;
use crate::region::Regions;
use crate::row::{Row, fails, warns};
use crate::table::check;

#[test]
fn a_wrong_server_says_which_one_is_right() {
    check("servers", &[wrong_region(), api_host_as_login_url(), token_endpoint_twice()]);
}

fn wrong_region() -> Row {
    let regions = Regions::new();
    let call = regions.call("get").args(["--region", "eu-west-1"]);
    let fix = "name the region that genesys-token doctor --find-region finds";
    let wrong = fails("the wrong region", call, 4, fix);
    let search = regions.call("doctor").args(["--find-region", "--timeout", "5s"]).any_stdout().success();
    let found = search.stdout.lines().find_map(|line| line.strip_prefix("✓ ")).expect("a region");
    let region = found.split(' ').next().expect("a name");
    wrong.after_it(&regions.frankfurt, regions.call("get").args(["--region", region]))
}

fn api_host_as_login_url() -> Row {
    let regions = Regions::new();
    let call = regions.call("get").env("GENESYS_TOKEN_LOGIN_URL", "https://api.mypurecloud.de");
    let fix = "leave GENESYS_TOKEN_LOGIN_URL out, and set GENESYSCLOUD_REGION to eu-central-1";
    let wrong = fails("an `api.` host as the login URL", call, 2, fix);
    wrong.after_it(&regions.frankfurt, regions.call("get").env("GENESYSCLOUD_REGION", "eu-central-1"))
}

fn token_endpoint_twice() -> Row {
    let scene = Scene::new();
    let url = scene.server.login_url();
    let call = scene.get().login_url(&format!("{url}/oauth/token/oauth/token"));
    let fix = "leave the ending /oauth/token out of GENESYS_TOKEN_LOGIN_URL: it is added to every login URL";
    let wrong = warns("`/oauth/token` twice in the login URL", call, fix, fix);
    assert!(scene.server.log().iter().all(|request| request.path == "/oauth/token"));
    wrong.after_it(&scene, scene.get().login_url(&url))
}
