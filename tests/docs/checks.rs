//! How each block of a page is kept true.

use crate::pages::Block;
use crate::{commands, fleet, outputs, windows};

/// How one block is kept true.
pub(crate) struct Check {
    pub(crate) page: &'static str,
    /// A text that only this block of the page contains.
    pub(crate) contains: &'static str,
    pub(crate) how: How,
}

pub(crate) enum How {
    /// Runs the block, or makes the program print what the block quotes.
    Run(fn(&Block)),
    /// The block can't be run here, for this reason.
    NotHere(&'static str),
}

impl Check {
    pub(crate) fn is_of(&self, block: &Block) -> bool {
        self.page == block.page && block.text.contains(self.contains) && block.language != crate::PIPELINE
    }
}

const fn run(page: &'static str, contains: &'static str, how: fn(&Block)) -> Check {
    Check { page, contains, how: How::Run(how) }
}

const fn not_here(page: &'static str, contains: &'static str, reason: &'static str) -> Check {
    Check { page, contains, how: How::NotHere(reason) }
}

const README: &str = "README.md";
const FLEET: &str = "docs/fleet.md";
const HOW_IT_WORKS: &str = "docs/how-it-works.md";
const JENKINS: &str = "docs/jenkins.md";
const RECIPES: &str = "docs/recipes.md";
const RELEASING: &str = "docs/releasing.md";
const RELIABILITY: &str = "docs/reliability.md";
const SECURITY: &str = "docs/security.md";
const TROUBLESHOOTING: &str = "docs/troubleshooting.md";
const WINDOWS: &str = "docs/windows.md";

/// One check for every block that is not a pipeline.
pub(crate) const CHECKS: &[Check] = &[
    run(README, "install -D", commands::a_downloaded_program_is_checked_and_installed),
    not_here(
        README,
        "make demo",
        "this test is a part of make test; every_make_target_on_a_page_is_in_the_makefile checks the names",
    ),
    run(README, "export GENESYSCLOUD_OAUTHCLIENT_ID=", commands::the_tour_of_the_readme_works),
    run(README, "genesys-token: fetched", outputs::the_first_call_fetches_and_the_second_one_reuses),
    run(README, "genesys-token: waiting for", outputs::a_call_before_a_rate_limit_says_what_it_waits_for),
    run(FLEET, "from another agent", outputs::the_next_agent_of_a_build_takes_the_token),
    run(FLEET, "(from the shared cache)", outputs::another_machine_takes_the_token_of_the_shared_cache),
    run(FLEET, "kind: Deployment", fleet::the_manifest_makes_a_server),
    run(FLEET, "name: jnlp", fleet::the_pod_has_the_variables),
    run(FLEET, "export GENESYS_TOKEN_SHARED_CACHE=", fleet::machines_share_by_the_variables),
    run(HOW_IT_WORKS, "genesys-token: attempt 1", outputs::a_verbose_call_says_how_each_request_ended),
    run(HOW_IT_WORKS, "genesys-token: lock:", outputs::a_call_that_says_everything_names_its_decisions),
    run(HOW_IT_WORKS, "stale-if-error", windows::the_diagram_shows_the_refresh_windows),
    run(HOW_IT_WORKS, "(expires in", outputs::a_token_in_its_advisory_window_is_refreshed),
    run(HOW_IT_WORKS, "for another process", outputs::one_of_forty_calls_fetches_and_the_others_wait),
    run(
        HOW_IT_WORKS,
        "could not be refreshed",
        outputs::a_failed_refresh_leaves_the_old_token_with_a_warning,
    ),
    not_here(
        JENKINS,
        "jenkins-plugin-cli",
        "this program is a part of the controller's image, and downloads plugins",
    ),
    not_here(JENKINS, "docker build", "it needs docker, a published release and the network"),
    not_here(JENKINS, "apt-get install", "it needs the package, which make dist-check looks at"),
    run(JENKINS, "sum=", commands::the_custom_tool_installs_only_the_file_with_its_checksum),
    run(JENKINS, "fetched token", outputs::the_first_stage_fetches),
    run(JENKINS, "reused the bound token", outputs::the_second_stage_reuses_and_masks),
    not_here(
        JENKINS,
        "securityContext:",
        "it is a part of a pod's specification, which only Kubernetes reads",
    ),
    run(RECIPES, "Authorization: Bearer", commands::the_mistake_to_avoid_shows_the_token_in_the_trace),
    not_here(RELEASING, "--ignore-missing", "it needs a release; make dist-check runs both commands"),
    not_here(
        RELEASING,
        "make dist-check",
        "it takes half an hour; every_make_target_on_a_page_is_in_the_makefile",
    ),
    not_here(
        RELEASING,
        "minisign -S",
        "it needs the maintainers' key; make dist-check signs with another one",
    ),
    not_here(RELIABILITY, "make soak", "it takes ten minutes; make test runs fifteen seconds of it"),
    not_here(
        RELIABILITY,
        "make fuzz",
        "it takes ten minutes for each target; every_fuzz_target_has_its_figures_and_its_property checks the names",
    ),
    not_here(RELIABILITY, "make mutants", "it takes two hours"),
    run(SECURITY, "-X DELETE", commands::a_leaked_token_ends_itself),
    run(TROUBLESHOOTING, "client not found", outputs::an_unknown_client_is_not_found),
    run(TROUBLESHOOTING, "HTTP 400", outputs::a_bad_request_may_have_no_oauth_error),
    run(TROUBLESHOOTING, "limits token requests", outputs::a_rate_limit_longer_than_the_deadline_is_an_error),
    run(TROUBLESHOOTING, "at character", outputs::a_space_in_the_secret_is_refused_by_its_position),
    run(TROUBLESHOOTING, "of a CA that is not trusted", outputs::an_unknown_ca_is_not_trusted),
    run(TROUBLESHOOTING, "HTTP 407", outputs::a_proxy_requires_authentication),
    run(TROUBLESHOOTING, "the organisation", outputs::a_token_of_another_organisation_is_refused),
    run(TROUBLESHOOTING, "the scope", outputs::a_scope_that_genesys_does_not_know_is_a_warning),
    run(TROUBLESHOOTING, "+ curl", outputs::the_trace_of_the_mistake_is_in_the_console),
    not_here(WINDOWS, "for /f", "it is for cmd.exe; tests/groovy/WindowsTest.groovy runs it there"),
    not_here(WINDOWS, "get -q\nif ($LASTEXITCODE)", "it is for PowerShell, which is not to be had here"),
    not_here(WINDOWS, "Invoke-RestMethod", "it is for PowerShell, which is not to be had here"),
    run(TROUBLESHOOTING, "no cache", outputs::a_cache_that_can_not_be_used_is_a_warning),
];
