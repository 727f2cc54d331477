//! Reading the bound token inside a block.

use std::path::Path;

use crate::error::{Error, Result};
use crate::platform::{PrivateDir, PrivateDirectory as _};
use crate::secret::{Secret, visible};
use crate::token::AccessToken;

/// Bytes, 16 KiB: the longest token and its newline.
const MAX_FILE_LEN: usize = AccessToken::MAX_LEN + 1;

/// The token in the file that `bind` wrote.
///
/// # Errors
/// A credentials error when the file can't be trusted or holds no token.
pub(crate) fn read_token(file: &Path) -> Result<AccessToken> {
    let refuse = |why: String| {
        Error::credentials(format!("cannot use the bound token in {}: {why}", visible(file.display())))
            .cause("the block that bound it may be over, or its directory was cleaned")
            .fix("run inside withGenesysToken")
    };
    let content = PrivateDir::read_private_file(file, MAX_FILE_LEN);
    let content = content.map_err(|error| refuse(error.to_string()))?;
    let text = String::from_utf8(content).map_err(|_| refuse("it is not text".to_owned()))?;
    let text = Secret::new(text);
    let token = text.expose().strip_suffix('\n').unwrap_or(text.expose());
    AccessToken::parse(token).map_err(|why| refuse(format!("the token {why}")))
}
