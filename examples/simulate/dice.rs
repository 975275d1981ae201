//! Chance that repeats: the same seed throws the same numbers.

use std::time::Duration;

/// Throws numbers. Whoever throws has dice of their own, so that one more throw in one place
/// changes nothing elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Dice(fastrand::Rng);

impl Dice {
    /// Dice for one purpose in the world of a seed.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        let mut mixed = fastrand::Rng::with_seed(seed);
        Self(fastrand::Rng::with_seed(
            mixed.u64(..) ^ purpose.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        ))
    }

    /// True in so many of a thousand cases.
    pub(crate) fn chance(&mut self, per_mille: u32) -> bool {
        self.0.u32(0..1_000) < per_mille
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high)
    }

    /// A span from `low` to `high` milliseconds, both included.
    pub(crate) fn millis(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.0.u64(low..=high))
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.0.usize(0..among.len())]
    }
}
