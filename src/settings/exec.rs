//! Settings of `exec`.

use std::ffi::OsString;
use std::path::Path;

use super::token::TokenSettings;
use crate::cli::ExecArgs;
use crate::client::ClientSecret;
use crate::environment::variable;
use crate::error::{Error, Result};
use crate::world::World;

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
        })
    }
}
