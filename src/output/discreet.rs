//! Errors and findings without the secret that the environment holds.
//!
//! Errors quote what they refuse. Somebody who gave the secret as an argument too, or in a second variable, would read
//! it there, and so would everybody else who reads the log. Answers are left as they are: they quote nothing, and a
//! secret that is a word may be a part of a path.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::env::Env;
use crate::secret::Secret;
use crate::settings::variable;

/// Shorter ones may be a part of any word, and are none of Genesys'.
const SHORTEST: usize = 8;
/// As Jenkins writes it.
const MASK: &str = "****";

/// The secret of the environment, if there is one.
pub struct Unsaid {
    /// As it may be said, the longest form first.
    forms: Vec<Secret>,
}

impl Unsaid {
    /// What `env` holds.
    pub fn new(env: &Env) -> Self {
        let secret = env.os(variable::CLIENT_SECRET).and_then(|secret| secret.into_string().ok());
        let secret = secret.map(|secret| Secret::from(secret.trim()));
        let long = secret.filter(|secret| secret.expose().len() >= SHORTEST);
        Self { forms: long.map_or_else(Vec::new, forms) }
    }

    /// `text` with `****` in place of the secret.
    pub fn struck_out_of<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let forms = || self.forms.iter().map(Secret::expose);
        if !forms().any(|form| text.contains(form)) {
            return text.into();
        }
        forms().fold(text.to_owned(), |text, form| text.replace(form, MASK)).into()
    }
}

/// A stream for such texts: passes each write on as one, without the secret.
pub struct Discreet<'a> {
    out: &'a mut dyn Write,
    unsaid: Unsaid,
}

impl<'a> Discreet<'a> {
    /// A way to `out` for everything but the secret in `env`.
    pub fn new(out: &'a mut dyn Write, env: &Env) -> Self {
        Self { out, unsaid: Unsaid::new(env) }
    }
}

impl Write for Discreet<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.out.write_all(self.unsaid.struck_out_of(text).as_bytes())?,
            Err(_) => self.out.write_all(bytes)?,
        }
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
