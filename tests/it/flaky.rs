//! A journal of orders that takes its time, and that stops taking entries when a test says so.

use crate::memory::Memory;
use crate::tapped::{Call, Tap, Tapped};
use async_trait::async_trait;
use openalgo::core::port::StoreError;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The journal.
pub(crate) type Flaky = Tapped<Moods>;

/// How it takes changes.
#[derive(Debug)]
pub(crate) struct Moods {
    /// How long each change takes.
    takes: Duration,
    /// Further entries of known orders that it takes; any number where this is negative.
    good: AtomicI64,
}

impl Tapped<Moods> {
    /// One that takes every entry.
    pub(crate) fn new(memory: &Arc<Memory>, takes: Duration) -> Arc<Self> {
        Arc::new(Self {
            orders: Arc::clone(memory) as _,
            tap: Moods {
                takes,
                good: AtomicI64::new(-1),
            },
        })
    }

    /// Lets it take so many more entries and then no more.
    pub(crate) fn fail_after(&self, entries: i64) {
        self.tap.good.store(entries, Ordering::SeqCst);
    }

    /// Lets it take every entry again.
    pub(crate) fn mend(&self) {
        self.tap.good.store(-1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Tap for Moods {
    async fn before(&self, call: Call<'_>) -> Result<(), StoreError> {
        if call.is_change() {
            tokio::time::sleep(self.takes).await;
        }
        if !matches!(call, Call::Append) {
            return Ok(());
        }
        let good = self.good.load(Ordering::SeqCst);
        if good == 0 {
            return Err(StoreError::Failed {
                operation: "commit",
                source: "the disk is full".into(),
            });
        }
        self.good.store((good - 1).max(-1), Ordering::SeqCst);
        Ok(())
    }
}
