//! The real clock and real ids.

use openalgo_core::id::IntentId;
use openalgo_core::market::Timestamp;
use openalgo_core::port::{Clock, CryptoError, IdSource, RandomSource};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Builder as UuidBuilder;

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the `Clock` that others take"
    )]
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let micros = i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(micros)
            .unwrap_or_else(|| Timestamp::new(chrono::DateTime::UNIX_EPOCH))
    }
}

/// Ids from the clock and random bytes (UUID version 7), so that later ones sort later.
#[derive(Debug)]
pub struct SystemIds {
    clock: Arc<dyn Clock>,
    random: Arc<dyn RandomSource>,
}

impl SystemIds {
    /// Ids of this time, by `clock`, made unique by `random`.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn RandomSource>) -> Self {
        Self { clock, random }
    }
}

impl IdSource for SystemIds {
    fn make_intent_id(&self) -> Result<IntentId, CryptoError> {
        let mut random = [0; 10];
        self.random.fill(&mut random)?;
        let millis = self.clock.now().to_utc().timestamp_millis();
        let millis = u64::try_from(millis).unwrap_or_default();
        let id = UuidBuilder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Ok(IntentId::new(id))
    }
}
