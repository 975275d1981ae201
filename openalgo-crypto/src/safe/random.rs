//! The operating system's random numbers.

use openalgo_core::port::{CryptoError, RandomSource};

/// Random bytes from the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), CryptoError> {
        getrandom::fill(bytes).map_err(|_reason| CryptoError::NoRandomness)
    }
}
