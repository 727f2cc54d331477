//! Randomness as a parameter: salts and jitter.

use std::time::Duration;

use ring::rand::SecureRandom;

/// A source of random bytes. Injected, so that tests need no luck.
pub trait Random {
    /// Fills `bytes`; `false` when the system has no randomness to give.
    fn fill(&self, bytes: &mut [u8]) -> bool;

    /// A duration between zero and `max`, uniformly distributed.
    fn up_to(&self, max: Duration) -> Duration {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        max.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
    }
}

/// The operating system's generator.
#[derive(Debug)]
pub struct SystemRandom(ring::rand::SystemRandom);

impl Default for SystemRandom {
    fn default() -> Self {
        Self(ring::rand::SystemRandom::new())
    }
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        self.0.fill(bytes).is_ok()
    }
}
