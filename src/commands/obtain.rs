//! How every verb that needs a token gets one: from the broker, or from the file bound around it.

use std::path::Path;
use std::time::Duration;

use super::World;
use crate::broker::{Broker, Request, Wishes};
use crate::cache;
use crate::cli::AskArgs;
use crate::error::{Category, Error, Result};
use crate::login::{Connection, HttpLogin, Liveness};
use crate::output::format::{Answer, BOUND};
use crate::output::report::{Level, Reporter};
use crate::region::Region;
use crate::secret::Secret;
use crate::settings::{self, Settings, variable};
use crate::sys;
use crate::time::{Timestamp, humane};

/// A bound token file holds one token.
const TOKEN_FILE_LIMIT: usize = 16 * 1024;

/// A token from the credential; without one, from the bound token file.
pub fn credential_or_bound(args: &AskArgs, world: &mut World) -> Result<Answer> {
    match world.env.path(variable::TOKEN_FILE) {
        Some(file) if !settings::has_secret(&args.client, &world.env) => bound(args, &file, world),
        _ => credential(args, world),
    }
}

/// A token from the credential, through cache and login server.
pub fn credential(args: &AskArgs, world: &mut World) -> Result<Answer> {
    let began = world.clock.now();
    let mut settings = settings::settle(&args.client, &world.env, world.stdin)?;
    let min_ttl = settings::min_ttl(args.min_ttl, &world.env)?;
    let verify_after = settings::verify_after(args.verify, &world.env)?;
    let mut reporter = Reporter::new(&args.client.log, &world.env, world.stderr)?;
    let store = if args.no_cache.is_some() {
        None
    } else {
        cache::open(&settings.place, &world.env)
            .map(|dir| settings.store(dir))
            .map_err(|why| settings.remarks.push(why))
            .ok()
    };
    reporter.say(Level::Verbose, || match &store {
        Some(store) => format!("cache entry {}", store.path().display()),
        None => "no cache".to_owned(),
    });
    let login = HttpLogin::new(&settings.endpoint, &settings.client, &settings.scopes, world.clock);
    let broker = Broker { store: store.as_ref(), login: &login, clock: world.clock, random: world.random };
    let wishes = Wishes { began, min_ttl, force_refresh: args.force_refresh.is_some() };
    let request = Request { wishes, verify_after, timeout: settings.timeout };
    // What looks odd about a credential is of interest when the server refuses it, or sees it first.
    let handed = broker.token(request).map_err(|error| with_warnings(error, &settings))?;
    if handed.source.is_fetched() {
        settings.remarks.extend(settings.client.warnings());
        settings.remarks.extend(settings.scopes.warnings());
        settings.remarks.extend(narrower(&settings, handed.token.scope.as_deref()));
    }
    reporter.handed(&handed, &settings.client.id, &settings.host, &settings.remarks, world.clock.now());
    let asked = (!settings.scopes.is_empty()).then(|| settings.scopes.to_string());
    Ok(Answer {
        token: handed.token.value,
        expires_at: handed.token.lifetime.map(|lifetime| lifetime.expires_at),
        scope: handed.token.scope.or(asked),
        source: handed.source.word(),
        region: Some(settings.endpoint.region.aws.to_owned()),
        api_url: Some(settings.endpoint.api_url),
    })
}

fn with_warnings(mut error: Error, settings: &Settings) -> Error {
    if error.category == Category::Rejected {
        let warnings = settings.remarks.iter().cloned();
        for warning in warnings.chain(settings.client.warnings()).chain(settings.scopes.warnings()) {
            error.hint.push_str("; ");
            error.hint.push_str(&warning);
        }
    }
    error
}

fn narrower(settings: &Settings, granted: Option<&str>) -> Option<String> {
    let missing = settings.scopes.missing_from(granted?);
    (!missing.is_empty()).then(|| format!("not granted of the scopes asked for: {}", missing.join(" ")))
}

/// What helps when the bound token does not.
const REMEDY: &str =
    "with 'refresh: true' the step keeps the credential bound, so that a new token can be had";

