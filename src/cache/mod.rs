//! The cache on disk: one sealed file per key, written atomically, with a lock file beside it.
//!
//! A cache that can't be used never stops a token from being handed out, and a file that is not intact, not
//! ours or not sealed with this secret is not there.

pub mod entry;
mod key;
mod list;
mod lock;
pub mod note;
mod place;
mod prune;
mod root;
pub mod seal;
mod store;

pub use entry::{Owner, Readable};
pub use key::{Key, TEMPORARY, hex};
pub use list::{clear, entries};
pub use lock::{Guard, Lock};
pub use note::{Kind, Note};
pub use place::{Place, find, open, path};
pub use root::Root;
pub use store::Store;
