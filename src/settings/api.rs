//! The API host of a token that is asked about itself.

use crate::base_url::BaseUrl;
use crate::login::Transport;

/// The API host that knows a token, and how to connect to it.
#[derive(Clone, Debug)]
pub(crate) struct ApiSettings {
    pub(crate) api_url: BaseUrl,
    pub(crate) transport: Transport,
}
