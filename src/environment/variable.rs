//! The registry of environment variables. The help, the doctor, the pages' tests and the environment of
//! `exec`'s command all read it, so a variable that is not here can be neither read nor set.

/// An environment variable.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The long flag that takes the same value and wins over the variable.
    pub flag: Option<&'static str>,
    /// What the help says behind the name, where the flag's value has another form.
    pub(crate) form: &'static str,
    /// What it is for.
    pub group: Group,
}

/// What a variable is for, and so what happens to it around a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The client id and secret. `exec` takes them from its command.
    Credential,
    /// The files that `bind` writes. `exec` takes them from a command that gets another token.
    BoundFile,
    /// Set by `exec` and `bind`, so that tools find the token and where it is valid.
    Answer,
    /// What the step tells `bind` of other agents of the build. `exec` takes it from its command.
    Build,
    /// The password of the shared cache. `exec` takes it from its command.
    SharedCachePassword,
    /// A setting of this program.
    Setting,
    /// Certificates and proxies, as other programs read them.
    Network,
    /// What the machine or Jenkins says of itself.
    Machine,
}

const fn variable(name: &'static str, group: Group) -> Variable {
    Variable { name, flag: None, form: "", group }
}

impl Variable {
    const fn flag(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }

    const fn form(self, form: &'static str) -> Self {
        Self { form, ..self }
    }
}

/// Declares each variable as a constant and lists them all.
macro_rules! registry {
    ($($constant:ident = $variable:expr;)*) => {
        $(
            #[doc = stringify!($variable)]
            pub const $constant: &Variable = &$variable;
        )*
        /// Every variable, in the order in which the help names those of one flag.
        pub const ALL: &[&Variable] = &[$($constant),*];
    };
}

registry! {
    CLIENT_ID = variable("GENESYSCLOUD_OAUTHCLIENT_ID", Group::Credential).flag("client-id");
    CLIENT_SECRET = variable("GENESYSCLOUD_OAUTHCLIENT_SECRET", Group::Credential)
        .flag("client-secret-file")
        .form(" holds the secret itself");
    TOKEN_FILE = variable("GENESYS_TOKEN_FILE", Group::BoundFile);
    HEADERS_FILE = variable("GENESYS_HEADERS_FILE", Group::BoundFile);
    CURL_CONFIG = variable("GENESYS_CURL_CONFIG", Group::BoundFile);
    ACCESS_TOKEN = variable("GENESYSCLOUD_ACCESS_TOKEN", Group::Answer);
    REGION = variable("GENESYSCLOUD_REGION", Group::Answer).flag("region");
    API_REGION = variable("GENESYSCLOUD_API_REGION", Group::Answer);
    EXPIRES_AT = variable("GENESYS_TOKEN_EXPIRES_AT", Group::Answer);
    TOKEN_OF = variable("GENESYS_TOKEN_OF", Group::Answer);
    LOGIN_URL = variable("GENESYS_TOKEN_LOGIN_URL", Group::Setting).flag("login-url");
    API_URL = variable("GENESYS_TOKEN_API_URL", Group::Setting).flag("api-url");
    SCOPE = variable("GENESYS_TOKEN_SCOPE", Group::Setting).flag("scope");
    LANE = variable("GENESYS_TOKEN_LANE", Group::Setting).flag("lane");
    CACHE_DIR = variable("GENESYS_TOKEN_CACHE_DIR", Group::Setting).flag("cache-dir");
    SHARED_CACHE = variable("GENESYS_TOKEN_SHARED_CACHE", Group::Setting).flag("shared-cache");
    SHARED_CACHE_USERNAME = variable("GENESYS_TOKEN_SHARED_CACHE_USERNAME", Group::Setting);
    SHARED_CACHE_PASSWORD = variable("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", Group::SharedCachePassword);
    SHARED_CACHE_PASSWORD_FILE =
        variable("GENESYS_TOKEN_SHARED_CACHE_PASSWORD_FILE", Group::SharedCachePassword);
    SHARED_CACHE_PREFIX = variable("GENESYS_TOKEN_SHARED_CACHE_PREFIX", Group::Setting);
    SHARED_CACHE_TIMEOUT = variable("GENESYS_TOKEN_SHARED_CACHE_TIMEOUT", Group::Setting);
    SHARED_CACHE_CA_CERT = variable("GENESYS_TOKEN_SHARED_CACHE_CA_CERT", Group::Setting);
    TIMEOUT = variable("GENESYS_TOKEN_TIMEOUT", Group::Setting).flag("timeout");
    MIN_TTL = variable("GENESYS_TOKEN_MIN_TTL", Group::Setting).flag("min-ttl");
    VERIFY = variable("GENESYS_TOKEN_VERIFY", Group::Setting).flag("verify");
    EXPECT_ORG = variable("GENESYS_TOKEN_EXPECT_ORG", Group::Setting).flag("expect-org");
    OFFERED = variable("GENESYS_TOKEN_OFFERED", Group::Build);
    NOW = variable("GENESYS_TOKEN_NOW", Group::Build);
    STEP = variable("GENESYS_TOKEN_STEP", Group::Setting);
    LOG = variable("GENESYS_TOKEN_LOG", Group::Setting).flag("verbose").form("=quiet|normal|verbose|debug");
    CA_CERT = variable("GENESYS_TOKEN_CA_CERT", Group::Setting).flag("ca-cert");
    SSL_CERT_FILE = variable("SSL_CERT_FILE", Group::Network).flag("ca-cert");
    SSL_CERT_DIR = variable("SSL_CERT_DIR", Group::Network).flag("ca-cert");
    HTTPS_PROXY_LOWER = variable("https_proxy", Group::Network);
    HTTPS_PROXY = variable("HTTPS_PROXY", Group::Network);
    ALL_PROXY_LOWER = variable("all_proxy", Group::Network);
    ALL_PROXY = variable("ALL_PROXY", Group::Network);
    NO_PROXY_LOWER = variable("no_proxy", Group::Network);
    NO_PROXY = variable("NO_PROXY", Group::Network);
    HOME = variable("HOME", Group::Machine);
    XDG_CACHE_HOME = variable("XDG_CACHE_HOME", Group::Machine);
    WORKSPACE_TMP = variable("WORKSPACE_TMP", Group::Machine);
    WORKSPACE = variable("WORKSPACE", Group::Machine);
    JENKINS_URL = variable("JENKINS_URL", Group::Machine);
    NO_COLOR = variable("NO_COLOR", Group::Machine);
}

/// The names of all variables of `group`.
pub(crate) fn names_of(group: Group) -> impl Iterator<Item = &'static str> {
    ALL.iter().filter(move |variable| variable.group == group).map(|variable| variable.name)
}
