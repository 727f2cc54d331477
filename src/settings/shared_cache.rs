//! The cache that machines share. Its values are parsed with all others; the files that it names are read when it is
//! used, which a hit on the disk does not do.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use super::shared_password::SharedPassword;
use super::transport::ca_dirs;
use super::value::{duration, path};
use crate::environment::Environment;
use crate::environment::variable;
use crate::error::{Error, Result};
use crate::login::{Transport, client_config};
use crate::secret::Secret;
use crate::store::{Address, Credentials, RedisStore, StoreFault, written_password};
use crate::time::Clock;

/// How the names in the store begin.
const DEFAULT_PREFIX: &str = "genesys-token:";
/// Bytes. Each name has it.
const MAX_PREFIX_LEN: usize = 64;
/// A store nearby answers in a millisecond. One that is not there costs every call this time.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1);
/// The store may take one part in so many of a call's `--timeout`.
const SHARE_OF_TIMEOUT: u32 = 4;

/// Where the shared cache is, and how to log in there.
#[derive(Clone, Debug)]
pub(crate) struct SharedCacheSettings {
    /// Where it is.
    pub(crate) address: Address,
    username: Option<String>,
    password: SharedPassword,
    /// How its names begin.
    pub(crate) prefix: String,
    /// How long a call may ask it, all in all.
    timeout: Duration,
    /// The certificates that it is trusted by.
    transport: Transport,
}

impl SharedCacheSettings {
    /// Resolves them; `None` without a shared cache, whatever else is set.
    ///
    /// # Errors
    /// A value that makes no sense, or a password in the flag.
    pub(super) fn resolve(flag: Option<&str>, environment: Environment) -> Result<Option<Self>> {
        let (text, source) = match flag {
            Some(flag) if written_password(flag).is_some() => return Err(public_password()),
            Some(flag) => (Secret::from(flag), "--shared-cache"),
            None => match environment.text(variable::SHARED_CACHE)? {
                Some(text) => (Secret::new(text), variable::SHARED_CACHE.name),
                None => return Ok(None),
            },
        };
        let (address, in_url) = Address::parse(text.expose()).map_err(|why| {
            let error = Error::usage(format!("the value of {source} {why}"));
            let error = error.fix("such as rediss://cache.example.com:6379, or cache.example.com:6379/1");
            if written_password(text.expose()).is_none() {
                return error;
            }
            let name = variable::SHARED_CACHE_PASSWORD.name;
            error.fix(format!("give the password in {name}, or escape what is special in URLs"))
        })?;
        let ca_variables = [variable::SHARED_CACHE_CA_CERT, variable::SSL_CERT_FILE];
        Ok(Some(Self {
            address,
            username: environment.text(variable::SHARED_CACHE_USERNAME)?.or(in_url.username),
            password: SharedPassword::resolve(in_url.password, environment)?,
            prefix: prefix(environment)?,
            timeout: timeout(environment)?,
            transport: Transport {
                ca_cert: path(None, environment, &ca_variables),
                ca_dirs: ca_dirs(environment),
                ..Transport::default()
            },
        }))
    }

    /// How long a call with this deadline may ask it, all in all.
    pub(crate) fn limit(&self, timeout: Duration) -> Duration {
        self.timeout.min(timeout / SHARE_OF_TIMEOUT)
    }

    /// The store, of which nothing is asked yet; all that will be takes no longer than `limit`.
    ///
    /// # Errors
    /// The password's file, the CA file or the trust store can't be used.
    pub(crate) fn store<'c>(
        &self,
        limit: Duration,
        clock: &'c dyn Clock,
    ) -> std::result::Result<RedisStore<'c>, StoreFault> {
        let tls = self.tls()?;
        Ok(RedisStore::new(self.address.clone(), self.credentials()?, tls, limit, clock))
    }

    /// The user, if the address or a variable names one.
    pub(crate) fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// Whether there is a password to log in with.
    pub(crate) fn has_password(&self) -> bool {
        self.password != SharedPassword::None
    }

    /// The file or directory of the certificates that are trusted instead of the system's.
    pub(crate) fn trusted_path(&self) -> Option<&Path> {
        let Transport { ca_cert, ca_dirs, .. } = &self.transport;
        ca_cert.as_ref().or(ca_dirs.first()).map(PathBuf::as_path)
    }

    /// What a record of its failure is bound to: another address, user or prefix may work.
    pub(crate) fn identity(&self) -> String {
        let tls = if self.address.is_tls() { "tls" } else { "plain" };
        let user = self.username.as_deref().unwrap_or_default();
        // The user comes last, since it alone may have line breaks.
        [tls, &self.address.to_string(), &self.prefix, user].join("\n")
    }

    fn tls(&self) -> std::result::Result<Option<Arc<ClientConfig>>, StoreFault> {
        if !self.address.is_tls() {
            return Ok(None);
        }
        let config = client_config(&self.transport);
        config.map(Arc::new).map(Some).map_err(|error| StoreFault::Unusable(error.message))
    }

    fn credentials(&self) -> std::result::Result<Credentials, StoreFault> {
        let password = self.password.read().map_err(StoreFault::Unusable)?;
        Ok(Credentials { username: self.username.clone(), password })
    }
}

