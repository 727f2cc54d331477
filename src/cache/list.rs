//! What can be said of a cache without any secret, and emptying it.

use std::io;

use super::entry::Readable;
use super::key::Content;
use super::seal::{self, FILE_LIMIT};
use crate::sys::PrivateDir;

/// The files of ours in here but the locks, by their names alone.
pub fn files(dir: &PrivateDir) -> Vec<(String, Content)> {
    let names = dir.names().unwrap_or_default().into_iter();
    names.filter_map(|name| Content::of(&name).map(|content| (name, content))).collect()
}

/// What each entry says of itself, in the order of their names; `None` for one that can't be read. Without the secret
/// nothing of it is certain.
pub fn entries(dir: &PrivateDir) -> Vec<(String, Option<Readable>)> {
    let mut entries: Vec<_> = files(dir)
        .into_iter()
        .filter(|(_, content)| *content == Content::Token)
        .map(|(name, _)| {
            let file = dir.read(&name, FILE_LIMIT).ok();
            let readable = file.and_then(|file| seal::peek(&file).ok());
            (name, readable)
        })
        .collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    entries
}

/// Removes every token and note, and what writers left. Looks at names alone, and leaves the locks: whoever holds one
/// goes on, and whoever waits for it finds nothing.
///
/// # Errors
/// A file that could not be removed; the others are.
pub fn clear(dir: &PrivateDir) -> io::Result<usize> {
    let mut removed = 0;
    let mut failed = None;
    for (name, _) in files(dir) {
        match dir.remove(&name) {
            Ok(()) => removed += 1,
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(removed), Err)
}
