//! `GENESYS_TOKEN_OF`: whose token the `bind` or `exec` around a call has, and which flags and variables mean another one.

use genesys_token::error::Category;

#[cfg(unix)]
use crate::harness::PROGRAM;
use crate::harness::{Call, Scene, genesys_token};

/// A call in the block of a `bind` with the scopes `users routing` in `eu-central-1`, without the credential.
struct Block {
    scene: Scene,
    variables: Vec<(String, String)>,
    token: String,
}

impl Block {
    fn new() -> Self {
        let scene = Scene::new();
        let bind = scene.bind("block").args(["--scope", "users routing", "--region", "eu-central-1"]);
        let answer = bind.any_stdout().fetched("no entry").success();
        let variable =
            |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let variables = answer.stdout.lines().filter_map(variable).collect();
        let token = scene.server.tokens().remove(0);
        Self { scene, variables, token }
    }

    /// The block of a program that does not say whose its token is.
    fn of_old_program() -> Self {
        let mut block = Self::new();
        block.variables.retain(|(name, _)| name != "GENESYS_TOKEN_OF");
        block
    }

    fn call(&self, verb: &str) -> Call {
        genesys_token().verb(verb).envs(self.variables.clone())
    }

    fn get(&self) -> Call {
        self.call("get")
    }

    /// Inside of an `exec` that provided the same token.
    fn get_in_exec(&self) -> Call {
        self.get().without("GENESYS_TOKEN_FILE").env("GENESYSCLOUD_ACCESS_TOKEN", &self.token)
    }

    #[track_caller]
    fn provides(&self, call: Call) {
        assert_eq!(call.stdout("*\n").reused_bound().success().token(), self.token);
    }

    #[track_caller]
    fn refuses(&self, call: Call, source: &str) {
        let error = call.refused_hiding(Category::Credentials, [&self.token]);
        let why = "needs the client secret, and this block has only a bound token";
        assert_eq!(error.message, format!("{source} {why}"));
    }
}

#[test]
fn what_says_the_same_as_the_block_is_no_conflict_in_any_spelling() {
    let block = Block::new();
    let login_url = block.scene.server.login_url();
    block.provides(block.get());
    for (variable, value) in [
        ("GENESYS_TOKEN_SCOPE", "routing  users"),
        ("GENESYSCLOUD_OAUTHCLIENT_ID", loopback_login_server::CLIENT_ID),
        ("GENESYSCLOUD_OAUTHCLIENT_ID", &format!("{}\n", loopback_login_server::CLIENT_ID)),
        ("GENESYSCLOUD_REGION", "https://login.mypurecloud.de"),
        ("GENESYS_TOKEN_LOGIN_URL", &format!("{login_url}/")),
        ("GENESYS_TOKEN_API_URL", &block.scene.server.api_url()),
    ] {
        block.provides(block.get().env(variable, value));
    }
    for flags in [["--scope", "users routing"], ["--region", "EU_CENTRAL_1"], ["--login-url", &login_url]] {
        block.provides(block.get().args(flags));
    }
}

#[test]
fn a_variable_that_means_another_token_is_refused_as_a_flag_is() {
    let block = Block::new();
    let (client, url) = ("99999999-8888-7777-6666-555555555555", "https://login.mypurecloud.ie");
    for (flag, variable, value) in [
        ("--scope", "GENESYS_TOKEN_SCOPE", "routing"),
        ("--client-id", "GENESYSCLOUD_OAUTHCLIENT_ID", client),
        ("--region", "GENESYSCLOUD_REGION", "us-west-2"),
        ("--login-url", "GENESYS_TOKEN_LOGIN_URL", url),
        ("--api-url", "GENESYS_TOKEN_API_URL", url),
    ] {
        block.refuses(block.get().env(variable, value), variable);
        block.refuses(block.get().args([flag, value]), flag);
    }
    block.refuses(block.get().arg("--force-refresh"), "--force-refresh");
}

