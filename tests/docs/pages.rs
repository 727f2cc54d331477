//! The pages, taken apart.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::{Path, PathBuf};

/// A page of the repository.
pub struct Page {
    /// Its path in the repository.
    pub path: String,
    pub text: String,
}

/// A fenced block.
pub struct Block {
    pub page: String,
    /// Where its fence is, from 1.
    pub line: usize,
    /// What stands above it.
    pub heading: String,
    /// What stands behind its fence, or nothing.
    pub language: String,
    /// Without the indentation of its fence.
    pub text: String,
}

impl Display for Block {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { page, line, heading, language, text } = self;
        let first = text.lines().next().unwrap_or_default();
        write!(f, "{page}:{line} ({heading:?}, {language:?}, {first:?})")
    }
}

/// A line of a page, and what it is part of.
enum Line<'a> {
    Fence(&'a str),
    Inside(&'a str),
    End,
    Heading(&'a str),
    Text(&'a str),
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// README.md and all of docs/.
pub fn pages() -> Vec<Page> {
    let entries = fs::read_dir(root().join("docs")).expect("there are docs");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
    let docs = names.filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "md"));
    let mut paths: Vec<String> = docs.map(|name| format!("docs/{name}")).collect();
    paths.sort();
    paths.insert(0, "README.md".to_owned());
    paths.into_iter().map(|path| Page { text: read(&path), path }).collect()
}

/// Every block of every page.
pub fn blocks() -> Vec<Block> {
    pages().iter().flat_map(Page::blocks).collect()
}

impl Page {
    /// Its lines, from 1. A fence within a list is as far to the right as the list.
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

    pub fn headings(&self) -> Vec<&str> {
        self.lines()
            .filter_map(|(_, line)| if let Line::Heading(text) = line { Some(text) } else { None })
            .collect()
    }

    pub fn blocks(&self) -> Vec<Block> {
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
        assert!(open.is_none(), "{}: a block without an end", self.path);
        blocks
    }

    /// The text between the blocks, headings too, in pieces that are code and pieces that are not, in turn.
    fn prose(&self) -> Vec<String> {
        let words = self.lines().filter_map(|(_, line)| match line {
            Line::Heading(text) | Line::Text(text) => Some(text.to_owned() + "\n"),
            _ => None,
        });
        let text: String = words.collect();
        text.split('`').map(str::to_owned).collect()
    }

    /// What stands between backticks, each in one line.
    pub fn spans(&self) -> Vec<String> {
        self.prose().into_iter().skip(1).step_by(2).map(|span| span.replace('\n', " ")).collect()
    }

    /// The targets of its links.
    pub fn links(&self) -> Vec<String> {
        let prose: Vec<String> = self.prose().into_iter().step_by(2).collect();
        let text = prose.join("`");
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        targets.map(str::to_owned).collect()
    }
}
