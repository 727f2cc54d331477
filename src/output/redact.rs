//! Errors and findings without the secrets that the environment holds: the client's, and the shared cache's password.
//!
//! Errors quote what they refuse. A user who gave a secret as an argument too, or in a second variable, would see it
//! there, and so would every reader of the log. Answers are not redacted: they quote nothing, and a secret that is a
//! word may be a part of a path.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::io::{self, Write};

use crate::client::is_placeholder;
use crate::environment::{Environment, variable};
use crate::secret::{REDACTED, Secret};
use crate::store;

/// Characters. A shorter secret may be a part of any word, and is none of Genesys'.
const MIN_LEN: usize = 8;

/// Redacts the secrets of the environment, if there are any.
pub(crate) struct Redactor {
    /// Each secret in every form in which a message may quote it, the longest first.
    forms: Vec<Secret>,
}

impl Redactor {
    /// A redactor of the secrets in `environment`.
    pub(crate) fn new(environment: Environment) -> Self {
        let secret = environment.raw(variable::CLIENT_SECRET).and_then(|secret| secret.into_string().ok());
        let secrets = secret.map(Secret::new).into_iter().chain(store::passwords(environment)).map(trimmed);
        // A placeholder is to be named.
        let is_secret = |text: &str| text.len() >= MIN_LEN && !is_placeholder(text);
        let forms = secrets.filter(|secret| is_secret(secret.expose())).flat_map(forms);
        let mut forms: Vec<Secret> = forms.collect();
        forms.sort_by_key(|form| Reverse(form.expose().len()));
        Self { forms }
    }

    /// `text` with `****` in place of the secrets.
    pub(crate) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let forms = || self.forms.iter().map(Secret::expose);
        if !forms().any(|form| text.contains(form)) {
            return text.into();
        }
        forms().fold(text.to_owned(), |text, form| text.replace(form, REDACTED)).into()
    }
}

/// Writes each text redacted, in one write.
pub struct RedactingWriter<'a> {
    out: &'a mut (dyn Write + Send),
    redactor: Redactor,
}

impl<'a> RedactingWriter<'a> {
    /// A writer to `out` that redacts the secrets in `environment`.
    pub fn new(out: &'a mut (dyn Write + Send), environment: Environment) -> Self {
        Self { out, redactor: Redactor::new(environment) }
    }
}

impl Write for RedactingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.out.write_all(self.redactor.redact(text).as_bytes())?,
            Err(_) => self.out.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Without white space around it. Copied only if there is some: every call comes here.
fn trimmed(secret: Secret) -> Secret {
    let text = secret.expose().trim();
    if text.len() == secret.expose().len() { secret } else { Secret::from(text) }
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

    fn written(secret: &str, text: &str) -> String {
        let mut out = Vec::new();
        let lookup = |name: &str| (name == variable::CLIENT_SECRET.name).then(|| secret.into());
        RedactingWriter::new(&mut out, Environment::new(&lookup))
            .write_all(text.as_bytes())
            .expect("memory can be written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_secret_is_redacted_quoted_or_not() {
        assert_eq!(written("hunter2hunter2", "no hunter2hunter2!\n"), "no ****!\n");
        assert_eq!(
            written("hunter2\"\\hunter2\n", &format!("no {:?}\n", "hunter2\"\\hunter2")),
            "no \"****\"\n"
        );
    }

    #[test]
    fn of_a_secret_that_begins_like_another_nothing_is_left() {
        let lookup = |name: &str| match name {
            name if name == variable::CLIENT_SECRET.name => Some("hunter2hunter2".into()),
            name if name == variable::SHARED_CACHE_PASSWORD.name => {
                Some("hunter2hunter2-of-the-cache".into())
            }
            _ => None,
        };
        let redactor = Redactor::new(Environment::new(&lookup));
        assert_eq!(redactor.redact("no hunter2hunter2-of-the-cache, no hunter2hunter2"), "no ****, no ****");
    }

    #[test]
    fn a_secret_that_may_be_a_word_is_not_redacted() {
        assert_eq!(written("region", "unknown region \"mars\"\n"), "unknown region \"mars\"\n");
        assert_eq!(written("", "no\n"), "no\n");
        assert_eq!(written("${GENESYS_SECRET}", "it is ${GENESYS_SECRET}\n"), "it is ${GENESYS_SECRET}\n");
    }
}
