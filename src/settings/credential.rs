//! Who asks: id and secret by flag, file, stdin or environment.

use std::io::Read;
use std::path::Path;

use crate::cli::ClientArgs;
use crate::client::clean::{Remark, clean_secret};
use crate::client::{Client, ClientId};
use crate::env::Env;
use crate::error::{Category, Error, Result};
use crate::secret;

use super::variable;

/// No client secret is longer; a mistaken path may be.
const SECRET_FILE_LIMIT: u64 = 64 * 1024;

/// Whether the caller has a client secret at all; without one a bound token file may serve.
pub fn has_secret(args: &ClientArgs, env: &Env) -> bool {
    args.client_secret_file.is_some() || env.os(variable::CLIENT_SECRET).is_some()
}

/// Who asks. Remarks tell what was put right.
///
/// # Errors
/// The credential is missing or malformed.
pub fn client(
    args: &ClientArgs,
    env: &Env,
    stdin: &mut dyn Read,
    remarks: &mut Vec<String>,
) -> Result<Client> {
    let (raw, from_env) = match &args.client_id {
        Some(id) => (id.clone(), false),
        None => match credential_text(env, variable::CLIENT_ID)? {
            Some(id) => (id, true),
            None => {
                return Err(missing("client id", "--client-id", variable::CLIENT_ID));
            }
        },
    };
    let (id, put_right) = ClientId::clean(&raw)?;
    warn(remarks, &put_right, from_env.then_some(variable::CLIENT_ID));
    let (raw, from_env) = match &args.client_secret_file {
        Some(path) => (read_secret(path, stdin)?, false),
        None => match credential_text(env, variable::CLIENT_SECRET)? {
            Some(secret) => (secret, true),
            None => return Err(missing("client secret", "--client-secret-file", variable::CLIENT_SECRET)),
        },
    };
    let (secret, put_right) = clean_secret(raw)?;
    warn(remarks, &put_right, from_env.then_some(variable::CLIENT_SECRET));
    Ok(Client { id, secret })
}

/// A variable of the credential: what is wrong with it is wrong with the credential.
fn credential_text(env: &Env, variable: &str) -> Result<Option<String>> {
    env.text(variable).map_err(|error| Error { category: Category::Credentials, ..error })
}

/// In a file a newline at the end is normal; in a variable it tells that the stored credential has it.
fn warn(remarks: &mut Vec<String>, put_right: &[Remark], variable: Option<&str>) {
    if let Some(variable) = variable {
        remarks.extend(put_right.iter().map(|remark| format!("{remark} in {variable}")));
    }
}

fn missing(what: &str, flag: &str, variable: &str) -> Error {
    Error::credentials(format!("no {what}: neither {flag} nor {variable} is given"))
        .hint("in a pipeline, run inside withGenesysToken or bind the credential with withCredentials")
}

fn read_secret(path: &Path, stdin: &mut dyn Read) -> Result<String> {
    let mut secret = Vec::new();
    let read = if path == Path::new("-") {
        stdin.take(SECRET_FILE_LIMIT + 1).read_to_end(&mut secret)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(SECRET_FILE_LIMIT + 1).read_to_end(&mut secret))
    };
    let shown = if path == Path::new("-") { "stdin".to_owned() } else { secret::shown_path(path) };
    let refuse = |why: String| {
        Error::credentials(format!("cannot read the client secret from {shown}: {why}"))
            .hint("--client-secret-file takes the path of a file that holds the secret and nothing else")
    };
    read.map_err(|error| refuse(error.to_string()))?;
    if secret.len() as u64 > SECRET_FILE_LIMIT {
        return Err(refuse(format!("it is larger than {SECRET_FILE_LIMIT} bytes")));
    }
    String::from_utf8(secret).map_err(|_| refuse("it is not text".to_owned()))
}
