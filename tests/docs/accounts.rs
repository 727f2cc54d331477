//! What becomes of each block.

use crate::pages::Block;
use crate::{commands, outputs};

/// A block, and how it is kept true.
pub struct Account {
    pub page: &'static str,
    /// What no other block of the page says.
    pub says: &'static str,
    pub how: How,
}

pub enum How {
    /// Runs it, or makes what it quotes.
    Run(fn(&Block)),
    /// It can't be run here, for this reason.
    NotHere(&'static str),
}

impl Account {
    pub fn is_of(&self, block: &Block) -> bool {
        self.page == block.page && block.text.contains(self.says) && block.language != crate::PIPELINE
    }
}

const fn run(page: &'static str, says: &'static str, how: fn(&Block)) -> Account {
    Account { page, says, how: How::Run(how) }
}

const fn not_here(page: &'static str, says: &'static str, reason: &'static str) -> Account {
    Account { page, says, how: How::NotHere(reason) }
}

const README: &str = "README.md";
const HOW_IT_WORKS: &str = "docs/how-it-works.md";
const JENKINS: &str = "docs/jenkins.md";
const RECIPES: &str = "docs/recipes.md";
const RELIABILITY: &str = "docs/reliability.md";
const SECURITY: &str = "docs/security.md";
const TROUBLESHOOTING: &str = "docs/troubleshooting.md";

/// Of every block that is not a pipeline's.
pub const ACCOUNTS: &[Account] = &[
    not_here(
        README,
        "make demo",
        "make test is what runs this; see every_target_that_is_named_is_in_the_makefile",
    ),
    run(README, "export GENESYSCLOUD_OAUTHCLIENT_ID=", commands::the_readme_s_tour_goes_well),
    run(README, "genesys-token: fetched", outputs::one_call_fetches_and_the_next_reuses),
    run(HOW_IT_WORKS, "what is left", outputs::the_picture_has_the_margins),
    run(HOW_IT_WORKS, "(expires in", outputs::a_token_in_its_soft_margin_is_renewed),
    run(HOW_IT_WORKS, "for another process", outputs::of_forty_one_fetches_and_all_others_wait),
    run(HOW_IT_WORKS, "no new token could be had", outputs::the_old_token_goes_on_when_the_server_fails),
    not_here(
        JENKINS,
        "jenkins-plugin-cli",
        "it is a program of the controller's image and downloads plugins",
    ),
    not_here(JENKINS, "docker build", "it needs docker, a release tag and the network"),
    not_here(JENKINS, "docker create", "it needs docker and the image that the block before it builds"),
    run(JENKINS, "sum=", commands::the_custom_tool_installs_what_its_checksum_names),
    run(JENKINS, "fetched token", outputs::the_first_stage_fetches),
    run(JENKINS, "reused the bound token", outputs::the_second_stage_reuses_and_masks),
    not_here(JENKINS, "securityContext:", "a piece of a pod's specification, for Kubernetes to read"),
    run(RECIPES, "Authorization: Bearer", commands::the_mistake_to_avoid_shows_the_token_in_the_trace),
    not_here(RELIABILITY, "make soak", "it takes ten minutes; make test runs a quarter of a minute of it"),
    not_here(
        RELIABILITY,
        "make fuzz",
        "it takes ten minutes for each target; see every_fuzz_target_has_its_figures_and_says_what_holds",
    ),
    run(SECURITY, "-X DELETE", commands::a_leaked_token_is_ended_with_itself),
    run(TROUBLESHOOTING, "client not found", outputs::an_unknown_client_is_not_found),
    run(TROUBLESHOOTING, "HTTP 400", outputs::a_bad_request_may_be_no_oauth_error),
    run(TROUBLESHOOTING, "is asked too often", outputs::a_limit_outlives_the_deadline),
    run(TROUBLESHOOTING, "at character", outputs::a_space_behind_the_secret_is_refused_by_its_place),
    run(TROUBLESHOOTING, "UnknownIssuer", outputs::an_unknown_ca_is_not_trusted),
    run(TROUBLESHOOTING, "HTTP 407", outputs::a_proxy_wants_a_login),
    run(TROUBLESHOOTING, "the scope", outputs::scopes_that_are_none_are_warned_of),
    run(TROUBLESHOOTING, "+ curl", outputs::the_mistake_s_trace_is_in_the_console),
    run(TROUBLESHOOTING, "no cache", outputs::a_call_without_a_cache_says_so),
];
