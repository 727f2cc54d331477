//! Every piece of some forms in one automaton: which of them a stream ends with.
//!
//! A suffix automaton (Blumer et al. 1985) of several texts. Its states are the classes of pieces that end at the same
//! places of the forms; the pieces of a class are the suffixes of its longest one, down to those that also end
//! elsewhere, which are the class that `link` names. It has at most twice as many states, and three times as many
//! edges, as the forms have bytes, and one step of a stream costs a constant time on average.

use zeroize::{Zeroize, Zeroizing};

use super::runs::{NEVER, shortest_runs};

/// The class of the empty piece.
const ROOT: u32 = 0;

/// In place of the number of an edge.
const NONE: u32 = u32::MAX;

/// All pieces of some forms.
#[derive(Clone)]
pub(super) struct Automaton {
    states: Vec<State>,
    edges: Zeroizing<Vec<Edge>>,
    /// The states after one byte, since most steps begin there.
    after_root: Box<[u32; 256]>,
}

/// A class of pieces.
#[derive(Clone, Copy)]
struct State {
    /// The length of its longest piece.
    len: u32,
    /// The class of the longest suffix that is not in this one.
    link: u32,
    /// The first of its edges.
    edges: u32,
    /// The length from which its pieces are runs.
    run_len: u32,
    /// The length from which its pieces may become a run or a form when more follows.
    pending_len: u32,
    /// The length of the longest form that ends its longest piece.
    form_len: u32,
}

/// One byte more.
#[derive(Clone, Copy)]
struct Edge {
    byte: u8,
    target: u32,
    /// The next edge of the same state.
    next: u32,
}

impl Zeroize for Edge {
    fn zeroize(&mut self) {
        self.byte.zeroize();
        self.target.zeroize();
        self.next.zeroize();
    }
}

/// The longest end of a stream that is a piece of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    state: u32,
    len: usize,
}

impl Position {
    /// At the beginning of a stream, or where nothing before matters.
    pub(super) const START: Self = Self { state: ROOT, len: 0 };

    /// How many bytes long that end is.
    pub(super) fn len(self) -> usize {
        self.len
    }
}

