//! Id and secret: present, well formed, and probably the right kind of value.

use std::path::PathBuf;

use ring::digest;

use super::check::Check;
use crate::client::{Client, Severity};
use crate::error::{Category, Result};
use crate::hex::hex;
use crate::secret;
use crate::settings::Surroundings;

const NAME: &str = "credential";
/// Enough to tell two secrets apart, too little to find one.
const FINGERPRINT_BYTES: usize = 6;

pub(super) fn check(
    client: Result<(Client, Vec<String>)>,
    secret_file: Option<PathBuf>,
    surroundings: Surroundings,
) -> (Vec<Check>, Option<Client>) {
    let (client, normalizations) = match client {
        Ok(parsed) => parsed,
        Err(error) => {
            let fix = match secret_file {
                Some(path) => {
                    let path = secret::displayed_path(&path);
                    format!("store id and secret again: the secret is read from {path}")
                }
                None => surroundings.store_again().to_owned(),
            };
            return (vec![Check::of_error(NAME, error).fix(fix)], None);
        }
    };
    let findings = client.lint();
    if let Some(mistake) = findings.iter().find(|finding| finding.severity == Severity::Mistake) {
        let check = Check::failed(NAME, Category::Credentials, mistake.message.clone())
            .because("the login server gets the value as it is, and answers invalid_client")
            .fix(surroundings.store_again());
        return (vec![check], None);
    }
    let mut checks = vec![if findings.is_empty() {
        Check::ok(NAME, format!("client {}, and a secret of the usual form", client.id))
    } else {
        let messages: Vec<String> = findings.into_iter().map(|finding| finding.message).collect();
        Check::warning(NAME, format!("client {}", client.id))
            .because(messages.join("; "))
            .fix("ignore this if the token request below succeeds; else look here first")
    }];
    for normalization in normalizations {
        checks.push(
            Check::warning(NAME, normalization)
                .because("this program removes the newline; other tools send it and get invalid_client")
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
            "{hex}, of the Basic header; safe to show. The right pair gives the same by: \
             printf %s \"$ID:$SECRET\" | base64 -w0 | sha256sum | cut -c1-{} \
             (printf adds no newline, -w0 does not wrap lines at 76 characters)",
            2 * FINGERPRINT_BYTES
        ),
    )
}