/// The token that `bind` wrote around this block. It can't be renewed here: the secret is out of reach.
fn bound(args: &AskArgs, file: &Path, world: &mut World) -> Result<Answer> {
    let env = &world.env;
    let region = env.text(variable::REGION)?;
    refuse_other_wishes(args, region.as_deref())?;
    let token = read_bound(file)?;
    let expires_at = match env.text(variable::EXPIRES_AT)? {
        Some(text) => Some(Timestamp::parse_rfc3339(&text).ok_or_else(|| {
            Error::credentials(format!("the value of {} is not a time", variable::EXPIRES_AT))
                .hint("the block's variables were changed; leave them as withGenesysToken or bind set them")
        })?),
        None => None,
    };
    let left = expires_at.map(|at| at.since(world.clock.now()));
    check_life(left, settings::min_ttl(args.min_ttl, env)?)?;
    let api_url = env.text(variable::API_REGION)?;
    let remarks = if settings::verify_after(args.verify, env)?.is_some() {
        check_alive(args, &token, api_url.as_deref(), world)?
    } else {
        Vec::new()
    };
    let answer = Answer { token, expires_at, scope: None, source: BOUND, region, api_url };
    Reporter::new(&args.client.log, &world.env, world.stderr)?.say(Level::Normal, || {
        let left = left.map_or_else(String::new, |left| format!(", {} left", humane(left)));
        let warnings: Vec<&str> = remarks.iter().flat_map(|remark| ["; warning: ", remark]).collect();
        format!("reused the bound token{left}{}", warnings.concat())
    });
    Ok(answer)
}

/// A bound token is what it is: a flag that asks for another one can't be heeded.
fn refuse_other_wishes(args: &AskArgs, region: Option<&str>) -> Result<()> {
    let elsewhere = match &args.client.region {
        Some(wanted) => region != Some(Region::parse(wanted)?.aws),
        None => false,
    };
    for (given, flag) in [
        (!args.client.scope.is_empty(), "--scope"),
        (args.force_refresh.is_some(), "--force-refresh"),
        (args.client.client_id.is_some(), "--client-id"),
        (args.client.login_url.is_some(), "--login-url"),
        (args.client.api_url.is_some(), "--api-url"),
        (elsewhere, "another --region"),
    ] {
        if given {
            let message = format!("{flag} needs the client secret, and only a bound token is here");
            return Err(Error::credentials(message).hint(REMEDY));
        }
    }
    Ok(())
}

fn check_life(left: Option<Duration>, wanted: Option<Duration>) -> Result<()> {
    let message = match (left, wanted) {
        (Some(left), _) if left.is_zero() => "the bound token has expired".to_owned(),
        (None, Some(_)) => {
            "nobody knows how long the bound token lives, and --min-ttl asks for it".to_owned()
        }
        (Some(left), Some(wanted)) if left < wanted => {
            format!("the bound token has {} left, and --min-ttl asks for {}", humane(left), humane(wanted))
        }
        _ => return Ok(()),
    };
    Err(Error::new(Category::Lifetime, message).hint(REMEDY))
}

/// Asks the block's API host whether the token is alive; what the user should know of that.
fn check_alive(args: &AskArgs, token: &Secret, api_url: Option<&str>, world: &World) -> Result<Vec<String>> {
    let Some(api_url) = api_url else {
        return Ok(vec![format!(
            "cannot tell whether the token is alive: {} is not set",
            variable::API_REGION
        )]);
    };
    let (route, api_url, remark) = settings::bound_api(&args.client, &world.env, api_url)?;
    let limit = settings::timeout(&args.client, &world.env)?;
    let silence = match Connection::new(&route, world.clock).check(&api_url, token, limit) {
        Liveness::Alive => None,
        Liveness::Dead => {
            let message = "the API host no longer takes the bound token";
            return Err(Error::new(Category::Lifetime, message).hint(REMEDY));
        }
        Liveness::Unknown(why) => Some(why),
    };
    Ok(remark.into_iter().chain(silence).collect())
}

fn read_bound(file: &Path) -> Result<Secret> {
    let refuse = |why: String| {
        Error::credentials(format!("cannot use the bound token in {}: {why}", file.display())).hint(
            "the block that bound it may be over, or its directory was cleaned; run inside withGenesysToken",
        )
    };
    let content = sys::read_token_file(file, TOKEN_FILE_LIMIT).map_err(|error| refuse(error.to_string()))?;
    let text = String::from_utf8(content).map_err(|_| refuse("it is not text".to_owned()))?;
    let token = text.strip_suffix('\n').unwrap_or(&text);
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refuse("it is not one clean token".to_owned()));
    }
    Ok(Secret::from(token))
}
