//! Hides secrets in a stream of bytes.
//!
//! A [`Masker`] knows every form in which a secret is likely to appear: as it is, URL-encoded, and inside a base64
//! text, wherever in that text it begins. A [`Filter`] copies one stream and writes `****` over each
//! of them:
//!
//! 1. **Nothing leaks at an edge.** Every byte of every occurrence is hidden, however the stream is cut into
//!    chunks and however occurrences overlap; overlapping ones share one `****`.
//! 2. **Nothing waits without need.** The filter holds back the longest end of the stream that may still
//!    become an occurrence, never a whole line: a prompt without a newline passes at once.
//! 3. **Nothing else changes.** The stream is bytes, not text, and a chunk without a secret is written
//!    uncopied.
//!
//! ```
//! use genesys_token::mask::{Filter, Masker};
//! use genesys_token::secret::Secret;
//!
//! let token = Secret::from("s3cr3t-t0k3n");
//! let masker = Masker::new(&[&token]);
//! let mut filter = Filter::new(&masker);
//! let mut out = Vec::new();
//! filter.write(b"token=s3cr3t-", &mut out)?;
//! assert_eq!(out, b"token=");
//! filter.write(b"t0k3n;", &mut out)?;
//! filter.finish(&mut out)?;
//! assert_eq!(out, b"token=****;");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Limitations
//!
//! - **A secret in any other form is not recognised**: base64 wrapped into lines, hexadecimal, compressed,
//!   reversed, split by colour codes. Masking keeps accidents out of a log; it does not stop intent.
//! - A prompt that ends with the first character of a form shows that character only once more follows.

mod encodings;
mod filter;
mod masker;

pub use filter::Filter;
pub use masker::Masker;
