//! The command line of a caller: its verb and flags, its machine, and what delays it.

use std::path::PathBuf;
use std::process::Command;

use genesys_token::store::DirStore;

use crate::harness::faketime::Faketime;
use crate::machine::Machine;
use crate::plan::{Disturbance, Plan, Step, Verb};

/// A call may wait so long for the store. More than the default: this computer is busy, and that is no fault of the store.
const STORE_TIMEOUT: &str = "3s";

/// What every caller uses.
pub(crate) struct Setup {
    pub(crate) program: PathBuf,
    pub(crate) login_url: String,
    pub(crate) store_url: String,
    faketime: Faketime,
    /// The disks of the machines.
    disks: tempfile::TempDir,
}

impl Setup {
    pub(crate) fn new(program: PathBuf, login_url: String, store_url: String) -> Self {
        let disks = tempfile::tempdir().expect("a temporary directory");
        let setup = Self { program, login_url, store_url, faketime: Faketime::new(), disks };
        for machine in Machine::all() {
            let dir = setup.cache_dir(machine);
            DirStore::open_or_create(&dir).expect("the cache directory can be created");
        }
        setup
    }

    pub(crate) fn cache_dir(&self, machine: &Machine) -> PathBuf {
        self.disks.path().join(machine.name)
    }

    /// The command of a plan. A token that it drops comes by stdin.
    pub(crate) fn command(&self, plan: &Plan, has_stdin: bool) -> Command {
        let mut command = self.program(plan);
        command.env_clear().env("GENESYS_TOKEN_CACHE_DIR", self.cache_dir(plan.machine));
        if plan.machine.clock_skew != 0 {
            self.faketime.skew(&mut command, plan.machine.clock_skew);
        }
        let needs_client = match plan.verb {
            Verb::Get(flags) => {
                command.arg("get");
                command.args(flags.force.then_some("--force-refresh"));
                command.args(flags.min_ttl.map(|seconds| format!("--min-ttl={seconds}")));
                command.args(flags.json.then_some("--format=json"));
                true
            }
            Verb::Invalidate { .. } => {
                command.arg("invalidate").args(has_stdin.then_some("--token-stdin"));
                true
            }
            Verb::Clear => {
                command.arg("clear");
                false
            }
            Verb::Status => {
                command.args(["status", "--format", "json"]);
                false
            }
        };
        if needs_client {
            self.set_client(&mut command, plan);
        }
        command
    }

    fn set_client(&self, command: &mut Command, plan: &Plan) {
        command
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", plan.soak_key.id)
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", plan.soak_key.secret)
            .env("GENESYS_TOKEN_SCOPE", plan.scope)
            .env("GENESYS_TOKEN_LANE", plan.lane.unwrap_or_default())
            .env("GENESYS_TOKEN_LOGIN_URL", &self.login_url)
            .env("GENESYS_TOKEN_API_URL", &self.login_url)
            .env("GENESYS_TOKEN_TIMEOUT", format!("{}s", plan.timeout.as_secs()));
        if plan.soak_key.in_fleet {
            command.env("GENESYS_TOKEN_SHARED_CACHE", &self.store_url);
            command.env("GENESYS_TOKEN_SHARED_CACHE_TIMEOUT", STORE_TIMEOUT);
        }
    }

    /// The program, or `strace`, which runs it with a delay and otherwise keeps its output and its exit code.
    fn program(&self, plan: &Plan) -> Command {
        let Some(Disturbance::Delay { step: Step { calls, when, in_cache }, by }) = plan.disturbance else {
            return Command::new(&self.program);
        };
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
        command.args(["-e", &format!("inject={calls}:delay_enter={}:when={when}", by.as_micros())]);
        if in_cache {
            command.arg("-P").arg(self.cache_dir(plan.machine));
        }
        command.arg(&self.program);
        command
    }
}
