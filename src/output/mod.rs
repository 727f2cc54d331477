//! What leaves the program: the answer on stdout, one line about it on stderr, files, and masked streams.

pub mod bound;
pub mod discreet;
pub mod format;
pub mod report;
