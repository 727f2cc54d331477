//! One stream with every form of the secrets masked.

use std::io::{self, Write};
use std::ops::Range;

use zeroize::Zeroizing;

use super::automaton::Position;
use super::masker::Masker;
use crate::secret::REDACTED;

/// Masks one stream.
pub struct Filter<'m> {
    masker: &'m Masker,
    /// The longest end of the stream so far that is a piece of a form, whether it is written or held back.
    position: Position,
    /// The end of the stream so far that may still be hidden, and room for what follows.
    buffer: Zeroizing<Vec<u8>>,
    /// How many of the first bytes of the buffer are held back.
    held: usize,
    /// What of the buffer is to be hidden: in order, and with something between them.
    masks: Vec<Range<usize>>,
    /// Whether the last that was written is a mask, which also stands for what follows at once.
    ends_in_mask: bool,
    /// A masked chunk, so that it too leaves in one write.
    scratch: Zeroizing<Vec<u8>>,
}

impl<'m> Filter<'m> {
    /// Starts a stream.
    pub fn new(masker: &'m Masker) -> Self {
        Self {
            masker,
            position: Position::START,
            buffer: Zeroizing::default(),
            held: 0,
            masks: Vec::new(),
            ends_in_mask: false,
            scratch: Zeroizing::default(),
        }
    }

    /// Writes what is decided of `chunk` by now, in at most one `write_all`.
    ///
    /// # Errors
    /// Those of `out`; the filter is unusable afterwards.
    pub fn write(&mut self, chunk: &[u8], out: &mut impl Write) -> io::Result<()> {
        self.room(chunk.len()).copy_from_slice(chunk);
        self.advance(chunk.len(), out)
    }

    /// Room for the next `length` bytes of the stream, which [`advance`](Self::advance) takes from there: so that they
    /// are copied only once.
    pub(crate) fn room(&mut self, length: usize) -> &mut [u8] {
        if self.buffer.len() < self.held + length {
            let mut larger = Zeroizing::new(vec![0; self.masker.max_len() + length]);
            larger[..self.held].copy_from_slice(&self.buffer[..self.held]);
            self.buffer = larger;
        }
        &mut self.buffer[self.held..self.held + length]
    }

    /// Writes what is decided by now of the stream, which the first `length` bytes of the room continue, in at most one
    /// `write_all`.
    ///
    /// # Errors
    /// Those of `out`; the filter is unusable afterwards.
    pub(crate) fn advance(&mut self, length: usize, out: &mut impl Write) -> io::Result<()> {
        let end = self.held + length;
        let masks = &mut self.masks;
        self.position = self.masker.search(&self.buffer[..end], self.held, self.position, |at, hidden| {
            add(masks, at.saturating_sub(hidden)..at);
        });
        let undecided = end.saturating_sub(self.masker.pending(self.position));
        let mask = self.masks.iter().rev().find(|mask| mask.start <= undecided);
        let undecided = mask.map_or(undecided, |mask| undecided.max(mask.end));
        self.emit(undecided, out)?;
        self.buffer.copy_within(undecided..end, 0);
        self.held = end - undecided;
        Ok(())
    }

    /// How many bytes are held back.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Writes what is held back: it has waited long enough. What follows may still make it a part of something to be
    /// hidden, of which then only the rest is.
    ///
    /// # Errors
    /// Those of `out`; the filter is unusable afterwards.
    pub fn release(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.emit(self.held, out)?;
        self.held = 0;
        Ok(())
    }

    /// Ends the stream: writes what was held back, since nothing follows that could make it a secret.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(mut self, out: &mut impl Write) -> io::Result<()> {
        self.release(out)
    }

    /// Writes the buffer up to `end`, which is inside no mask, with `****` in place of each mask, and forgets these.
    fn emit(&mut self, end: usize, out: &mut impl Write) -> io::Result<()> {
        self.scratch.clear();
        let mut at = 0;
        let count = self.masks.partition_point(|mask| mask.start < end);
        for mask in self.masks.drain(..count) {
            self.scratch.extend_from_slice(&self.buffer[at..mask.start]);
            if mask.start > 0 || !self.ends_in_mask {
                self.scratch.extend_from_slice(REDACTED.as_bytes());
            }
            at = mask.end;
        }
        for mask in &mut self.masks {
            *mask = mask.start - end..mask.end - end;
        }
        let clear = &self.buffer[at..end];
        if end > 0 {
            self.ends_in_mask = clear.is_empty();
        }
        if self.scratch.is_empty() {
            return if clear.is_empty() { Ok(()) } else { out.write_all(clear) };
        }
        self.scratch.extend_from_slice(clear);
        out.write_all(&self.scratch)
    }
}

/// Adds a mask whose end is not before that of any other, as one with those that it touches.
fn add(masks: &mut Vec<Range<usize>>, mut mask: Range<usize>) {
    while let Some(last) = masks.pop_if(|last| last.end >= mask.start) {
        mask.start = mask.start.min(last.start);
    }
    masks.push(mask);
}
