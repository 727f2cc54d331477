//! Looks at the cache directory all the while: what is in there, and whether it is whole.
//!
//! A lock file is never deleted and stays empty; an entry is whole whenever one looks; and there is nothing else but
//! notes and what killed writers left.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use genesys_token::cache::{self, Root, TEMPORARY, entry};
use genesys_token::scope::Scopes;
use genesys_token::secret::Secret;

use crate::keys::KEYS;
use crate::violation::Violation;

const LOOK: Duration = Duration::from_millis(15);
/// What a killed writer left is removed by whoever writes ten minutes later; that may take a while.
const LEFTOVER: Duration = Duration::from_secs(600 + 60);

pub struct Watch {
    dir: PathBuf,
    /// The names of keys, with what opens their entries.
    roots: HashMap<String, Root>,
    /// The locks that were ever seen, by name.
    locks: HashMap<String, u64>,
    pub found: Vec<Violation>,
    /// The most files there ever were, those of killed writers apart.
    pub most_files: usize,
    pub most_leftovers: usize,
}

impl Watch {
    pub fn new(dir: &Path, login_url: &str) -> Self {
        let roots = KEYS.iter().map(|key| {
            let root = Root::new(&Secret::from(key.secret));
            let scopes = Scopes::parse([key.scope]).expect("they are scopes");
            (cache::Key::new(login_url, key.id, &scopes, &root).as_str().to_owned(), root)
        });
        let (dir, roots) = (dir.to_owned(), roots.collect());
        Self { dir, roots, locks: HashMap::new(), found: Vec::new(), most_files: 0, most_leftovers: 0 }
    }

    /// Looks again and again until told to stop.
    pub fn keep(&mut self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            self.look().expect("the directory can be read");
            thread::sleep(LOOK);
        }
    }

    /// Looks once.
    pub fn look(&mut self) -> io::Result<()> {
        let (mut files, mut leftovers, mut locks) = (0, 0, HashMap::new());
        for file in fs::read_dir(&self.dir)? {
            let name = file?.file_name().to_string_lossy().into_owned();
            if name.starts_with(TEMPORARY) {
                leftovers += 1;
                self.look_at_leftover(&name);
                continue;
            }
            files += 1;
            match name.rsplit_once('.').filter(|(stem, _)| self.roots.contains_key(*stem)) {
                Some((stem, "token")) => self.look_at_entry(&name, stem),
                Some((_, "lock")) => {
                    locks.extend(fs::metadata(self.dir.join(&name)).map(|file| (name, file)).ok());
                }
                Some((_, "note")) => {}
                _ => self.tell("a file of no key", &name, "nobody has business with it"),
            }
        }
        self.look_at_locks(&locks);
        self.most_files = self.most_files.max(files);
        self.most_leftovers = self.most_leftovers.max(leftovers);
        Ok(())
    }

    fn look_at_entry(&mut self, name: &str, stem: &str) {
        let Ok(content) = fs::read(self.dir.join(name)) else { return };
        if entry::decode(&self.roots[stem], name, &content).is_err() {
            self.tell("a torn entry", name, &format!("{} bytes that do not open", content.len()));
        }
    }

    fn look_at_leftover(&mut self, name: &str) {
        let modified = fs::metadata(self.dir.join(name)).and_then(|file| file.modified());
        let age = modified.ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
        if age.is_some_and(|age| age > LEFTOVER) {
            self.tell("a leftover that nobody removes", name, &format!("{age:?} old"));
        }
    }

    fn look_at_locks(&mut self, there: &HashMap<String, fs::Metadata>) {
        let missing: Vec<String> =
            self.locks.keys().filter(|name| !there.contains_key(*name)).cloned().collect();
        for name in missing {
            // A directory that changes while it is listed may hide a name that is there.
            if !self.dir.join(&name).exists() {
                self.tell("a lock file was deleted", &name, "it is gone");
                self.locks.remove(&name);
            }
        }
        for (name, file) in there {
            let before = self.locks.insert(name.clone(), file.ino());
            if before.is_some_and(|before| before != file.ino()) {
                self.tell("a lock file was deleted", name, "another one is in its place");
            }
            if file.len() > 0 {
                self.tell("a lock file with content", name, &format!("{} bytes", file.len()));
            }
        }
    }

    fn tell(&mut self, what: &'static str, who: &str, detail: &str) {
        self.found.push(Violation::new(what, who, Instant::now(), detail));
    }
}
