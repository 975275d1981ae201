//! Answers of brokers that could not be stored yet.
//!
//! None is dropped while the process lives: it is stored as soon as that is possible, and before
//! anything newer of the same order. So that they do not become ever more, an account with
//! [`MOST`] of them sends no new entry. It does so before, because one failed commit says little,
//! and an order whose intent could be stored shows that the store works again. Exits pass: they are
//! no more than what is held. What was on its way at that moment is held on top.

use super::Tools;
use crate::brokers::Login;
use crate::claims::Claims;
use openalgo_core::id::OrderId;
use openalgo_core::order::{Order, OrderEvent};
use openalgo_core::port::StoreError;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many answers of an account may wait to be stored before it sends no new entry.
pub(super) const MOST: usize = 64;

/// What waits of an order, the oldest first.
#[derive(Debug)]
struct Held {
    login: Login,
    answers: VecDeque<OrderEvent>,
}

/// The answers that wait to be stored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    held: Arc<Mutex<BTreeMap<OrderId, Held>>>,
    /// Orders whose answers are being stored: none is stored twice.
    claims: Claims<OrderId>,
}

impl Answers {
    pub(super) fn hold(&self, login: &Login, (order, answer): (OrderId, OrderEvent)) {
        let mut all = self.lock();
        let held = all.entry(order).or_insert_with(|| Held {
            login: login.clone(),
            answers: VecDeque::new(),
        });
        held.answers.push_back(answer);
    }

    /// How many wait of an account.
    pub(super) fn count(&self, login: &Login) -> usize {
        let all = self.lock();
        let of_it = all.values().filter(|held| held.login == *login);
        of_it.map(|held| held.answers.len()).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn orders(&self) -> Vec<OrderId> {
        self.lock().keys().copied().collect()
    }

    fn next(&self, order: OrderId) -> Option<OrderEvent> {
        let all = self.lock();
        all.get(&order)?.answers.front().cloned()
    }

    /// Whether an answer of an order waits.
    pub(super) fn waits(&self, order: OrderId) -> bool {
        self.lock().contains_key(&order)
    }

    fn is_stored(&self, order: OrderId) {
        let mut all = self.lock();
        let Some(held) = all.get_mut(&order) else {
            return;
        };
        held.answers.pop_front();
        if held.answers.is_empty() {
            all.remove(&order);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<OrderId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tools {
    /// Stores what waits of an order; gives the order if there was something.
    pub(super) async fn store_answers_of(
        &self,
        order: OrderId,
    ) -> Result<Option<Order>, StoreError> {
        if self.answers.next(order).is_none() {
            return Ok(None);
        }
        let _turn = self.answers.claims.claim(order).await;
        let mut known = None;
        while let Some(answer) = self.answers.next(order) {
            match self.append(order, answer).await {
                Ok(order) => known = Some(order),
                // The order book has told it already.
                Err(StoreError::Transition(_)) => {}
                Err(error) => return Err(error),
            }
            self.answers.is_stored(order);
        }
        Ok(known)
    }

    /// Stores what waits, as far as that is possible now.
    pub(super) async fn store_answers(&self) {
        for order in self.answers.orders() {
            if let Err(error) = self.store_answers_of(order).await {
                tracing::warn!(%order, %error, "a broker's answer still cannot be stored");
            }
        }
    }
}
