//! The watch: inspects the cache directory of each machine again and again while callers run.
//!
//! At every moment lock files are empty and never deleted, entries are whole, and the only other files are failure
//! records, lists of dropped tokens, records about the shared cache and what killed writers left.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use genesys_token::cache::{DerivedKeys, entry};
use genesys_token::store::TEMPORARY_PREFIX;

use crate::command::Setup;
use crate::keys::KEYS;
use crate::machine::Machine;
use crate::violation::Violation;

const INTERVAL: Duration = Duration::from_millis(15);
/// Ten minutes after a writer was killed, the next fetch removes what it left. The next fetch may take a while to come.
const MAX_LEFTOVER_AGE: Duration = Duration::from_mins(11);

pub(crate) struct Watch {
    machine: &'static Machine,
    dir: PathBuf,
    /// What opens an entry, by the entry's name.
    keys: HashMap<String, DerivedKeys>,
    /// The inode of every lock file that was ever seen, by its name.
    locks: HashMap<String, u64>,
    pub(crate) violations: Vec<Violation>,
    /// The largest number of files at any time, without those of killed writers.
    max_files: usize,
    /// The largest number of files of killed writers at any time.
    max_leftovers: usize,
}

/// Inspects the directories again and again until `stop` is set.
pub(crate) fn run(watches: &mut [Watch], stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        for watch in &mut *watches {
            watch.inspect().expect("the directory can be read");
        }
        thread::sleep(INTERVAL);
    }
}

impl Watch {
    /// The watch of the `machine`.
    pub(crate) fn new(setup: &Setup, machine: &'static Machine) -> Self {
        let own_keys = KEYS.iter().filter(|soak_key| soak_key.machines().contains(machine));
        Self {
            machine,
            dir: setup.cache_dir(machine),
            keys: own_keys.flat_map(|soak_key| soak_key.entries(&setup.login_url)).collect(),
            locks: HashMap::new(),
            violations: Vec::new(),
            max_files: 0,
            max_leftovers: 0,
        }
    }

    fn inspect(&mut self) -> io::Result<()> {
        let (mut files, mut leftovers, mut locks) = (0, 0, HashMap::new());
        for file in fs::read_dir(&self.dir)? {
            let name = file?.file_name().to_string_lossy().into_owned();
            if name.starts_with(TEMPORARY_PREFIX) {
                leftovers += 1;
                self.inspect_leftover(&name);
                continue;
            }
            files += 1;
            match name.rsplit_once('.').filter(|(stem, _)| self.keys.contains_key(*stem)) {
                Some((stem, "token")) => self.inspect_entry(&name, stem),
                Some((_, "lock")) => {
                    locks.extend(fs::metadata(self.dir.join(&name)).map(|metadata| (name, metadata)).ok());
                }
                Some((_, "note" | "dropped" | "facts" | "outage")) => {}
                _ => self.report("a foreign file", &name, "it belongs to no key"),
            }
        }
        self.inspect_locks(&locks);
        self.max_files = self.max_files.max(files);
        self.max_leftovers = self.max_leftovers.max(leftovers);
        Ok(())
    }

    fn inspect_entry(&mut self, name: &str, stem: &str) {
        let Ok(content) = fs::read(self.dir.join(name)) else { return };
        if entry::decode(&self.keys[stem], name, &content).is_err() {
            self.report("a torn entry", name, &format!("its {} bytes do not open", content.len()));
        }
    }

    fn inspect_leftover(&mut self, name: &str) {
        let modified = fs::metadata(self.dir.join(name)).and_then(|metadata| metadata.modified());
        let age = modified.ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
        if age.is_some_and(|age| age > MAX_LEFTOVER_AGE) {
            self.report("a leftover that is never removed", name, &format!("it is {age:?} old"));
        }
    }

    fn inspect_locks(&mut self, present: &HashMap<String, Metadata>) {
        let missing: Vec<String> =
            self.locks.keys().filter(|name| !present.contains_key(*name)).cloned().collect();
        for name in missing {
            // A listing may miss a file when the directory changes meanwhile.
            if !self.dir.join(&name).exists() {
                self.report("a deleted lock file", &name, "it is missing");
                self.locks.remove(&name);
            }
        }
        for (name, metadata) in present {
            let before = self.locks.insert(name.clone(), metadata.ino());
            if before.is_some_and(|before| before != metadata.ino()) {
                self.report("a deleted lock file", name, "another file is in its place");
            }
            if metadata.len() > 0 {
                self.report("a lock file with content", name, &format!("it has {} bytes", metadata.len()));
            }
        }
    }

    fn report(&mut self, what: &'static str, name: &str, detail: &str) {
        let subject = format!("{name} on {}", self.machine);
        self.violations.push(Violation::new(what, subject, Instant::now(), detail));
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the cache on {}, of {} keys and lanes, ", self.machine, self.keys.len())?;
        write!(
            f,
            "never had more than {} files, and {} of killed writers",
            self.max_files, self.max_leftovers
        )
    }
}
