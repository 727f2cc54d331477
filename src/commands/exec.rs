//! `exec`: runs a command with a token in its environment, and out of its output.

use super::{World, obtain};
use crate::cli::ExecArgs;
use crate::error::{Error, Result};
use crate::exec::{self, Outcome, Plan};
use crate::mask::Masker;
use crate::output::report;
use crate::secret::Secret;
use crate::settings::variable;

pub fn run(args: &ExecArgs, world: &mut World) -> Result<u8> {
    if args.ask.client_secret_file.as_deref() == Some(std::path::Path::new("-")) {
        return Err(Error::usage("--client-secret-file - reads stdin, which belongs to the command")
            .hint("give the secret in a file or in GENESYSCLOUD_OAUTHCLIENT_SECRET"));
    }
    let answer = obtain::credential_or_bound(&args.ask, world)?;
    // A command that keeps the secret may print it just as well.
    let kept = world.env.text(variable::CLIENT_SECRET)?.filter(|_| args.keep_credentials).map(Secret::new);
    let secrets: Vec<&Secret> = [Some(&answer.token), kept.as_ref()].into_iter().flatten().collect();
    let removed = [variable::CLIENT_ID, variable::CLIENT_SECRET];
    let plan = Plan {
        command: args.command.clone(),
        set: answer.variables().map(|(name, value)| (name.to_owned(), value.into())).collect(),
        remove: removed.iter().filter(|_| !args.keep_credentials).map(|&name| name.to_owned()).collect(),
        masking: (!args.no_masking).then(|| Masker::new(&secrets)),
        core_limit: world.core_limit,
    };
    match exec::run(&plan)? {
        Outcome::Ended(code) => Ok(code),
        Outcome::NotStarted { exit_code, error } => {
            report::error(&error, args.ask.log.error_format.unwrap_or_default(), world.stderr);
            Ok(exit_code)
        }
    }
}
