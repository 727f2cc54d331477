//! What leaves the program: the answer on stdout; on stderr the line about it, what the call says meanwhile, and errors.

mod answer;
mod file;
mod format;
mod lines;
mod log_line;
mod redact;
mod report;
mod table;
mod token_of;
mod whose;

pub use answer::{Answer, Source};
pub(crate) use file::write_output;
pub(crate) use format::{LineFormat, ListFormat};
pub use format::{TokenFormat, curl_config, header};
pub use redact::RedactingWriter;
pub(crate) use redact::Redactor;
pub(crate) use report::{ErrorFormats, LogOptions, Reporter, report_error};
pub(crate) use table::{Style, table};
pub(crate) use token_of::TokenOf;
pub(crate) use whose::Whose;
