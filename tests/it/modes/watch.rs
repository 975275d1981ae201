//! Knows when orders could go to a live broker, and looks at every one that does.

use crate::exchange::Exchange;
use async_trait::async_trait;
use openalgo::core::id::BrokerOrderId;
use openalgo::core::order::{JournaledIntent, NewOrder, TradingMode};
use openalgo::core::port::{Acknowledgement, CancelError, ModifyError, OrderGateway, SubmitError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

/// A request that is under way, or waits for a price or a person.
#[derive(Debug, Clone, Copy)]
struct Request {
    /// Whether its orders could go to a broker when it was put before a person.
    was_live: bool,
    /// Whether they could at any time while somebody worked on it.
    may_be_live: bool,
    /// How many do.
    at_work: u32,
}

#[derive(Debug, Default)]
struct Notes {
    live_is_possible: bool,
    requests: BTreeMap<String, Request>,
    reached: u64,
    violations: Vec<String>,
}

/// What is known of requests, by the strategy of their orders.
#[derive(Debug, Default)]
pub(super) struct Watch(Mutex<Notes>);

impl Watch {
    fn note<T>(&self, note: impl FnOnce(&mut Notes) -> T) -> T {
        note(&mut self.0.lock().unwrap())
    }

    pub(super) fn begin(&self, strategy: &str) {
        self.note(|notes| {
            let request = Request {
                was_live: true,
                may_be_live: notes.live_is_possible,
                at_work: 1,
            };
            notes.requests.insert(strategy.to_owned(), request);
        });
    }

    pub(super) fn end(&self, strategy: &str) {
        self.note(|notes| notes.requests.remove(strategy));
    }

    /// A request has become something that waits for a price: where its order goes is decided.
    pub(super) fn waits_for_a_price(&self, strategy: &str) {
        self.change(strategy, |request, _| request.at_work = 0);
    }

    /// A request has become something that waits for a person.
    pub(super) fn waits_for_a_person(&self, strategy: &str) {
        self.change(strategy, |request, is_live| {
            request.was_live = request.may_be_live;
            request.at_work -= 1;
            // Somebody may be deciding already.
            request.may_be_live = request.at_work > 0 && is_live;
        });
    }

    /// Somebody begins to decide on what waits.
    pub(super) fn begin_decision(&self, strategy: &str) {
        self.change(strategy, |request, is_live| {
            request.may_be_live = is_live || request.at_work > 0 && request.may_be_live;
            request.at_work += 1;
        });
    }

    /// The decision is made.
    pub(super) fn end_decision(&self, strategy: &str) {
        self.change(strategy, |request, _| {
            request.at_work -= 1;
            request.may_be_live &= request.at_work > 0;
        });
    }

    fn change(&self, strategy: &str, change: impl FnOnce(&mut Request, bool)) {
        self.note(|notes| {
            let is_live = notes.live_is_possible;
            change(notes.requests.get_mut(strategy).unwrap(), is_live);
        });
    }

    /// A switch is being turned; until it has been, its old and its new place count.
    pub(super) fn may_become_live(&self, will_be: bool) {
        if will_be {
            self.live_is_possible(true);
        }
    }

    pub(super) fn live_is_possible(&self, is: bool) {
        self.note(|notes| {
            notes.live_is_possible = is;
            let requests = notes.requests.values_mut();
            for request in requests.filter(|request| request.at_work > 0) {
                request.may_be_live |= is;
            }
        });
    }

    /// How many orders and modifications have reached a broker.
    pub(super) fn reached(&self) -> u64 {
        self.note(|notes| notes.reached)
    }

    pub(super) fn violations(&self) -> Vec<String> {
        self.note(|notes| notes.violations.clone())
    }

    fn look_at(&self, intent: &JournaledIntent) {
        let intent = intent.intent();
        self.note(|notes| {
            notes.reached += 1;
            let strategy = intent.order.strategy.as_deref().unwrap_or_default();
            let request = notes.requests.get(strategy);
            let is_meant = request.is_some_and(|it| it.may_be_live && it.was_live);
            if !is_meant || intent.mode != TradingMode::Live {
                notes.violations.push(format!("{request:?}: {intent:?}"));
            }
        });
    }
}

/// An exchange that is watched and takes its time.
#[derive(Debug)]
pub(super) struct Watched {
    exchange: Arc<Exchange>,
    watch: Arc<Watch>,
}

impl Watched {
    pub(super) fn new(exchange: Arc<Exchange>, watch: Arc<Watch>) -> Self {
        Self { exchange, watch }
    }
}

#[async_trait]
impl OrderGateway for Watched {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        self.watch.look_at(intent);
        let id = intent.order_id().get().unsigned_abs();
        sleep(Duration::from_millis(id * 37 % 90)).await;
        self.exchange.submit(intent).await
    }

    async fn modify(&self, order: &BrokerOrderId, asked: &NewOrder) -> Result<(), ModifyError> {
        self.watch.note(|notes| notes.reached += 1);
        self.exchange.modify(order, asked).await
    }

    async fn cancel(&self, order: &BrokerOrderId) -> Result<(), CancelError> {
        self.exchange.cancel(order).await
    }
}