/// Arguments are public: `ps` shows them to every user.
fn public_password() -> Error {
    let (url, password) = (variable::SHARED_CACHE.name, variable::SHARED_CACHE_PASSWORD.name);
    let file = variable::SHARED_CACHE_PASSWORD_FILE.name;
    Error::usage("--shared-cache has a password in its URL")
        .cause("every user of this machine can read the arguments of a process")
        .fix(format!("give it in {password} or {file}, or the whole URL in {url}"))
        .fix("replace the password, which others may have seen")
}

fn prefix(environment: Environment) -> Result<String> {
    let Some(prefix) = environment.text(variable::SHARED_CACHE_PREFIX)? else {
        return Ok(DEFAULT_PREFIX.to_owned());
    };
    let name = variable::SHARED_CACHE_PREFIX.name;
    let refuse = |why: String| Error::usage(format!("the value of {name} {why}"));
    if prefix.len() > MAX_PREFIX_LEN {
        return Err(refuse(format!("is longer than {MAX_PREFIX_LEN} characters"))
            .fix(format!("shorten it, or leave it out for {DEFAULT_PREFIX}")));
    }
    // In a cluster braces say where a record is, and they are the names' own.
    if !prefix.bytes().all(|byte| byte.is_ascii_graphic() && !b"{}".contains(&byte)) {
        return Err(refuse("has a space, a brace, or another character that names can't have".to_owned())
            .fix("write ASCII letters, digits and punctuation without braces, such as team-a:"));
    }
    Ok(prefix)
}

fn timeout(environment: Environment) -> Result<Duration> {
    let name = variable::SHARED_CACHE_TIMEOUT.name;
    match duration(None, environment, variable::SHARED_CACHE_TIMEOUT)? {
        Some(timeout) if timeout.is_zero() => {
            Err(Error::usage(format!("{name}: in no time nothing can be asked"))
                .fix("correct the variable, or unset it for the default"))
        }
        timeout => Ok(timeout.unwrap_or(DEFAULT_TIMEOUT)),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Option<SharedCacheSettings>> {
        let lookup = |name: &str| {
            let suffix = name.strip_prefix("GENESYS_TOKEN_SHARED_CACHE")?;
            let found = variables.iter().find(|(variable, _)| *variable == suffix);
            found.map(|(_, value)| OsString::from(value))
        };
        SharedCacheSettings::resolve(None, Environment::new(&lookup))
    }

    #[test]
    fn without_an_address_nothing_is_looked_at() {
        assert!(settings(&[("_TIMEOUT", "soon"), ("_PREFIX", "{}"), ("", "")]).unwrap().is_none());
    }

    #[test]
    fn the_variable_of_the_user_wins_over_the_url() {
        let credentials = |variables: &[(&str, &str)]| settings(variables).unwrap().unwrap().credentials();
        let url = ("", "redis://url-user:p%20w@cache.example");
        let by_url = credentials(&[url]).unwrap();
        assert_eq!((by_url.username.as_deref(), by_url.password), (Some("url-user"), Some("p w".into())));
        let by_variables = credentials(&[url, ("_USERNAME", "its-user"), ("_PASSWORD", "other")]).unwrap();
        assert_eq!(by_variables.username.as_deref(), Some("its-user"));
        assert_eq!(by_variables.password, Some("other".into()));
        assert_eq!(credentials(&[("", "cache.example")]), Ok(Credentials::default()));
    }

    #[test]
    fn a_ca_file_is_read_only_where_there_is_tls() {
        let store = |url| {
            let settings = settings(&[("", url), ("_CA_CERT", "/nowhere.pem")]).unwrap().unwrap();
            let clock = crate::time::SystemClock::start();
            settings.store(Duration::ZERO, &clock).map(drop)
        };
        assert_eq!(store("redis://cache.example"), Ok(()));
        // The number is the same on every system, its words are not.
        let missing = std::io::Error::from_raw_os_error(2);
        let why = format!("cannot use the CA file /nowhere.pem: {missing}");
        assert_eq!(store("rediss://cache.example"), Err(StoreFault::Unusable(why)));
    }

    #[test]
    fn a_call_asks_no_longer_than_a_quarter_of_its_time() {
        let settings = settings(&[("", "cache.example"), ("_TIMEOUT", "2s")]).unwrap().unwrap();
        assert_eq!(settings.limit(Duration::from_mins(1)), Duration::from_secs(2));
        assert_eq!(settings.limit(Duration::from_secs(2)), Duration::from_millis(500));
    }

    #[test]
    fn the_identity_is_all_but_the_password() {
        let identity = |variables: &[(&str, &str)]| settings(variables).unwrap().unwrap().identity();
        let one = identity(&[("", "redis://someone:secret@cache.example/2"), ("_PREFIX", "team:")]);
        assert_eq!(one, "plain\ncache.example:6379/2\nteam:\nsomeone");
        let tls = identity(&[("", "rediss://cache.example"), ("_PASSWORD", "secret")]);
        assert_eq!(tls, "tls\ncache.example:6379\ngenesys-token:\n");
    }
}
