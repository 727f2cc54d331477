//! What is wrong with a shared cache, the likely cause, and what to do.

use super::check::Check;
use crate::secret::visible;
use crate::settings::SharedCacheSettings;
use crate::store::{RedisStore, Refusal, StoreFault};

/// Why a shared cache can't be used.
pub(super) enum Obstacle {
    Fault(StoreFault),
    /// It knows where a store is, and is none.
    Sentinel,
    /// It takes the simplest command, and ends the connection at another one.
    Proxy,
}

/// A cause and its fix.
type Advice = (&'static str, String);

impl Obstacle {
    /// What is behind this fault of `store`, which may be no store at all.
    pub(super) fn behind(fault: StoreFault, store: &RedisStore) -> Self {
        match fault.refusal() {
            Some(Refusal::UnknownCommand) if store.is_sentinel() => Self::Sentinel,
            None if fault == StoreFault::Closed && store.takes_ping() => Self::Proxy,
            _ => Self::Fault(fault),
        }
    }

    /// The finding of the check `name`.
    pub(super) fn warning(&self, name: &'static str, settings: &SharedCacheSettings) -> Check {
        let what = match self {
            Self::Fault(fault) => fault.to_string(),
            Self::Sentinel => "it is a Sentinel, and no store".to_owned(),
            Self::Proxy => "it closes the connection at a command that calls need".to_owned(),
        };
        let (cause, fix) = self.advice(settings);
        Check::warning(name, format!("{}: {what}", settings.address)).because(cause).fix(fix)
    }

    fn advice(&self, settings: &SharedCacheSettings) -> Advice {
        match self {
            Self::Fault(fault) => match fault.refusal() {
                Some(refusal) => of_refusal(refusal, settings),
                None => of_fault(fault, settings),
            },
            Self::Sentinel => (
                "a Sentinel says where the primary is, and keeps nothing itself; nobody asks it here",
                "give the address of the primary, or a name that moves with it".to_owned(),
            ),
            Self::Proxy => proxy(),
        }
    }
}

fn proxy() -> Advice {
    (
        "a proxy stands there that knows no transactions",
        "give the address of Redis or Valkey itself, or use a proxy that passes on MULTI, EXEC and WATCH"
            .to_owned(),
    )
}

/// A store that says nothing of its own.
fn of_fault(fault: &StoreFault, settings: &SharedCacheSettings) -> Advice {
    let location = &settings.address;
    match fault {
        StoreFault::Unusable(_) => (
            "a file that the settings name can't be used",
            "correct GENESYS_TOKEN_SHARED_CACHE_PASSWORD_FILE or GENESYS_TOKEN_SHARED_CACHE_CA_CERT; or make the file \
             readable for this user"
                .to_owned(),
        ),
        StoreFault::NoAddress(_) => (
            "the name is wrong, or this machine's name server does not know it",
            "correct the host of GENESYS_TOKEN_SHARED_CACHE or --shared-cache".to_owned(),
        ),
        StoreFault::Unreachable(_) => (
            "nothing listens there, or a firewall is in the way; HTTPS_PROXY is for Genesys' servers alone",
            format!("start it; correct host and port; have the firewall let this machine reach {location}"),
        ),
        StoreFault::Slow => (
            "a firewall drops the packets, or the server is overloaded or far away",
            format!("have the firewall let this machine reach {location}; or raise GENESYS_TOKEN_SHARED_CACHE_TIMEOUT"),
        ),
        StoreFault::Tls(_) => (
            "its certificate is not trusted here or for another name, or its port has no TLS",
            "give its CA in GENESYS_TOKEN_SHARED_CACHE_CA_CERT; or the port that has TLS; or write redis:// for one \
             without"
                .to_owned(),
        ),
        StoreFault::Closed | StoreFault::Foreign if !settings.address.is_tls() => (
            "the port has TLS, or is another service's",
            "write rediss:// for TLS; correct the port".to_owned(),
        ),
        _ => (
            "the port is another service's, or the server is in trouble",
            "correct the port; look at the server's log".to_owned(),
        ),
    }
}

/// A store that says why.
fn of_refusal(refusal: Refusal, settings: &SharedCacheSettings) -> Advice {
    let user = visible(settings.username().unwrap_or("default"));
    let (cause, fix) = match refusal {
        Refusal::Cluster => (
            "it keeps names on several servers, and says to which to go",
            "give a single endpoint: a server without cluster mode, or a service's endpoint that answers for all",
        ),
        Refusal::Replica | Refusal::LostReplica => {
            ("the address is that of a copy", "give the address of the primary, or a name that moves with it")
        }
        Refusal::DeniedCommand => {
            let fix = format!("have its administrator give {user} what docs/fleet.md lists, by ACL SETUSER");
            return ("its list of rights (ACL) does not give it to this user", fix);
        }
        Refusal::DeniedName => {
            let fix = format!("have its administrator run: ACL SETUSER {user} ~{}*", settings.prefix);
            return ("its list of rights (ACL) has other names for this user", fix);
        }
        Refusal::WrongPassword => (
            "they are of another server, or were changed",
            "correct GENESYS_TOKEN_SHARED_CACHE_USERNAME and GENESYS_TOKEN_SHARED_CACHE_PASSWORD, or where else they \
             are given",
        ),
        Refusal::NoPassword => (
            "no password is given",
            "give it in GENESYS_TOKEN_SHARED_CACHE_PASSWORD or GENESYS_TOKEN_SHARED_CACHE_PASSWORD_FILE",
        ),
        Refusal::NeedlessPassword => (
            "the server was set up without a password, or is another one",
            "set requirepass or a user there; or leave the password out",
        ),
        Refusal::NoDatabase => (
            "the address ends in a database that the server does not have",
            "correct the number behind the last / of the address, or leave it out",
        ),
        Refusal::OutOfMemory => (
            "its memory is full, and its policy evicts nothing",
            "raise its maxmemory; or set maxmemory-policy to volatile-ttl",
        ),
        Refusal::Loading => ("it was started a moment ago", "try again when it has read its data"),
        Refusal::CannotSave => {
            ("its disk is full, or can't be written", "make room there; look at the server's log")
        }
        Refusal::TooFewReplicas => (
            "it waits for replicas, by min-replicas-to-write",
            "start its replicas; or lower min-replicas-to-write",
        ),
        Refusal::TooManyClients => (
            "as many as its maxclients are connected",
            "raise its maxclients; or find out who leaves connections open, by CLIENT LIST",
        ),
        Refusal::Protected => (
            "it has no password, and protects itself by refusing other machines",
            "give it a password, by requirepass or a user",
        ),
        Refusal::UnknownCommand => return proxy(),
        Refusal::Other => ("the server's own words say it", "look at the server's log"),
    };
    (cause, fix.to_owned())
}
