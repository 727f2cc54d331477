//! Single values: a flag, else a variable, else nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::LogArgs;
use crate::duration::parse_duration;
use crate::environment::Environment;
use crate::environment::variable::{self, Variable};
use crate::error::{Error, Result};
use crate::lane::Lane;
use crate::log::Level;
use crate::organization::ExpectedOrganization;
use crate::output::LogOptions;
use crate::sanitize::sanitize;
use crate::store::CacheLocation;
use crate::world::Machine;

/// Long enough for a slow login server and a rate limit, short enough for a stage.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_mins(1);

/// The deadline of the whole call.
pub(super) fn timeout(flag: Option<Duration>, environment: Environment) -> Result<Duration> {
    Ok(duration(flag, environment, variable::TIMEOUT)?.unwrap_or(DEFAULT_TIMEOUT))
}

/// The required lifetime; zero means none.
pub(super) fn min_ttl(flag: Option<Duration>, environment: Environment) -> Result<Option<Duration>> {
    Ok(duration(flag, environment, variable::MIN_TTL)?.filter(|min_ttl| !min_ttl.is_zero()))
}

/// The age from which a cached token is checked: the variable says `true` for any, `false` for never, or a duration.
pub(super) fn verify_after(flag: Option<Duration>, environment: Environment) -> Result<Option<Duration>> {
    if flag.is_some() {
        return Ok(flag);
    }
    match environment.flag(variable::VERIFY) {
        Ok(wanted) => Ok(wanted.filter(|wanted| *wanted).map(|_| Duration::ZERO)),
        Err(_) => duration(None, environment, variable::VERIFY),
    }
}

pub(super) fn duration(
    flag: Option<Duration>,
    environment: Environment,
    variable: &Variable,
) -> Result<Option<Duration>> {
    if flag.is_some() {
        return Ok(flag);
    }
    let Some(text) = environment.text(variable)? else { return Ok(None) };
    parse_duration(&text).map(Some).map_err(|why| {
        Error::usage(format!("{}: {why}", variable.name))
            .fix("correct the variable, or unset it for the default")
    })
}

/// The organisation that the token must be of.
pub(super) fn expect_org(
    flag: Option<&str>,
    environment: Environment,
) -> Result<Option<ExpectedOrganization>> {
    let (text, source) = match (flag, environment.text(variable::EXPECT_ORG)?) {
        (Some(flag), _) => (flag.to_owned(), "--expect-org"),
        (None, Some(text)) => (text, variable::EXPECT_ORG.name),
        (None, None) => return Ok(None),
    };
    let expected = ExpectedOrganization::parse(&sanitize(&text, &[]));
    expected.map(Some).ok_or_else(|| {
        Error::usage(format!("the value of {source} is blank"))
            .fix("name the organisation as Genesys Cloud shows it, or give its id")
    })
}

/// The lane of the token.
pub(super) fn lane(flag: Option<&str>, environment: Environment) -> Result<Option<Lane>> {
    if let Some(flag) = flag {
        return Lane::parse(flag, "--lane").map(Some);
    }
    let text = environment.text(variable::LANE)?;
    text.map(|text| Lane::parse(&text, variable::LANE.name)).transpose()
}

/// Where the cache is.
pub(super) fn cache(flag: Option<&Path>, environment: Environment, machine: &dyn Machine) -> CacheLocation {
    match path(flag, environment, &[variable::CACHE_DIR]) {
        Some(path) => CacheLocation::At(path),
        None => CacheLocation::default(environment, &|| machine.user_cache_dir()),
    }
}

/// The flag, or the first variable that is set.
pub(super) fn path(
    flag: Option<&Path>,
    environment: Environment,
    variables: &[&Variable],
) -> Option<PathBuf> {
    flag.map(Path::to_owned).or_else(|| variables.iter().find_map(|variable| environment.path(variable)))
}

/// How much to say on stderr, and in which format.
pub(super) fn log(args: &LogArgs, environment: Environment) -> Result<LogOptions> {
    Ok(LogOptions { level: level(args, environment)?, format: args.log_format.unwrap_or_default() })
}

fn level(args: &LogArgs, environment: Environment) -> Result<Level> {
    Ok(match (args.quiet.is_some(), args.verbose) {
        (true, _) => Level::Quiet,
        (false, 0) => match environment.text(variable::LOG)?.as_deref() {
            None | Some("normal") => Level::Normal,
            Some("quiet") => Level::Quiet,
            Some("verbose") => Level::Verbose,
            Some("debug") => Level::Debug,
            Some(_) => {
                let name = variable::LOG.name;
                return Err(Error::usage(format!("the value of {name} is not a level"))
                    .fix("write quiet, normal, verbose or debug"));
            }
        },
        (false, 1) => Level::Verbose,
        (false, _) => Level::Debug,
    })
}
