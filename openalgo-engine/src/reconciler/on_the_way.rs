//! Orders whose answer somebody in this process waits for.
//!
//! One that was stored as sent and is not among them was left behind: by an earlier process, or by
//! a task that has ended early. Only the broker's book tells what became of it.

use openalgo_core::id::IntentId;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Those orders.
#[derive(Debug, Clone, Default)]
pub(crate) struct OnTheWay(Arc<Mutex<BTreeSet<IntentId>>>);

/// Somebody waits for the answer to an order until this is dropped.
#[derive(Debug)]
#[must_use = "dropped, nobody waits any more"]
pub(crate) struct Awaited {
    intent: IntentId,
    all: OnTheWay,
}

impl OnTheWay {
    pub(super) fn begin(&self, intent: IntentId) -> Awaited {
        self.lock().insert(intent);
        let all = self.clone();
        Awaited { intent, all }
    }

    pub(super) fn has(&self, intent: IntentId) -> bool {
        self.lock().contains(&intent)
    }

    pub(super) fn now(&self) -> BTreeSet<IntentId> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<IntentId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.all.lock().remove(&self.intent);
    }
}
