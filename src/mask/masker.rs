//! The search for everything that is to be hidden of some secrets.

use super::automaton::{Automaton, Position};
use super::encodings::{Form, forms};
use super::grams::{GRAM_LEN, Grams, STRIDE};
use super::runs::{NEVER, shortest_runs};
use crate::secret::Secret;

/// All forms of some secrets, ready to be searched for. One masker serves any number of filters.
#[derive(Clone)]
pub struct Masker {
    automaton: Automaton,
    /// The pieces of all forms; none where a form has to be found that is no run.
    grams: Option<Grams>,
    /// The length of the longest form.
    max_len: usize,
}

impl Masker {
    /// Prepares the search for all forms of `secrets`. An empty secret has none.
    pub fn new(secrets: &[&Secret]) -> Self {
        let mut forms: Vec<Form> =
            secrets.iter().flat_map(|secret| forms(secret.expose().as_bytes())).collect();
        forms.sort_unstable_by(|one, other| one.as_slice().cmp(other));
        forms.dedup();
        let all = forms.iter().map(|form| form.as_slice());
        let are_runs = all.clone().all(|form| shortest_runs(form).last().is_some_and(|&run| run != NEVER));
        Self {
            automaton: Automaton::of(all.clone()),
            grams: are_runs.then(|| Grams::of(all.clone())),
            max_len: all.map(<[u8]>::len).max().unwrap_or(0),
        }
    }

    /// The most that a filter holds back.
    pub(super) fn max_len(&self) -> usize {
        self.max_len
    }

    /// How many of the last bytes may be hidden for what follows.
    pub(super) fn pending(&self, position: Position) -> usize {
        self.automaton.pending(position)
    }

    /// Continues at `from`, the place of `position`, to the end of `bytes`, and says of each place at which something
    /// ends how many bytes before it are to be hidden.
    pub(super) fn search(
        &self,
        bytes: &[u8],
        from: usize,
        mut position: Position,
        mut hide: impl FnMut(usize, usize),
    ) -> Position {
        let (mut at, mut step_to) = (from, from);
        loop {
            while at < bytes.len() && (at < step_to || position.len() >= GRAM_LEN || self.grams.is_none()) {
                position = self.automaton.step(position, bytes[at]);
                at += 1;
                let hidden = self.automaton.hidden(position);
                if hidden > 0 {
                    hide(at, hidden);
                }
            }
            let Some(grams) = self.grams.as_ref().filter(|_| at < bytes.len()) else { return position };
            // Runs that are not over begin at `at - len` or later: one of their first nine places is looked at.
            let first = at + GRAM_LEN - position.len();
            let (is_found, place) = grams.find(bytes, first);
            if place > first {
                // The last look was nine places before and found nothing: what ends after it begins after it.
                at = place + 1 - STRIDE;
                position = Position::START;
            }
            step_to = if is_found { place + GRAM_LEN } else { bytes.len() };
        }
    }
}
