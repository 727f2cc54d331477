//! Id and secret: there, well formed, and probably what they should be.

use std::io::Read;

use ring::digest;

use super::{Check, Surroundings};
use crate::cache::hex;
use crate::cli::ClientArgs;
use crate::client::Client;
use crate::env::Env;
use crate::error::Category;
use crate::secret;
use crate::settings;

const NAME: &str = "credential";
/// Enough to tell two secrets apart, and nothing to find one by.
const FINGERPRINT_BYTES: usize = 6;

pub(super) fn check(
    args: &ClientArgs,
    env: &Env,
    stdin: &mut dyn Read,
    surroundings: Surroundings,
) -> (Vec<Check>, Option<Client>) {
    let mut remarks = Vec::new();
    let client = match settings::client(args, env, stdin, &mut remarks) {
        Ok(client) => client,
        Err(error) => {
            let fix = match &args.client_secret_file {
                Some(path) => {
                    let path = secret::shown_path(path);
                    format!("write id and secret anew: the secret is read from {path}")
                }
                None => surroundings.store_again().to_owned(),
            };
            return (vec![Check::of_error(NAME, error).fix(fix)], None);
        }
    };
    let doubts = client.doubts();
    if let Some(mistake) = doubts.iter().find(|doubt| doubt.is_mistake) {
        let check = Check::failed(NAME, Category::Credentials, mistake.sentence.clone())
            .because("the login server gets it as it is, and answers invalid_client")
            .fix(surroundings.store_again());
        return (vec![check], None);
    }
    let mut checks = vec![Check::ok(NAME, format!("client {}, and a secret of the usual form", client.id))];
    if !doubts.is_empty() {
        let sentences: Vec<String> = doubts.into_iter().map(|doubt| doubt.sentence).collect();
        checks = vec![
            Check::warning(NAME, format!("client {}", client.id))
                .because(sentences.join("; "))
                .fix("go on if the token request below is answered; else look here first"),
        ];
    }
    for remark in remarks {
        checks.push(
            Check::warning(NAME, remark)
                .because("this program takes it off, and other tools send it, to be told invalid_client")
                .fix(format!("write it with printf %s instead of echo; {}", surroundings.store_again())),
        );
    }
    checks.push(fingerprint(&client));
    (checks, Some(client))
}

/// What two people can compare without showing each other a secret.
fn fingerprint(client: &Client) -> Check {
    let basic = client.basic_credentials();
    let hash = digest::digest(&digest::SHA256, basic.expose().as_bytes());
    let hex = hex(&hash.as_ref()[..FINGERPRINT_BYTES]);
    Check::ok(
        "fingerprint",
        format!(
            "{hex}, of the Basic header; safe to show. Whoever has the right pair gets the same by: \
             printf %s \"$ID:$SECRET\" | base64 -w0 | sha256sum | cut -c1-{} \
             (printf adds no newline, -w0 breaks no line at 76 characters)",
            2 * FINGERPRINT_BYTES
        ),
    )
}
