//! Settings of `whoami`.

use std::time::Duration;

use super::api::ApiSettings;
use super::token::TokenSettings;
use super::value::{log, timeout};
use crate::cli::{TokenArgs, WhoamiArgs};
use crate::environment::variable;
use crate::error::{Error, Result};
use crate::output::{ListFormat, LogOptions};
use crate::world::World;

#[derive(Debug)]
pub(crate) struct WhoamiSettings {
    pub(crate) token: TokenSettings,
    pub(crate) api: ApiSettings,
    pub(crate) format: ListFormat,
    /// How much to say on stderr.
    pub(crate) log: LogOptions,
    /// The deadline of the whole call.
    pub(crate) timeout: Duration,
}

impl WhoamiSettings {
    pub(crate) fn resolve(args: &WhoamiArgs, world: &mut World) -> Result<Self> {
        // A token that an idle timeout has ended is not the one that the next call would get.
        let verify = args.token.verify.or(Some(Duration::ZERO));
        let token = TokenSettings::resolve(&TokenArgs { verify, ..args.token.clone() }, world)?;
        let api = match &token {
            TokenSettings::Credential(settings) => {
                let endpoint = &settings.client.endpoint;
                ApiSettings { api_url: endpoint.api_url.clone(), transport: endpoint.transport.clone() }
            }
            TokenSettings::Bound(settings) => settings.api.clone().ok_or_else(no_api)?,
        };
        Ok(Self {
            token,
            api,
            format: args.format,
            log: log(&args.token.client.log, world.environment)?,
            timeout: timeout(args.token.client.timeout, world.environment)?,
        })
    }
}

fn no_api() -> Error {
    let name = variable::API_REGION.name;
    Error::credentials(format!("no API host: {name} is not set beside the bound token"))
        .fix("leave the block's variables as withGenesysToken or bind set them")
}
