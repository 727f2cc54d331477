//! The client's id and secret: by flag, file, stdin or environment.

use std::io::Read;
use std::path::Path;

use crate::cli::ClientArgs;
use crate::client::{Client, ClientId, ClientSecret, Normalization};
use crate::environment::Environment;
use crate::environment::variable::{self, Variable};
use crate::error::{Category, Error, Result};
use crate::secret::{self, Secret};

/// Bytes. A client secret is never longer; a file named by mistake may be.
const MAX_SECRET_FILE_LEN: u64 = 64 * 1024;

/// Whether the caller has a client secret at all; without one a bound token may serve.
pub(super) fn has_secret(args: &ClientArgs, environment: Environment) -> bool {
    args.client_secret_file.is_some() || environment.is_set(variable::CLIENT_SECRET)
}

/// The credential, and a warning for each value that was normalized.
///
/// # Errors
/// The credential is missing or malformed.
pub(super) fn client(
    args: &ClientArgs,
    environment: Environment,
    stdin: &mut dyn Read,
) -> Result<(Client, Vec<String>)> {
    let mut warnings = Vec::new();
    let (raw, variable) = match &args.client_id {
        Some(id) => (id.clone(), None),
        None => match credential_text(environment, variable::CLIENT_ID)? {
            Some(id) => (id, Some(variable::CLIENT_ID)),
            None => return Err(missing("client id", variable::CLIENT_ID, environment)),
        },
    };
    let (id, normalization) = ClientId::parse(&raw)?;
    warnings.extend(warning(normalization, variable));
    let (raw, variable) = match &args.client_secret_file {
        Some(path) => (read_secret(path, stdin)?, None),
        None => match credential_text(environment, variable::CLIENT_SECRET)? {
            Some(secret) => (Secret::new(secret), Some(variable::CLIENT_SECRET)),
            None => return Err(missing("client secret", variable::CLIENT_SECRET, environment)),
        },
    };
    let (secret, normalization) = ClientSecret::parse(raw)?;
    warnings.extend(warning(normalization, variable));
    Ok((Client { id, secret }, warnings))
}

/// A variable of the credential: what is wrong with it is wrong with the credential.
fn credential_text(environment: Environment, variable: &Variable) -> Result<Option<String>> {
    environment.text(variable).map_err(|error| Error { category: Category::Credentials, ..error })
}

/// A newline at the end of a file is normal; in a variable it means that the stored credential has one.
fn warning(normalization: Option<Normalization>, variable: Option<&Variable>) -> Option<String> {
    Some(format!("{} in {}", normalization?, variable?.name))
}

fn missing(what: &str, variable: &Variable, environment: Environment) -> Error {
    let (flag, name) = (variable.flag.unwrap_or_default(), variable.name);
    let error = Error::credentials(format!("no {what}: neither --{flag} nor {name} is given"));
    let near_miss = environment.near_miss(variable).into_iter();
    near_miss
        .fold(error, Error::cause)
        .fix("in a pipeline, run inside withGenesysToken or bind the credential with withCredentials")
}

fn read_secret(path: &Path, stdin: &mut dyn Read) -> Result<Secret> {
    let mut content = Vec::new();
    let is_stdin = path == Path::new("-");
    let read = if is_stdin {
        stdin.take(MAX_SECRET_FILE_LEN + 1).read_to_end(&mut content)
    } else {
        std::fs::File::open(path)
            .and_then(|file| file.take(MAX_SECRET_FILE_LEN + 1).read_to_end(&mut content))
    };
    let shown = if is_stdin { "stdin".to_owned() } else { secret::displayed_path(path) };
    let refuse = |why: String| {
        Error::credentials(format!("cannot read the client secret from {shown}: {why}"))
            .fix("--client-secret-file takes the path of a file that holds the secret and nothing else")
    };
    read.map_err(|error| refuse(error.to_string()))?;
    if content.len() as u64 > MAX_SECRET_FILE_LEN {
        return Err(refuse(format!("it is larger than {MAX_SECRET_FILE_LEN} bytes")));
    }
    String::from_utf8(content).map(Secret::new).map_err(|_| refuse("it is not text".to_owned()))
}
