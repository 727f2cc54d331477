//! Random numbers for simulations.

use std::sync::Mutex;

use genesys_token::random::Random;

/// Random numbers that are the same in every run.
pub struct Seeded(Mutex<u64>);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        let mut state = self.0.lock().expect("no thread panics with it");
        for byte in bytes {
            // SplitMix64: https://prng.di.unimi.it/splitmix64.c
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = *state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed >> 56) as u8;
        }
        true
    }
}
