//! Links within the repository.

use std::path::{Component, Path, PathBuf};

use crate::pages::{Page, pages, read, root};

/// The anchor that GitHub gives to a heading: lower case, without punctuation, with hyphens for blanks.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// `docs/../LICENSE` is `LICENSE`.
fn without_detours(path: &Path) -> PathBuf {
    let mut straight = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(straight.pop(), "{} leaves the repository", path.display()),
            part => straight.push(part),
        }
    }
    straight
}

/// Fails unless there is such a file, with such a heading.
fn assert_leads_somewhere(page: &Page, link: &str) {
    let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
    let folder = Path::new(&page.path).parent().expect("a page is a file");
    let target =
        if file.is_empty() { PathBuf::from(&page.path) } else { without_detours(&folder.join(file)) };
    assert!(root().join(&target).exists(), "{}: there is no {} for ({link})", page.path, target.display());
    if let Some(heading) = heading {
        let target = Page { path: target.display().to_string(), text: read(&target) };
        let anchors: Vec<String> = target.headings().into_iter().map(anchor).collect();
        let found = anchors.iter().filter(|anchor| *anchor == heading).count();
        assert_eq!(found, 1, "{}: ({link}) is none, or several, of {anchors:#?}", page.path);
    }
}

#[test]
fn every_link_within_the_repository_leads_to_a_file_and_a_heading() {
    let mut checked = 0;
    for page in pages() {
        for link in page.links().iter().filter(|link| !link.contains("://")) {
            assert_leads_somewhere(&page, link);
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} links were found");
}
