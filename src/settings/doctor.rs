//! Settings of `doctor`. Each value is resolved by itself: one that makes no sense is a finding, and the checks that
//! don't need it go on.

use std::path::PathBuf;
use std::time::Duration;

use super::client::scopes;
use super::credential::client;
use super::servers::Servers;
use super::shared_cache::SharedCacheSettings;
use super::transport::transport;
use super::value::{cache, lane, log, min_ttl, timeout, verify_after};
use crate::cli::{ClientArgs, DoctorArgs, LogArgs};
use crate::client::{Client, Severity};
use crate::environment::Environment;
use crate::environment::variable::{self, Group, Variable};
use crate::error::{Error, Result};
use crate::log::Level;
use crate::login::Transport;
use crate::output::{ListFormat, LogOptions, Style};
use crate::scope::Scopes;
use crate::store::CacheLocation;
use crate::world::World;

/// What each setting resolves to, or why it does not.
pub(crate) struct DoctorSettings {
    /// The credential, and its warnings.
    pub(crate) client: Result<(Client, Vec<String>)>,
    /// The file that the secret is read from, if it is.
    pub(crate) secret_file: Option<PathBuf>,
    pub(crate) servers: Result<Servers>,
    pub(crate) scopes: Result<Scopes>,
    /// `None` when there are no servers to connect to.
    pub(crate) transport: Option<Result<Transport>>,
    pub(crate) timeout: Result<Duration>,
    pub(crate) min_ttl: Result<Option<Duration>>,
    /// What is wrong with a setting that no check needs.
    pub(crate) other_errors: Vec<Error>,
    /// The variables of this program's own that are set.
    pub(crate) set_variables: Vec<&'static Variable>,
    pub(crate) cache: CacheLocation,
    /// The cache that machines share, if there is one and its settings make sense.
    pub(crate) shared_cache: Option<SharedCacheSettings>,
    /// The protocol version of the Jenkins step, when that calls.
    pub(crate) step_protocol: Option<u32>,
    pub(crate) surroundings: Surroundings,
    pub(crate) format: ListFormat,
    pub(crate) style: Style,
    pub(crate) log: LogOptions,
}

impl DoctorSettings {
    pub(crate) fn resolve(args: &DoctorArgs, world: &mut World) -> Self {
        let environment = world.environment;
        let servers = Servers::resolve(&args.client, environment);
        let transport = servers
            .as_ref()
            .ok()
            .map(|servers| transport(&args.client, environment, &[&servers.login_url, &servers.api_url]));
        let is_setting = |variable: &&&Variable| {
            let group = variable.group;
            matches!(group, Group::Credential | Group::Setting | Group::SharedCachePassword | Group::Network)
                || **variable == variable::REGION
        };
        let shared_cache = SharedCacheSettings::resolve(args.client.shared_cache.as_deref(), environment);
        let mut other_errors = other_errors(&args.client, environment);
        other_errors.extend(shared_cache.as_ref().err().cloned());
        let set = variable::ALL.iter().filter(is_setting).filter(|variable| environment.is_set(variable));
        Self {
            client: client(&args.client, environment, world.stdin),
            secret_file: args.client.client_secret_file.clone(),
            servers,
            scopes: scopes(&args.client, environment),
            transport,
            timeout: timeout(args.client.timeout, environment),
            min_ttl: min_ttl(args.min_ttl, environment),
            other_errors,
            set_variables: set.copied().collect(),
            cache: cache(args.client.cache_dir.as_deref(), environment, world.machine),
            shared_cache: shared_cache.ok().flatten(),
            step_protocol: args.for_step,
            surroundings: Surroundings::of(environment),
            format: args.format,
            style: Style { colours: wants_colours(world) },
            log: log_or_default(&args.client.log, environment),
        }
    }
}

fn other_errors(args: &ClientArgs, environment: Environment) -> Vec<Error> {
    let verify = verify_after(None, environment).err();
    let lane = lane(args.lane.as_deref(), environment).err();
    verify.into_iter().chain(lane).chain(log(&args.log, environment).err()).collect()
}

/// A level that makes no sense is a finding.
fn log_or_default(args: &LogArgs, environment: Environment) -> LogOptions {
    let format = args.log_format.unwrap_or_default();
    log(args, environment).unwrap_or(LogOptions { level: Level::Normal, format })
}

/// A terminal, unless `NO_COLOR` (no-color.org) says otherwise.
fn wants_colours(world: &World) -> bool {
    !world.environment.is_set(variable::NO_COLOR) && world.machine.stdout_is_terminal()
}

/// The place that the doctor runs in, and so the terms that its advice uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surroundings {
    /// A Jenkins build.
    Jenkins,
    /// Anything else.
    Shell,
}

impl Surroundings {
    fn of(environment: Environment) -> Self {
        if environment.is_set(variable::JENKINS_URL) || environment.is_set(variable::WORKSPACE) {
            Self::Jenkins
        } else {
            Self::Shell
        }
    }
}

/// Settings of `doctor --find-region`.
#[derive(Debug)]
pub(crate) struct RegionSearchSettings {
    pub(crate) client: Client,
    pub(crate) transport: Transport,
    pub(crate) timeout: Duration,
    pub(crate) format: ListFormat,
    pub(crate) log: LogOptions,
}

impl RegionSearchSettings {
    pub(crate) fn resolve(args: &DoctorArgs, world: &mut World) -> Result<Self> {
        let environment = world.environment;
        let (client, _) = client(&args.client, environment, world.stdin)?;
        let mistake = client.lint().into_iter().find(|finding| finding.severity == Severity::Mistake);
        if let Some(mistake) = mistake {
            return Err(Error::credentials(mistake.message)
                .cause("no region would know it")
                .fix(mistake.fix));
        }
        Ok(Self {
            client,
            transport: transport(&args.client, environment, &[])?,
            timeout: timeout(args.client.timeout, environment)?,
            format: args.format,
            log: log(&args.client.log, environment)?,
        })
    }
}
