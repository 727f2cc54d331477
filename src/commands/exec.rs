//! `exec`: runs a command with a token in its environment, and out of its output.

use std::ffi::OsString;

use super::provide::provide;
use crate::cli::ExecArgs;
use crate::client::ClientSecret;
use crate::environment::variable::{self, Group};
use crate::error::Result;
use crate::exec::{self, Outcome, Plan};
use crate::mask::Masker;
use crate::output::{Answer, Source, TokenOf, report_error};
use crate::platform::wipe_freed_memory;
use crate::secret::Secret;
use crate::settings::ExecSettings;
use crate::world::World;

pub(super) fn run(args: &ExecArgs, world: &mut World) -> Result<i32> {
    // What libraries copy of the credential has to be gone when the command runs.
    wipe_freed_memory();
    let settings = ExecSettings::resolve(args, world)?;
    let removed = removed_variables(&settings);
    let ExecSettings { token, command, masks, kept_secret, shared_cache_passwords, .. } = settings;
    let cached_as = token.cached_as();
    let answer = provide(token, world)?;
    let of = cached_as.map(|(cache_key, region)| TokenOf::new(&cache_key, region, &answer.token));
    // A command that keeps the secret may print it as well.
    let kept_secret = kept_secret.as_ref().map(ClientSecret::as_secret);
    let secrets = std::iter::once(answer.token.as_secret()).chain(kept_secret);
    let secrets: Vec<&Secret> = secrets.chain(&shared_cache_passwords).collect();
    let plan = Plan {
        command,
        set: variables(&answer, of.as_ref()),
        remove: removed.into_iter().chain(outdated_variables(&answer)).collect(),
        masking: masks.then(|| Masker::new(&secrets)),
        core_limit: world.core_limit,
    };
    match exec::run(&plan)? {
        Outcome::Ended(code) => Ok(code),
        Outcome::NotStarted { exit_code, error } => {
            report_error(&error, args.token.client.log.error_formats(), world);
            Ok(exit_code)
        }
    }
}

/// The variables that the command gets. Those of a bound token say already whose it is.
fn variables(answer: &Answer, of: Option<&TokenOf>) -> Vec<(&'static str, OsString)> {
    let of = of.map(|of| (variable::TOKEN_OF, of.to_json()));
    answer.variables().chain(of).map(|(variable, value)| (variable.name, value.into())).collect()
}

/// The variables that the command never gets: the credential, unless it keeps it, and the shared cache's password.
fn removed_variables(settings: &ExecSettings) -> Vec<&'static str> {
    let mut removed: Vec<_> = variable::names_of(Group::Build).collect();
    removed.extend(variable::names_of(Group::SharedCachePassword));
    if settings.hides_shared_cache {
        removed.push(variable::SHARED_CACHE.name);
    }
    if !settings.keeps_credentials {
        removed.extend(variable::names_of(Group::Credential));
    }
    removed
}

/// The variables of the bound token of a block around this call, when the command gets another one. A call inside the
/// command would confuse the two.
fn outdated_variables(answer: &Answer) -> Vec<&'static str> {
    let mut outdated = Vec::new();
    if answer.source != Source::Bound {
        outdated.extend(variable::names_of(Group::BoundFile));
    }
    if answer.expires_at.is_none() {
        outdated.push(variable::EXPIRES_AT.name);
    }
    outdated
}