#[test]
fn in_the_block_of_an_old_program_flags_are_refused_and_variables_ignored_with_a_warning() {
    let block = Block::of_old_program();
    block.refuses(block.get().args(["--scope", "users routing"]), "--scope");
    let ignored = "GENESYS_TOKEN_SCOPE is ignored: the program that bound the token does not say whose it is";
    let call = block.get().env("GENESYS_TOKEN_SCOPE", "routing").stdout("*\n").reused_bound().warns(ignored);
    assert_eq!(call.success().token(), block.token);
}

#[test]
fn the_block_of_an_old_program_within_another_block_is_not_taken_for_it() {
    let (outer, inner) = (Block::new(), Block::of_old_program());
    let of = outer.variables.into_iter().filter(|(name, _)| name == "GENESYS_TOKEN_OF");
    let get = inner.get().envs(of);
    inner.refuses(get.clone().args(["--scope", "users routing"]), "--scope");
    let ignored = "GENESYS_TOKEN_SCOPE is ignored: the program that bound the token does not say whose it is";
    let call = get.env("GENESYS_TOKEN_SCOPE", "users routing").stdout("*\n").reused_bound().warns(ignored);
    assert_eq!(call.success().token(), inner.token);
}

#[cfg(unix)]
#[test]
fn exec_passes_on_the_region_of_the_token_under_its_aws_name() {
    let block = Block::new();
    let exec = || block.call("exec").command(["sh", "-c", "echo $GENESYSCLOUD_REGION"]);
    for call in [
        exec().env("GENESYSCLOUD_REGION", "mypurecloud.de"),
        exec().env("GENESYSCLOUD_REGION", "us-west-2").args(["--region", "mypurecloud.de"]),
    ] {
        call.stdout("eu-central-1\n").reused_bound().success();
    }
}

#[test]
fn inside_exec_the_remedy_is_a_flag_of_exec() {
    let block = Block::new();
    block.provides(block.get_in_exec());
    for (flags, category) in [
        (&["--force-refresh"][..], Category::Credentials),
        (&["--scope", "architect"], Category::Credentials),
        (&["--min-ttl", "48h"], Category::Lifetime),
    ] {
        let error = block.get_in_exec().args(flags).refused_hiding(category, [&block.token]);
        assert!(error.hint().starts_with("run the command by exec --keep-credentials, "), "{error:?}");
    }
}

#[cfg(unix)]
#[test]
fn get_and_exec_inside_exec_provide_its_token() {
    let scene = Scene::new();
    let script = r#"
        "$GENESYS_TOKEN" get >"$OUT" && "$GENESYS_TOKEN" exec --no-masking -- "$GENESYS_TOKEN" get | cmp - "$OUT"
    "#;
    let out = scene.path("out");
    let bound = "genesys-token: reused the bound token, * left\n";
    let call = scene.call("exec").env("OUT", &out).env("GENESYS_TOKEN", PROGRAM);
    let line = "genesys-token: fetched token of client 1111…5555 at HOST, * left (no entry)*\n";
    call.command(["sh", "-c", script]).stderr([line, &bound.repeat(3)].concat()).success();
    let printed = std::fs::read_to_string(out).expect("the token");
    assert_eq!(printed.trim_end(), scene.server.tokens()[0]);
    assert_eq!(scene.server.token_requests(), 1);
}

#[test]
fn a_token_that_the_user_exported_is_never_provided() {
    let scene = Scene::new();
    let answer = scene.bind("block").stdout("*\n".repeat(7)).fetched("no entry").success();
    let of = answer.stdout.lines().find_map(|line| line.strip_prefix("GENESYS_TOKEN_OF=")).expect("a line");
    let call = genesys_token().verb("get").env("GENESYSCLOUD_ACCESS_TOKEN", "a-token-of-the-user");
    for call in [call.clone(), call.env("GENESYS_TOKEN_OF", of)] {
        let error = call.refused(Category::Credentials);
        assert!(error.message.starts_with("no client id"), "{error:?}");
    }
}
