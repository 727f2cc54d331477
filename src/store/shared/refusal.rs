//! What a store's refusal means, by its code:
//! <https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors>.

/// What a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A cluster, whose redirects are not followed.
    Cluster,
    /// A replica.
    Replica,
    /// A replica that has lost its primary.
    LostReplica,
    /// The user has no right to the command.
    DeniedCommand,
    /// The user has no right to the name.
    DeniedName,
    WrongPassword,
    /// A password is needed, and none was given.
    NoPassword,
    /// A password was given, and the user has none.
    NeedlessPassword,
    NoDatabase,
    OutOfMemory,
    Loading,
    /// It can't write its data to its disk.
    CannotSave,
    TooFewReplicas,
    TooManyClients,
    /// Without a password it takes nobody from another machine.
    Protected,
    /// The command is none of its own.
    UnknownCommand,
    Other,
}

impl Refusal {
    /// What a refusal by these words means: its first one, and the rest.
    pub(super) fn of(code: &str, detail: &str) -> Self {
        match code {
            "MOVED" | "ASK" | "CLUSTERDOWN" | "CROSSSLOT" | "TRYAGAIN" => Self::Cluster,
            "READONLY" => Self::Replica,
            "MASTERDOWN" => Self::LostReplica,
            "NOPERM" if detail.contains(" key") => Self::DeniedName,
            "NOPERM" => Self::DeniedCommand,
            // As EXEC words it.
            "EXECABORT" if detail.contains("NOPERM") => Self::DeniedCommand,
            "WRONGPASS" => Self::WrongPassword,
            "NOAUTH" => Self::NoPassword,
            "OOM" => Self::OutOfMemory,
            "LOADING" => Self::Loading,
            "MISCONF" => Self::CannotSave,
            "NOREPLICAS" => Self::TooFewReplicas,
            "DENIED" => Self::Protected,
            "ERR" => Self::of_detail(detail),
            _ => Self::Other,
        }
    }

    fn of_detail(detail: &str) -> Self {
        let begins = |with: &[&str]| with.iter().any(|beginning| detail.starts_with(beginning));
        if begins(&["max number of clients"]) {
            Self::TooManyClients
        } else if begins(&["unknown command", "unsupported command"]) {
            Self::UnknownCommand
        } else if begins(&["SELECT is not allowed in cluster mode"]) {
            Self::Cluster
        } else if begins(&["DB index is out of range", "invalid DB index"]) {
            Self::NoDatabase
        } else if begins(&["AUTH <password> called without any password"]) {
            Self::NeedlessPassword
        } else {
            Self::Other
        }
    }

    /// Behind `not shared: `; `None` where the store's own words have to do.
    pub(super) fn words(self, command: &str) -> Option<String> {
        let words = match self {
            Self::Cluster => "it is a cluster, whose redirects are not followed",
            Self::Replica => "it is a replica, which can't be written",
            Self::LostReplica => "it is a replica without its primary",
            Self::DeniedCommand => return Some(format!("it denies {command}")),
            Self::DeniedName => return Some(format!("it denies {command} for names of this prefix")),
            Self::WrongPassword => "it refuses the user and the password",
            Self::NoPassword => "it requires a password",
            Self::NeedlessPassword => "a password is given, and its default user has none",
            Self::NoDatabase => "it has no such database",
            Self::OutOfMemory => "it is out of memory",
            Self::Loading => "it is still loading its data",
            Self::CannotSave => "it can't save its data, and takes no more",
            Self::TooFewReplicas => "it has too few replicas to take anything",
            Self::TooManyClients => "it has too many clients",
            Self::Protected => "it is in protected mode, and takes nobody from another machine",
            Self::UnknownCommand => {
                return Some(format!("it does not know {command}, as a proxy or a Sentinel does not"));
            }
            Self::Other => return None,
        };
        Some(words.to_owned())
    }
}
