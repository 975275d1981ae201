//! Names that somebody works on, and nobody else until that is done.
//!
//! The same order sent twice at once must become one order: the second sender waits until the
//! first has its answer, and then finds the order in the store. Two exits from one position must
//! not both see all of it.

use openalgo_core::id::{ClientOrderId, UserId};
use openalgo_core::monitor::BodyHash;
use openalgo_core::order::RequestKind;
use openalgo_core::portfolio::PositionKey;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a sender's order is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OrderName {
    /// A client order id of a user, and what it is the id of: a request of some kind, or an order.
    Id(UserId, Option<RequestKind>, ClientOrderId),
    /// What stands in an order of a user that has no id.
    Body(UserId, BodyHash),
}

/// The right to place an order that is known by such a name.
pub(crate) type OrderClaim = Arc<Claim<OrderName>>;

/// The right to place orders that are computed from a position.
pub(crate) type PositionClaim = Arc<Claim<PositionKey>>;

/// The names that somebody works on, each with the queue of those who wait for it.
#[derive(Debug)]
pub(crate) struct Claims<K: Ord>(Arc<Mutex<BTreeMap<K, Arc<Semaphore>>>>);

impl<K: Ord> Clone for Claims<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Ord> Default for Claims<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// The right to work on a name; the next in line gets it when this is dropped.
#[derive(Debug)]
pub(crate) struct Claim<K: Ord> {
    claims: Claims<K>,
    key: K,
    permit: Option<OwnedSemaphorePermit>,
}

impl<K: Ord + Clone> Claims<K> {
    /// Waits until nobody else works on this name. The claim ends with its last copy.
    pub(crate) async fn claim(&self, key: K) -> Option<Arc<Claim<K>>> {
        let turn = {
            let mut claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let queue = claims
                .entry(key.clone())
                .or_insert_with(|| Arc::new(Semaphore::new(1)));
            Arc::clone(queue)
        };
        // Who goes away while waiting leaves no name behind either.
        let mut claim = Claim {
            claims: self.clone(),
            key,
            permit: None,
        };
        // The semaphore is never closed, so there is always a permit in the end.
        claim.permit = Some(turn.acquire_owned().await.ok()?);
        Some(Arc::new(claim))
    }
}

impl<K: Ord> Drop for Claim<K> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn no_name_stays_of_those_who_went_away_while_they_waited() {
        let claims = Claims::<u8>::default();
        let first = claims.claim(1).await.unwrap();
        let mut waiting = [1, 2].map(|_| Box::pin(claims.claim(1)));
        for waiter in &mut waiting {
            assert!(waiter.now_or_never().is_none());
        }
        let [gone, last] = waiting;
        drop(gone);
        drop(first);
        assert_eq!(claims.0.lock().unwrap().len(), 1, "somebody waits");
        drop(last);
        assert_eq!(claims.0.lock().unwrap().len(), 0);
    }
}
