//! `exec`: runs a command with a token in its environment, and out of its output.

use super::{World, obtain};
use crate::cli::ExecArgs;
use crate::client::clean::clean_secret;
use crate::error::{Error, Result};
use crate::exec::{self, Outcome, Plan};
use crate::mask::Masker;
use crate::output::format::Answer;
use crate::output::report;
use crate::secret::Secret;
use crate::settings::variable;

pub fn run(args: &ExecArgs, world: &mut World) -> Result<u8> {
    if args.ask.client.client_secret_file.as_deref() == Some(std::path::Path::new("-")) {
        return Err(Error::usage("--client-secret-file - reads stdin, which belongs to the command")
            .hint("give the secret in a file or in GENESYSCLOUD_OAUTHCLIENT_SECRET"));
    }
    let answer = obtain::credential_or_bound(&args.ask, world)?;
    // A command that keeps the secret may print it just as well.
    let kept = if args.keep_credentials { kept_secret(world)? } else { None };
    let secrets: Vec<&Secret> = [Some(&answer.token), kept.as_ref()].into_iter().flatten().collect();
    let plan = Plan {
        command: args.command.clone(),
        set: answer.variables().map(|(name, value)| (name.to_owned(), value.into())).collect(),
        remove: removed(args, &answer),
        masking: (!args.no_masking).then(|| Masker::new(&secrets)),
        core_limit: world.core_limit,
    };
    match exec::run(&plan)? {
        Outcome::Ended(code) => Ok(code),
        Outcome::NotStarted { exit_code, error } => {
            report::error(&error, args.ask.client.log.error_format.unwrap_or_default(), world.stderr);
            Ok(exit_code)
        }
    }
}

/// The secret that stays in the command's environment, as other tools would use it.
fn kept_secret(world: &World) -> Result<Option<Secret>> {
    let kept = world.env.text(variable::CLIENT_SECRET)?;
    kept.map(|raw| clean_secret(raw).map(|(secret, _)| secret)).transpose()
}

/// What the command does not get: the credential, and whatever belongs to the token of a block around this call when
/// that is not the one handed on. A call inside the command would take the two for one.
fn removed(args: &ExecArgs, answer: &Answer) -> Vec<String> {
    let mut removed = Vec::new();
    if !args.keep_credentials {
        removed.extend([variable::CLIENT_ID, variable::CLIENT_SECRET]);
    }
    if !answer.is_bound() {
        removed.extend([variable::TOKEN_FILE, variable::HEADERS_FILE, variable::CURL_CONFIG]);
    }
    if answer.expires_at.is_none() {
        removed.push(variable::EXPIRES_AT);
    }
    removed.into_iter().map(str::to_owned).collect()
}
