//! Reproducible random numbers: `SplitMix64` (Steele, Lea, Flood 2014), in ten lines that no new version of a crate
//! changes.

use std::ops::Range;
use std::time::Duration;

pub(crate) struct Rng(u64);

impl Rng {
    /// The sequence with this number. Each number has a sequence of its own.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut rng = Self(seed);
        let state = rng.next() ^ number.wrapping_mul(0xd134_2543_de82_ef95);
        Self(state)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in the range. The remainder makes small numbers a little more likely, which is harmless here.
    pub(crate) fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    pub(crate) fn percent(&mut self) -> u64 {
        self.within(0..100)
    }

    pub(crate) fn millis(&mut self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.within(range))
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let index = self.within(0..choices.len() as u64);
        choices[usize::try_from(index).expect("an index")]
    }
}
