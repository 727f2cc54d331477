//! A stream that never says the secret of the environment.
//!
//! Errors quote what they refuse. Somebody who mixed up two variables, or gave the secret as an argument, would read
//! it there, and so would everybody else who reads the log.

use std::io::{self, Write};

use crate::env::Env;
use crate::secret::Secret;
use crate::settings::variable;

/// Shorter ones may be a part of any word, and are none of Genesys'.
const SHORTEST: usize = 8;
/// As Jenkins writes it.
const MASK: &str = "****";

/// Passes text on, each write as one, with `****` in place of the secret.
pub struct Discreet<'a> {
    out: &'a mut dyn Write,
    secret: Option<Secret>,
}

impl<'a> Discreet<'a> {
    /// A way to `out` for everything but the secret in `env`.
    pub fn new(out: &'a mut dyn Write, env: &Env) -> Self {
        let secret = env.os(variable::CLIENT_SECRET).and_then(|secret| secret.into_string().ok());
        let secret = secret.map(|secret| Secret::from(secret.trim()));
        Self { out, secret: secret.filter(|secret| secret.expose().len() >= SHORTEST) }
    }
}

impl Write for Discreet<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let struck_out = self.secret.as_ref().and_then(|secret| without(bytes, secret));
        self.out.write_all(struck_out.as_ref().map_or(bytes, String::as_bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// `bytes` without `secret`, if it is there: as it is, as an error quotes it, or as JSON quotes the error.
fn without(bytes: &[u8], secret: &Secret) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let quoted = in_quotes(secret);
    let twice_quoted = in_quotes(&quoted);
    let forms = [&twice_quoted, &quoted, secret].map(Secret::expose);
    let is_there = forms.iter().any(|form| text.contains(form));
    is_there.then(|| forms.iter().fold(text.to_owned(), |text, form| text.replace(form, MASK)))
}

/// What stands between the quotes of a quoted text.
fn in_quotes(text: &Secret) -> Secret {
    let quoted = Secret::new(format!("{:?}", text.expose()));
    Secret::from(&quoted.expose()[1..quoted.expose().len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(secret: &str, text: &str) -> String {
        let mut out = Vec::new();
        let lookup = |_: &str| Some(secret.into());
        Discreet::new(&mut out, &Env::new(&lookup))
            .write_all(text.as_bytes())
            .expect("memory can be written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_secret_is_struck_out_quoted_or_not() {
        assert_eq!(said("hunter2hunter2", "no hunter2hunter2!\n"), "no ****!\n");
        assert_eq!(
            said("hunter2\"\\hunter2\n", &format!("no {:?}\n", "hunter2\"\\hunter2")),
            "no \"****\"\n"
        );
    }

    #[test]
    fn what_may_be_a_word_stays() {
        assert_eq!(said("region", "unknown region \"mars\"\n"), "unknown region \"mars\"\n");
        assert_eq!(said("", "no\n"), "no\n");
    }
}
