//! The pages, parsed into headings, blocks, inline code and links.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) struct Page {
    /// Its path, relative to the repository.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A fenced block.
pub(crate) struct Block {
    pub(crate) page: String,
    /// The line of its opening fence, counted from 1.
    pub(crate) line: usize,
    /// The heading above it.
    pub(crate) heading: String,
    /// The language behind its opening fence; empty for output.
    pub(crate) language: String,
    /// Its lines, without the indentation of the fence.
    pub(crate) text: String,
}

impl Display for Block {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { page, line, heading, language, text } = self;
        let first = text.lines().next().unwrap_or_default();
        write!(f, "{page}:{line} ({heading:?}, {language:?}, {first:?})")
    }
}

enum Line<'a> {
    Fence(&'a str),
    Inside(&'a str),
    End,
    Heading(&'a str),
    Text(&'a str),
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = repository().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pages at the root of the repository, and those in docs/ and below it.
pub(crate) fn pages() -> Vec<Page> {
    let mut paths = names_in("");
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for path in names_in(&folder).into_iter().map(|name| format!("{folder}/{name}")) {
            if repository().join(&path).is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    paths.retain(|path| Path::new(path).extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths.into_iter().map(|path| Page { text: read(&path), path }).collect()
}

fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(repository().join(folder)).expect("a directory");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect()
}

/// The blocks of all pages.
pub(crate) fn blocks() -> Vec<Block> {
    pages().iter().flat_map(Page::blocks).collect()
}

impl Page {
    /// Its lines with their numbers, counted from 1. A fence in a list is indented like the list.
    fn lines(&self) -> impl Iterator<Item = (usize, Line<'_>)> {
        let mut fence = None;
        self.text.lines().zip(1..).map(move |(line, number)| {
            let text = line.trim_start();
            let indent = line.len() - text.len();
            let kind = match (fence, text.strip_prefix("```")) {
                (Some(_), Some("")) => {
                    fence = None;
                    Line::End
                }
                (Some(indent), _) => Line::Inside(line.get(indent..).unwrap_or_default()),
                (None, Some(language)) => {
                    fence = Some(indent);
                    Line::Fence(language)
                }
                (None, None) if line.starts_with('#') => {
                    Line::Heading(line.trim_start_matches('#').trim_start())
                }
                (None, None) => Line::Text(line),
            };
            (number, kind)
        })
    }

    pub(crate) fn headings(&self) -> Vec<&str> {
        self.lines()
            .filter_map(|(_, line)| if let Line::Heading(text) = line { Some(text) } else { None })
            .collect()
    }

    pub(crate) fn blocks(&self) -> Vec<Block> {
        let (mut blocks, mut heading, mut open) = (Vec::new(), String::new(), None);
        for (number, line) in self.lines() {
            match line {
                Line::Heading(text) => text.clone_into(&mut heading),
                Line::Fence(language) => {
                    let (page, heading) = (self.path.clone(), heading.clone());
                    let (language, text) = (language.to_owned(), String::new());
                    open = Some(Block { page, line: number, heading, language, text });
                }
                Line::Inside(text) => {
                    let block = open.as_mut().expect("a block is open");
                    block.text.push_str(text);
                    block.text.push('\n');
                }
                Line::End => blocks.extend(open.take()),
                Line::Text(_) => {}
            }
        }
        assert!(open.is_none(), "{}: a block has no closing fence", self.path);
        blocks
    }

    /// The text between the blocks, headings included, split at backticks: every second piece is inline code.
    fn prose(&self) -> Vec<String> {
        let words = self.lines().filter_map(|(_, line)| match line {
            Line::Heading(text) | Line::Text(text) => Some(text.to_owned() + "\n"),
            _ => None,
        });
        let text: String = words.collect();
        text.split('`').map(str::to_owned).collect()
    }

    /// The inline code, each piece in one line.
    pub(crate) fn spans(&self) -> Vec<String> {
        self.prose().into_iter().skip(1).step_by(2).map(|span| span.replace('\n', " ")).collect()
    }

    /// The targets of its links.
    pub(crate) fn links(&self) -> Vec<String> {
        let prose: Vec<String> = self.prose().into_iter().step_by(2).collect();
        let text = prose.join("`");
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        targets.map(str::to_owned).collect()
    }
}
