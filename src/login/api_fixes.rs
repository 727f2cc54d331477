//! What helps when the API host does not tell about a token.

/// It refuses this machine's address.
pub(crate) const ALLOW_ADDRESS: &str =
    "have the address that this machine leaves your network with allowed in Genesys Cloud";

/// It can't be asked.
pub(crate) const ALLOW_API_HOST: &str =
    "have the firewall or the proxy allow the API host as well as the login host";

/// It does not accept a token that the login host has just given.
pub(crate) const ONE_REGION: &str =
    "name one region, and leave GENESYS_TOKEN_LOGIN_URL and GENESYS_TOKEN_API_URL out";
