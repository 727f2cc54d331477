//! Hides secrets in a stream of bytes.
//!
//! A [`Masker`] knows every form in which a secret is likely to appear: as it is, URL-encoded, and inside a base64
//! text, wherever in that text it begins; each of them in UTF-8 and, as Windows PowerShell writes text, in UTF-16. A [`Filter`] copies one stream and writes `****` over each of them, and over
//! each *run*: 16 or more consecutive characters of a form, with at least 6 different ones among them. So a token that
//! another tool breaks over lines, or of which it prints a part, shows nothing usable.
//!
//! 1. **Nothing leaks at an edge.** Every byte of every form and of every run is hidden, however the stream is cut into
//!    chunks and however they overlap; what is hidden without anything between it is one `****`.
//! 2. **Nothing waits without need.** The filter holds back the longest end of the stream that may still have to be
//!    hidden, never a whole line. That is about a word, and its caller releases it after a moment: a prompt without a
//!    newline passes. What was released still counts towards what follows.
//! 3. **Nothing else changes.** The stream is bytes, not text, and a chunk without a secret is written as it is.
//!
//! ```
//! use genesys_token::mask::{Filter, Masker};
//! use genesys_token::secret::Secret;
//!
//! let token = Secret::from("q9Zk-7_XbT3vLw0s8RfYh2Jd5NcPgMuE");
//! let masker = Masker::new(&[&token]);
//! let mut filter = Filter::new(&masker);
//! let mut out = Vec::new();
//! filter.write(b"Token: q9Zk-7_XbT3vLw0s8Rf\nYh2Jd5NcPgMuE? q9Z", &mut out)?;
//! assert_eq!(out, b"Token: ****\nYh2Jd5NcPgMuE? ");
//! filter.release(&mut out)?;
//! assert_eq!(out, b"Token: ****\nYh2Jd5NcPgMuE? q9Z");
//! filter.finish(&mut out)?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # How it is fast
//!
//! Of any nine neighbouring places in a run, a known piece of eight bytes begins at one. So the search looks at every
//! ninth place alone, in a table that fits into a core's first cache, and walks through an automaton of all pieces only
//! where that says that there may be one.
//!
//! # Limitations
//!
//! - **A secret in any other form is not recognised**: hexadecimal, compressed, reversed, split by colour codes, broken
//!   into lines of less than 16 characters. Masking keeps accidents out of a log; it does not stop intent.
//! - **Up to 15 characters are left** where a line ends within a token, and where a token is written so slowly that its
//!   first characters were released.
//! - With a secret of less than 16 characters, every place has to be looked at: that is many times slower.

mod automaton;
mod encodings;
mod filter;
mod grams;
mod masker;
mod runs;
#[cfg(test)]
mod tests;

pub use filter::Filter;
pub use masker::Masker;
