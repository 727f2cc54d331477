//! Web pages in place of an answer: what a firewall, a proxy or a captive portal says of itself.

use crate::sanitize::sanitize;

/// Characters. A title that says more is cut.
const MAX_TITLE: usize = 80;
/// How pages name the id by which their operator finds the request, in lower case.
const ID_NAMES: [&str; 6] = ["support id", "request id", "incident id", "event id", "reference #", "ray id"];
/// Characters between such a name and its id: `: `, ` is: `, or what is left of a tag.
const MAX_GAP: usize = 8;
/// Characters. Shorter words are none of these ids.
const MIN_ID: usize = 6;

/// Whether a body is a web page, as gateways and captive portals send.
pub(super) fn is_web_page(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'<')
}

/// The page's title and the id of this request, as ` ("Request Rejected", support id 4711)`; empty when it has
/// neither. `sent` is what must not be shown.
pub(super) fn described(body: &[u8], sent: &[&str]) -> String {
    if !is_web_page(body) {
        return String::new();
    }
    let page = String::from_utf8_lossy(body);
    let title = title(&page).map(|title| format!("\"{}\"", shortened(&sanitize(&title, sent))));
    let id = id(&without_tags(&page)).map(|(name, id)| format!("{name} {}", sanitize(&id, sent)));
    let parts: Vec<String> = [title, id].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let from = lower.find("<title")?;
    let from = from + lower[from..].find('>')? + 1;
    let to = from + lower[from..].find("</title")?;
    Some(page[from..to].trim().to_owned()).filter(|title| !title.is_empty())
}

fn shortened(title: &str) -> String {
    if title.chars().count() <= MAX_TITLE {
        return title.to_owned();
    }
    title.chars().take(MAX_TITLE - 1).chain(['…']).collect()
}

fn without_tags(page: &str) -> String {
    let mut is_tag = false;
    let outside = page.chars().filter(|&c| {
        let was_tag = is_tag;
        is_tag = c == '<' || (is_tag && c != '>');
        !is_tag && !was_tag
    });
    outside.collect()
}

/// The name of the id, and the id.
fn id(text: &str) -> Option<(&'static str, String)> {
    let lower = text.to_ascii_lowercase();
    ID_NAMES.into_iter().find_map(|name| {
        let rest = &text[lower.find(name)? + name.len()..];
        let rest = rest.trim_start();
        let rest = rest.strip_prefix("is").unwrap_or(rest);
        let gap = rest.chars().take_while(|c| !c.is_ascii_alphanumeric()).count();
        let id: String =
            rest.chars().skip(gap).take_while(|c| c.is_ascii_alphanumeric() || ".-".contains(*c)).collect();
        let id = id.trim_end_matches('.');
        (gap <= MAX_GAP && id.len() >= MIN_ID).then(|| (name.trim_end_matches(" #"), id.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_described_by_its_title_and_the_id_of_the_request() {
        for (page, expected) in [
            (
                "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.<br><br>\
                 Your support ID is: 14215743123456789<br></body></html>",
                " (\"Request Rejected\", support id 14215743123456789)",
            ),
            (
                "<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>Reference #18.2d5a1402.1700000000.1a2b3c\n",
                " (\"Access Denied\", reference 18.2d5a1402.1700000000.1a2b3c)",
            ),
            ("<p>Cloudflare Ray ID: <strong>8a1b2c3d4e5f</strong></p>", " (ray id 8a1b2c3d4e5f)"),
            ("<html><body>Sign in</body></html>", ""),
            ("<title></title>", ""),
            ("<title>open", ""),
            ("plain text, support id 4711471147", ""),
        ] {
            assert_eq!(described(page.as_bytes(), &["hunter2"]), expected, "{page}");
        }
    }

    #[test]
    fn a_page_shows_nothing_that_was_sent_and_no_long_title() {
        let page = format!("<title>hunter2 {}</title>request id: xhunter2x", "y".repeat(200));
        let described = described(page.as_bytes(), &["hunter2"]);
        assert!(!described.contains("hunter2"), "{described}");
        assert!(described.chars().count() < 150, "{described}");
    }
}
