//! The search for all forms of some secrets.

use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, Match, MatchKind, Span};

use super::encodings::forms;
use crate::secret::Secret;

/// All forms of some secrets, ready to be searched for. One masker serves any number of filters.
#[derive(Clone)]
pub struct Masker {
    pub(super) forms: Vec<Vec<u8>>,
    pub(super) search: Search,
    first_bytes: [bool; 256],
    max_len: usize,
}

impl Masker {
    /// Prepares the search for all forms of `secrets`. An empty secret has none.
    pub fn new(secrets: &[&Secret]) -> Self {
        let mut forms: Vec<Vec<u8>> =
            secrets.iter().flat_map(|secret| forms(secret.expose().as_bytes())).collect();
        forms.sort_unstable();
        forms.dedup();
        let search = Search::new(&forms);
        let mut first_bytes = [false; 256];
        for form in &forms {
            first_bytes[usize::from(form[0])] = true;
        }
        let max_len = forms.iter().map(Vec::len).max().unwrap_or(0);
        Self { forms, search, first_bytes, max_len }
    }

    /// The index from which `bytes` may be an unfinished form, or their length: the start of the longest end that is
    /// the beginning, but not the whole, of a form.
    pub(super) fn unfinished_from(&self, bytes: &[u8]) -> usize {
        let earliest = bytes.len().saturating_sub(self.max_len.saturating_sub(1));
        (earliest..bytes.len())
            .find(|&at| self.first_bytes[usize::from(bytes[at])] && self.is_unfinished(&bytes[at..]))
            .unwrap_or(bytes.len())
    }

    fn is_unfinished(&self, end: &[u8]) -> bool {
        self.forms.iter().any(|form| form.len() > end.len() && form.starts_with(end))
    }
}

/// Finds the leftmost occurrence, and the longest of those that begin there.
#[derive(Clone)]
pub(super) enum Search {
    /// SIMD over the first bytes of all forms at once: gigabytes per second in any text, also in base64,
    /// where the automaton's own choice of a prefilter stops at every few bytes.
    Packed(Searcher),
    /// For processors without SIMD, and for very many secrets.
    Automaton(AhoCorasick),
}

impl Search {
    fn new(forms: &[Vec<u8>]) -> Self {
        let packed = packed::Config::new()
            .match_kind(packed::MatchKind::LeftmostLongest)
            .builder()
            .extend(forms)
            .build();
        packed.map_or_else(|| Self::automaton(forms), Self::Packed)
    }

    pub(super) fn automaton(forms: &[Vec<u8>]) -> Self {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(forms)
            .expect("the forms are far smaller than an automaton may be");
        Self::Automaton(automaton)
    }

    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<Match> {
        match self {
            Self::Packed(searcher) => searcher.find_in(bytes, Span::from(from..bytes.len())),
            Self::Automaton(automaton) => automaton.find(Input::new(bytes).range(from..)),
        }
    }
}