impl Automaton {
    /// Of all pieces of `forms`.
    pub(super) fn of<'f>(forms: impl Iterator<Item = &'f [u8]> + Clone) -> Self {
        let bytes: usize = forms.clone().map(<[u8]>::len).sum();
        // Never moved, so that no copy is left behind.
        let edges = Zeroizing::new(Vec::with_capacity(3 * bytes));
        let states = Vec::with_capacity(2 * bytes + 1);
        let mut automaton = Self { states, edges, after_root: Box::new([NONE; 256]) };
        automaton.add_state(0);
        for form in forms {
            let mut last = ROOT;
            for (&byte, run_len) in form.iter().zip(shortest_runs(form)) {
                last = automaton.append(last, byte);
                automaton.state_mut(last).run_len = run_len;
            }
            automaton.state_mut(last).form_len = automaton.state(last).len;
        }
        automaton.look_ahead();
        automaton
    }

    /// The position one byte later.
    pub(super) fn step(&self, mut position: Position, byte: u8) -> Position {
        loop {
            if let Some(state) = self.target(position.state, byte) {
                return Position { state, len: position.len + 1 };
            }
            if position.state == ROOT {
                return Position::START;
            }
            position = self.shorter(position);
        }
    }

    /// How many of the last bytes are to be hidden for what ends here.
    pub(super) fn hidden(&self, position: Position) -> usize {
        let state = self.state(position.state);
        let form_len =
            if position.len == state.len as usize { state.form_len } else { self.state(state.link).form_len };
        if position.len >= state.run_len as usize { position.len } else { form_len as usize }
    }

    /// How many of the last bytes may be hidden for what follows.
    pub(super) fn pending(&self, mut position: Position) -> usize {
        while position.len < self.state(position.state).pending_len as usize {
            if position.state == ROOT {
                return 0;
            }
            position = self.shorter(position);
        }
        position.len
    }

    /// The longest shorter end of the stream that is a piece of another class.
    fn shorter(&self, position: Position) -> Position {
        let state = self.state(position.state).link;
        Position { state, len: self.state(state).len as usize }
    }

    /// Adds the pieces that end with `byte` after the longest of `last`, and returns the class of the longest.
    fn append(&mut self, last: u32, byte: u8) -> u32 {
        if let Some(known) = self.target(last, byte) {
            return self.separate(last, byte, known);
        }
        let new = self.add_state(self.state(last).len + 1);
        let mut before = last;
        let link = loop {
            if let Some(known) = self.target(before, byte) {
                break self.separate(before, byte, known);
            }
            self.add_edge(before, byte, new);
            if before == ROOT {
                break ROOT;
            }
            before = self.state(before).link;
        };
        self.state_mut(new).link = link;
        new
    }

    /// The class of the longest of `before` with `byte`: `known` itself, or, if that has longer pieces, which do not end
    /// where this one now ends too, a new one.
    fn separate(&mut self, mut before: u32, byte: u8, known: u32) -> u32 {
        let len = self.state(before).len + 1;
        if self.state(known).len == len {
            return known;
        }
        let new = self.add_state(len);
        let mut edge = self.state(known).edges;
        while edge != NONE {
            let Edge { byte, target, next } = self.edges[edge as usize];
            self.add_edge(new, byte, target);
            edge = next;
        }
        self.state_mut(new).link = self.state(known).link;
        self.state_mut(new).run_len = self.state(known).run_len;
        self.state_mut(known).link = new;
        while self.target(before, byte) == Some(known) {
            self.redirect(before, byte, new);
            if before == ROOT {
                break;
            }
            before = self.state(before).link;
        }
        new
    }

    /// Fills in what depends on the whole: from short to long what ends a piece, from long to short what may follow it.
    fn look_ahead(&mut self) {
        let mut order: Vec<u32> = (0..).take(self.states.len()).collect();
        order.sort_unstable_by_key(|&state| self.state(state).len);
        for &state in &order {
            if self.state(state).form_len == 0 {
                self.state_mut(state).form_len = self.state(self.state(state).link).form_len;
            }
        }
        for &state in order.iter().rev() {
            let lengths = self.targets(state).map(|target| {
                let target = self.state(target);
                let form_len = if target.form_len == target.len { target.len } else { NEVER };
                target.run_len.min(target.pending_len).min(form_len)
            });
            let shortest = lengths.min().filter(|&length| length != NEVER);
            self.state_mut(state).pending_len = shortest.map_or(NEVER, |length| length.saturating_sub(1));
        }
    }

    fn targets(&self, state: u32) -> impl Iterator<Item = u32> {
        let of_root = self.after_root.iter().copied().filter(move |&target| state == ROOT && target != NONE);
        let edge = |number: u32| (number != NONE).then(|| self.edges[number as usize]);
        let edges = std::iter::successors(edge(self.state(state).edges), move |last| edge(last.next));
        of_root.chain(edges.map(|edge| edge.target))
    }

    fn target(&self, state: u32, byte: u8) -> Option<u32> {
        if state == ROOT {
            let target = self.after_root[usize::from(byte)];
            return (target != NONE).then_some(target);
        }
        self.edge(state, byte).map(|edge| self.edges[edge].target)
    }

    fn edge(&self, state: u32, byte: u8) -> Option<usize> {
        let mut number = self.state(state).edges;
        while number != NONE {
            let edge = self.edges[number as usize];
            if edge.byte == byte {
                return Some(number as usize);
            }
            number = edge.next;
        }
        None
    }

    fn add_edge(&mut self, state: u32, byte: u8, target: u32) {
        if state == ROOT {
            self.after_root[usize::from(byte)] = target;
            return;
        }
        let first = number(self.edges.len());
        let next = std::mem::replace(&mut self.state_mut(state).edges, first);
        self.edges.push(Edge { byte, target, next });
    }

    fn redirect(&mut self, state: u32, byte: u8, target: u32) {
        if state == ROOT {
            self.after_root[usize::from(byte)] = target;
        } else if let Some(edge) = self.edge(state, byte) {
            self.edges[edge].target = target;
        }
    }

    fn add_state(&mut self, len: u32) -> u32 {
        let (link, edges) = (ROOT, NONE);
        let state = State { len, link, edges, run_len: NEVER, pending_len: NEVER, form_len: 0 };
        self.states.push(state);
        number(self.states.len() - 1)
    }

    fn state(&self, state: u32) -> &State {
        &self.states[state as usize]
    }

    fn state_mut(&mut self, state: u32) -> &mut State {
        &mut self.states[state as usize]
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("secrets are far smaller than 4 GiB")
}
