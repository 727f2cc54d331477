//! Chance that can be had again: `SplitMix64` (Steele, Lea, Flood 2014), ten lines that no version of a crate changes.

use std::ops::Range;
use std::time::Duration;

pub struct Dice(u64);

impl Dice {
    /// The dice of player `number`, each with a course of his own.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut dice = Self(seed);
        let own = dice.next() ^ number.wrapping_mul(0xd134_2543_de82_ef95);
        Self(own)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in the range. The bias of the remainder does no harm here.
    pub fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    pub fn percent(&mut self) -> u64 {
        self.within(0..100)
    }

    pub fn millis(&mut self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.within(range))
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let index = self.within(0..choices.len() as u64);
        choices[usize::try_from(index).expect("an index")]
    }
}
