//! Genesys Cloud's regions, and the many ways people spell them.
//!
//! A region is a domain: its hosts are `api.`, `login.` and `apps.` in front of it. The table is the one in
//! Genesys' SDKs and Terraform provider. A region that is missing here can still be reached by naming its
//! login and API servers.

mod spelling;
mod suggestion;
mod table;

pub use table::{Region, is_genesys_host, of_host};

use crate::error::Result;

impl Region {
    /// Parses an AWS name, a short or environment name, a domain, a host or a URL, in any case.
    ///
    /// # Errors
    /// A usage error with the nearest regions, when `text` names none.
    pub fn parse(text: &str) -> Result<&'static Self> {
        spelling::find(text).ok_or_else(|| suggestion::unknown_region(text))
    }
}
