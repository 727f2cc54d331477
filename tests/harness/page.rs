//! Tables of pages that tests write.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

/// Lets one test at a time write its part.
static PAGES: Mutex<()> = Mutex::new(());
const END: &str = "<!-- end -->";

/// The part of a page that begins with one comment and ends with another.
pub struct Part<'a> {
    /// The page's path, relative to the repository.
    pub page: &'a str,
    /// The comment.
    pub begin: &'a str,
    /// The environment variable with which the test writes the part anew.
    pub variable: &'a str,
}

impl Part<'_> {
    /// Compares it with a table. `rows` may look at what is documented.
    #[track_caller]
    pub fn check(&self, head: &str, rows: impl FnOnce(&str) -> String) {
        let Self { page: name, begin, variable } = self;
        let _one_at_a_time = PAGES.lock();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let page = fs::read_to_string(&path).expect("the page");
        let begin = format!("{begin}\n");
        let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("{name} has no {begin}"));
        let (documented, after) = rest.split_once(END).expect("the part has an end");
        let seen = format!("\n{head}{}\n", rows(documented));
        if std::env::var_os(variable).is_some() {
            let page = format!("{before}{begin}{seen}{END}{after}");
            fs::write(&path, page).expect("the page can be written");
            return;
        }
        let missing: Vec<&str> = seen.lines().filter(|line| !documented.contains(line)).collect();
        assert!(
            seen == documented,
            "{name} differs; {variable}=1 writes it anew. It does not have {missing:#?}"
        );
    }
}
