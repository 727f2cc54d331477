//! Settings of `invalidate` and `revoke`.

use std::io::Read;
use std::path::Path;

use super::client::ClientSettings;
use crate::cli::{InvalidateArgs, RevokeArgs};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::token::AccessToken;
use crate::world::World;

/// Bytes: the longest token and a line break.
const MAX_STDIN_LEN: u64 = AccessToken::MAX_LEN as u64 + 2;

#[derive(Debug)]
pub(crate) struct InvalidateSettings {
    pub(crate) client: ClientSettings,
    /// The token to drop; without one, any.
    pub(crate) only: Option<AccessToken>,
}

#[derive(Debug)]
pub(crate) struct RevokeSettings {
    pub(crate) client: ClientSettings,
}

impl InvalidateSettings {
    pub(crate) fn resolve(args: &InvalidateArgs, world: &mut World) -> Result<Self> {
        if args.token_stdin && args.client.client_secret_file.as_deref() == Some(Path::new("-")) {
            return Err(Error::usage("--client-secret-file - reads stdin, which --token-stdin needs")
                .fix("give the secret in a file or in GENESYSCLOUD_OAUTHCLIENT_SECRET"));
        }
        let client = ClientSettings::resolve(&args.client, world)?;
        let only = if args.token_stdin { Some(read_token(world.stdin)?) } else { None };
        Ok(Self { client, only })
    }
}

impl RevokeSettings {
    pub(crate) fn resolve(args: &RevokeArgs, world: &mut World) -> Result<Self> {
        Ok(Self { client: ClientSettings::resolve(&args.client, world)? })
    }
}

fn read_token(stdin: &mut dyn Read) -> Result<AccessToken> {
    let refuse = |why: String| {
        Error::usage(format!("stdin holds no token: {why}"))
            .fix("pipe the token that got the 401 into this call")
    };
    let mut text = String::new();
    let read = stdin.take(MAX_STDIN_LEN).read_to_string(&mut text);
    let text = Secret::new(text);
    read.map_err(|error| refuse(error.to_string()))?;
    AccessToken::parse(text.expose().trim_end_matches(['\n', '\r']))
        .map_err(|why| refuse(format!("it {why}")))
}
