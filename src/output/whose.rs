//! Whose token it is, as the lines on stderr name it.

use std::fmt;

use crate::client::ClientId;
use crate::lane::Lane;

/// The client, the login server, and the lane if the token has one of its own. `Display` completes "the token …".
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whose<'a> {
    pub(crate) client: &'a ClientId,
    /// The region's domain, or the host that was set instead.
    pub(crate) host: &'a str,
    pub(crate) lane: Option<&'a Lane>,
}

impl fmt::Display for Whose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, host, lane } = self;
        write!(f, "of client {client} at {host}")?;
        lane.map_or(Ok(()), |lane| write!(f, ", lane {lane}"))
    }
}
