//! Client order ids that are being worked on.
//!
//! The same order sent twice at once must become one order: the second sender waits until the
//! first has its answer, and then finds the order in the store.

use openalgo_core::id::{ClientOrderId, UserId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

type Key = (UserId, ClientOrderId);

/// The ids that somebody works on, each with the queue of those who wait for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims(Arc<Mutex<BTreeMap<Key, Arc<Semaphore>>>>);

/// The right to work on an id; the next in line gets it when this is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    claims: Claims,
    key: Key,
    permit: Option<OwnedSemaphorePermit>,
}

impl Claims {
    /// Waits until nobody else works on this id.
    pub(crate) async fn claim(&self, user: UserId, id: &ClientOrderId) -> Option<Claim> {
        let key = (user, id.clone());
        let turn = {
            let mut claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let queue = claims
                .entry(key.clone())
                .or_insert_with(|| Arc::new(Semaphore::new(1)));
            Arc::clone(queue)
        };
        // The semaphore is never closed, so there is always a permit in the end.
        let permit = turn.acquire_owned().await.ok()?;
        Some(Claim {
            claims: self.clone(),
            key,
            permit: Some(permit),
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut claims = self.claims.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.permit.take());
        // Everybody who waits holds the queue, so one owner means that only the map is left.
        if claims
            .get(&self.key)
            .is_some_and(|queue| Arc::strong_count(queue) == 1)
        {
            claims.remove(&self.key);
        }
    }
}
