//! From flags and environment to everything that a call needs: one type per verb. Flags win over the environment, the
//! environment over defaults.

mod api;
mod bind;
mod bound;
mod clear;
mod client;
mod credential;
mod doctor;
mod evict;
mod exec;
mod get;
mod same_token;
mod servers;
mod shared_cache;
mod shared_password;
mod status;
mod token;
mod transport;
mod value;
mod whoami;

pub(crate) use api::ApiSettings;
pub(crate) use bind::BindSettings;
pub(crate) use bound::BoundSettings;
pub(crate) use clear::ClearSettings;
pub(crate) use client::ClientSettings;
pub(crate) use doctor::{DoctorSettings, RegionSearchSettings, Surroundings};
pub(crate) use evict::{InvalidateSettings, RevokeSettings};
pub(crate) use exec::ExecSettings;
pub(crate) use get::GetSettings;
pub(crate) use servers::Servers;
pub(crate) use shared_cache::SharedCacheSettings;
pub(crate) use status::StatusSettings;
pub(crate) use token::{CredentialSettings, TokenSettings};
pub(crate) use value::DEFAULT_TIMEOUT;
pub(crate) use whoami::WhoamiSettings;
