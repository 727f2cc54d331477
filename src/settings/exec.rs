//! Settings of `exec`.

use std::ffi::OsString;
use std::path::Path;

use super::shared_password::password_in_file;
use super::token::TokenSettings;
use crate::cli::ExecArgs;
use crate::client::ClientSecret;
use crate::environment::{Environment, variable};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::store;
use crate::world::World;

/// Bytes. A shorter password is a part of too many words; Jenkins masks none either.
const MIN_MASKED_LEN: usize = 3;

#[derive(Debug)]
pub(crate) struct ExecSettings {
    pub(crate) token: TokenSettings,
    /// The program and its arguments.
    pub(crate) command: Vec<OsString>,
    /// Whether to mask the token in the command's output.
    pub(crate) masks: bool,
    /// Whether the command keeps id and secret in its environment.
    pub(crate) keeps_credentials: bool,
    /// The secret that the command keeps, as other tools would use it.
    pub(crate) kept_secret: Option<ClientSecret>,
    /// The passwords of the shared cache, which the command does not get but may find.
    pub(crate) shared_cache_passwords: Vec<Secret>,
    /// Whether the address of the shared cache has a password, so that the command does not get it either.
    pub(crate) hides_shared_cache: bool,
}

impl ExecSettings {
    pub(crate) fn resolve(args: &ExecArgs, world: &mut World) -> Result<Self> {
        if args.token.client.client_secret_file.as_deref() == Some(Path::new("-")) {
            return Err(Error::usage("--client-secret-file - reads stdin, which belongs to the command")
                .fix("give the secret in a file or in GENESYSCLOUD_OAUTHCLIENT_SECRET"));
        }
        let token = TokenSettings::resolve(&args.token, world)?;
        let kept_secret = if args.keep_credentials {
            let secret = world.environment.text(variable::CLIENT_SECRET)?;
            secret.map(ClientSecret::parse).transpose()?.map(|(secret, _)| secret)
        } else {
            None
        };
        Ok(Self {
            token,
            command: args.command.clone(),
            masks: !args.no_masking,
            keeps_credentials: args.keep_credentials,
            kept_secret,
            shared_cache_passwords: shared_cache_passwords(args, world.environment),
            hides_shared_cache: world
                .environment
                .raw(variable::SHARED_CACHE)
                .is_some_and(|url| store::written_password(&url.to_string_lossy()).is_some()),
        })
    }
}

/// What the command's output is not to show. Its file is read for that alone, so not where the command replaces us.
fn shared_cache_passwords(args: &ExecArgs, environment: Environment) -> Vec<Secret> {
    if args.no_masking {
        return Vec::new();
    }
    let passwords = store::passwords(environment).into_iter().chain(password_in_file(environment));
    passwords.filter(|password| password.expose().len() >= MIN_MASKED_LEN).collect()
}
