//! Ids and "random" bytes that repeat from run to run.

use crate::id::IntentId;
use crate::port::{CryptoError, IdSource, RandomSource};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// Counts ids up from one.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl IdSource for CountingIds {
    fn make_intent_id(&self) -> Result<IntentId, CryptoError> {
        let number = self.0.fetch_add(1, Ordering::SeqCst).wrapping_add(1);
        Ok(IntentId::new(Uuid::from_u128(number.into())))
    }
}

/// Bytes from a small generator: never the same twice in a run, always the same in the next.
#[derive(Debug, Default)]
pub struct FakeRandom(AtomicU64);

impl RandomSource for FakeRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), CryptoError> {
        for byte in bytes {
            // SplitMix64, whose constants these are.
            let mut mixed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let [first, ..] = (mixed ^ (mixed >> 31)).to_le_bytes();
            *byte = first;
        }
        Ok(())
    }
}
