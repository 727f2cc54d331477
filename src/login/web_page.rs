//! Web pages in place of an answer: what a firewall, a proxy or a captive portal says of itself.

use super::json::without_mark;
use crate::sanitize::sanitize;

/// Characters. A title that says more is cut.
const MAX_TITLE: usize = 80;
/// How pages name the id by which their operator finds the request, in lower case.
const ID_NAMES: [&str; 10] = [
    "support id",
    "request id",
    "requestid",
    "incident id",
    "event id",
    "attack id",
    "block id",
    "transaction id",
    "reference #",
    "ray id",
];
/// Characters between such a name and its id: `: `, ` is: `, or what is left of a tag.
const MAX_GAP: usize = 8;
/// Characters. Shorter words are none of these ids.
const MIN_ID: usize = 6;

/// Whether a body is a web page, as gateways and captive portals send.
pub(super) fn is_web_page(body: &[u8]) -> bool {
    without_mark(body).trim_ascii_start().first() == Some(&b'<')
}

/// The page's title and the id of this request, as ` ("Request Rejected", support id 4711)`; empty when it has
/// neither. A title that begins with the answer's `status` says no more than that. `sent` is what must not be shown.
pub(super) fn described(status: u16, body: &[u8], sent: &[&str]) -> String {
    if !is_web_page(body) {
        return String::new();
    }
    let page = with_characters(&String::from_utf8_lossy(body));
    let title = title(&page).filter(|title| !title.starts_with(&status.to_string()));
    let title = title.map(|title| format!("\"{}\"", shortened(&sanitize(title, sent))));
    let text = without_tags(&page);
    // Of XML the name of the id is a tag.
    let id = id(&text).or_else(|| id(&page)).map(|(name, id)| format!("{name} {}", sanitize(id, sent)));
    let parts: Vec<String> = [title, id].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// A page with visible ASCII characters in place of their numeric references (HTML, section 13.1.4): some gateways
/// write punctuation as `&#35;`.
fn with_characters(page: &str) -> String {
    let mut parts = page.split("&#");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let decoded = part.split_once(';').and_then(|(number, rest)| Some((character(number)?, rest)));
        match decoded {
            Some((character, rest)) => {
                out.push(character);
                out.push_str(rest);
            }
            None => out.extend(["&#", part]),
        }
    }
    out
}

fn character(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u8::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    // Neither a tag nor an entity comes into being.
    matches!(code, b' '..=b'~' if !b"<>&".contains(&code)).then(|| char::from(code))
}

fn title(page: &str) -> Option<&str> {
    let lower = page.to_ascii_lowercase();
    let from = lower.find("<title")?;
    let from = from + lower[from..].find('>')? + 1;
    let to = from + lower[from..].find("</title")?;
    Some(page[from..to].trim()).filter(|title| !title.is_empty())
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
fn id(text: &str) -> Option<(&'static str, &str)> {
    let lower = text.to_ascii_lowercase();
    ID_NAMES.into_iter().find_map(|name| {
        let mut ends = lower.match_indices(name).map(|(at, _)| at + name.len());
        let id = ends.find_map(|end| id_after(&text[end..]))?;
        Some((name.trim_end_matches(" #"), id))
    })
}

/// The id at the beginning of a text, behind its gap. A word without a digit is none.
fn id_after(text: &str) -> Option<&str> {
    let rest = text.trim_start();
    let rest = rest.strip_prefix("is").unwrap_or(rest);
    let id = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let gap = rest[..rest.len() - id.len()].chars().count();
    let end = id.find(|c: char| !c.is_ascii_alphanumeric() && !".-".contains(c)).unwrap_or(id.len());
    let id = id[..end].trim_end_matches('.');
    let has_digit = id.bytes().any(|byte| byte.is_ascii_digit());
    (gap <= MAX_GAP && id.len() >= MIN_ID && has_digit).then_some(id)
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
            (
                "<TITLE>Access Denied</TITLE>Reference&#32;&#35;18&#46;2d5a1402&#46;1700000000&#x2e;1a2b3c<P>&#99999;&#60;",
                " (\"Access Denied\", reference 18.2d5a1402.1700000000.1a2b3c)",
            ),
            (
                "\u{feff}<title>Blocked</title>Quote the request ID displayed below.<p>Request ID: 4f2a9c0e",
                " (\"Blocked\", request id 4f2a9c0e)",
            ),
            ("<?xml?><Error><RequestId>K2H7X6E1</RequestId></Error>", " (requestid K2H7X6E1)"),
            ("<title>403 Forbidden</title>", ""),
            ("<p>Cloudflare Ray ID: <strong>8a1b2c3d4e5f</strong></p>", " (ray id 8a1b2c3d4e5f)"),
            ("<p>Support <b>ID</b>: 4711471147", " (support id 4711471147)"),
            ("<p>Support ID ....... 4711471147", " (support id 4711471147)"),
            ("<p>Support ID ........ 4711471147", ""),
            ("<p>Support ID: 471147", " (support id 471147)"),
            ("<p>Support ID: 47114", ""),
            ("<p>Support ID: unknown", ""),
            ("<html><body>Sign in</body></html>", ""),
            ("<title></title>", ""),
            ("<title>open", ""),
            ("plain text, support id 4711471147", ""),
        ] {
            assert_eq!(described(403, page.as_bytes(), &["hunter2"]), expected, "{page}");
        }
    }

    #[test]
    fn a_page_shows_nothing_that_was_sent_and_no_long_title() {
        let page = format!("<title>hunter2 {}</title>request id: xhunter2x", "y".repeat(200));
        let described = described(403, page.as_bytes(), &["hunter2"]);
        assert!(!described.contains("hunter2"), "{described}");
        assert_eq!(shortened(&"y".repeat(80)), "y".repeat(80));
        assert_eq!(shortened(&"y".repeat(81)), format!("{}…", "y".repeat(79)));
    }
}
