//! `invalidate`: drops the cached token, with `--token-stdin` only if it is still that very one.

use std::io::Read;

use super::World;
use super::evict::{self, Evicted};
use crate::cli::InvalidateArgs;
use crate::error::{Error, Result};
use crate::output::report::{self, Level, Reporter};
use crate::secret::Secret;
use crate::settings;

/// Far longer than any token.
const LONGEST_TOKEN: u64 = 64 * 1024;

pub fn run(args: &InvalidateArgs, world: &mut World) -> Result<u8> {
    if args.token_stdin
        && args.client.client_secret_file.as_deref().is_some_and(|path| path.as_os_str() == "-")
    {
        return Err(Error::usage("--client-secret-file - reads stdin, which --token-stdin needs")
            .hint("give the secret in a file or in GENESYSCLOUD_OAUTHCLIENT_SECRET"));
    }
    report::level(&args.client.log, &world.env)?;
    let settings = settings::settle(&args.client, &world.env, world.stdin)?;
    let only = if args.token_stdin { Some(read_token(world.stdin)?) } else { None };
    let evicted = match evict::store(&settings, world)? {
        Some(store) => {
            let lock = evict::lock(&store, settings.timeout, world.clock)?;
            evict::drop_token(&store, only.as_ref(), &lock)?
        }
        None => Evicted::Nothing,
    };
    Reporter::new(&args.client.log, &world.env, world.stderr)?
        .say(Level::Normal, || format!("{evicted} of client {} at {}", settings.client.id, settings.host));
    Ok(0)
}

fn read_token(stdin: &mut dyn Read) -> Result<Secret> {
    let mut text = String::new();
    let read = stdin.take(LONGEST_TOKEN).read_to_string(&mut text);
    let token = text.trim_end_matches(['\n', '\r']);
    if read.is_err() || token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(
            Error::usage("stdin holds no token").hint("pipe the token that got the 401 into this call")
        );
    }
    Ok(Secret::from(token))
}
