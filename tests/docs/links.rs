//! Links within the repository.

use std::path::{Component, Path, PathBuf};

use crate::pages::{Page, pages, read, repository};

/// The anchor that GitHub gives to a heading: lower case, without punctuation, with hyphens instead of spaces.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Resolves `..`: `docs/../LICENSE` is `LICENSE`.
fn normalized(path: &Path) -> PathBuf {
    let mut normalized = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(normalized.pop(), "{} leaves the repository", path.display()),
            part => normalized.push(part),
        }
    }
    normalized
}

/// Fails unless the file exists and has the heading.
fn assert_exists(page: &Page, link: &str) {
    let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
    let folder = Path::new(&page.path).parent().expect("a page is a file");
    let target = if file.is_empty() { PathBuf::from(&page.path) } else { normalized(&folder.join(file)) };
    assert!(repository().join(&target).exists(), "{}: ({link}) has no file {}", page.path, target.display());
    if let Some(heading) = heading {
        let target = Page { path: target.display().to_string(), text: read(&target) };
        let anchors: Vec<String> = target.headings().into_iter().map(anchor).collect();
        let found = anchors.iter().filter(|anchor| *anchor == heading).count();
        assert_eq!(found, 1, "{}: ({link}) needs exactly one heading of {anchors:#?}", page.path);
    }
}

#[test]
fn every_link_within_the_repository_has_its_file_and_its_heading() {
    let mut checked = 0;
    for page in pages() {
        for link in page.links().iter().filter(|link| !link.contains("://")) {
            assert_exists(&page, link);
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} links were found");
}
