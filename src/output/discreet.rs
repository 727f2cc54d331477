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
    /// The secret as it may be said, the longest form first.
    forms: Vec<Secret>,
}

impl<'a> Discreet<'a> {
    /// A way to `out` for everything but the secret in `env`.
    pub fn new(out: &'a mut dyn Write, env: &Env) -> Self {
        let secret = env.os(variable::CLIENT_SECRET).and_then(|secret| secret.into_string().ok());
        let secret = secret.map(|secret| Secret::from(secret.trim()));
        let forms = secret.filter(|secret| secret.expose().len() >= SHORTEST).map_or_else(Vec::new, forms);
        Self { out, forms }
    }

    /// `bytes` without the secret, if it is there.
    fn struck_out(&self, bytes: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(bytes).ok()?;
        let forms = || self.forms.iter().map(Secret::expose);
        let is_there = forms().any(|form| text.contains(form));
        is_there.then(|| forms().fold(text.to_owned(), |text, form| text.replace(form, MASK)))
    }
}

impl Write for Discreet<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let struck_out = self.struck_out(bytes);
        self.out.write_all(struck_out.as_ref().map_or(bytes, String::as_bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The secret as it is, as an error quotes it, and as JSON quotes the error.
fn forms(secret: Secret) -> Vec<Secret> {
    let mut forms = vec![secret];
    while forms.len() < 3 && forms[0].expose().contains(['"', '\\']) {
        let quoted = Secret::new(format!("{:?}", forms[0].expose()));
        forms.insert(0, Secret::from(&quoted.expose()[1..quoted.expose().len() - 1]));
    }
    forms
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
