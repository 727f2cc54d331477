//! The hosts of Genesys' regions, on this machine: a proxy leads to them.

use std::fs;

use loopback_login_server::{Behaviour, CLIENT_SECRET, Certificate, LoginServer, Proxy, ProxyBehaviour};

use crate::harness::{Call, Scene, genesys_token};
use crate::over_tls;

/// A client that only Frankfurt knows.
pub(crate) const ID: &str = "99999999-8888-7777-6666-555555555555";

/// Login and API hosts of Frankfurt, whose server is the scene's, and of Dublin. All other hosts are unreachable.
pub(crate) struct Regions {
    pub(crate) frankfurt: Scene,
    /// Serves until it is dropped.
    _dublin: LoginServer,
    proxy: Proxy,
}

impl Regions {
    pub(crate) fn new() -> Self {
        let frankfurt = over_tls(Certificate::Genesys);
        frankfurt.server.add_client(ID, CLIENT_SECRET);
        let dublin = LoginServer::start_tls(Behaviour::default(), Certificate::Genesys);
        let proxy = Proxy::start(ProxyBehaviour::Forward);
        for (domain, url) in
            [("mypurecloud.de", frankfurt.server.login_url()), ("mypurecloud.ie", dublin.login_url())]
        {
            for service in ["login", "api"] {
                proxy.map(&format!("{service}.{domain}:443"), &url);
            }
        }
        let both = [frankfurt.server.ca_file(), dublin.ca_file()];
        let both = both.map(|file| fs::read_to_string(file).expect("a CA"));
        fs::write(frankfurt.path("both.pem"), both.concat()).expect("a file");
        Self { frankfurt, _dublin: dublin, proxy }
    }

    /// A call of the client, without a region.
    pub(crate) fn call(&self, verb: &str) -> Call {
        let call = genesys_token().verb(verb).credential(ID, CLIENT_SECRET).cache(&self.frankfurt.cache());
        call.env("HTTPS_PROXY", self.proxy.url())
            .env("GENESYS_TOKEN_CA_CERT", self.frankfurt.path("both.pem"))
    }
}
