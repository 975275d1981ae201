//! The task that reads order books: one thing after the other.

use super::keeper::{Keeper, Known};
use super::settle::{SettleError, Settlement};
use super::{Doubts, Failures, QUEUE, Tools};
use crate::brokers::{LiveSession, Login};
use crate::schedule::Schedule;
use openalgo_core::id::OrderId;
use openalgo_core::order::{Order, OrderEvent};
use openalgo_core::port::StoreError;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// What can be asked of the task.
#[derive(Debug)]
pub(super) enum Ask {
    /// To make a pass.
    Pass(oneshot::Sender<Failures>),
    /// To store a broker's answer that could not be stored.
    Store(OrderId, OrderEvent),
    /// To write down what a person says became of an order.
    Settle(
        Box<Order>,
        Settlement,
        oneshot::Sender<Result<Order, SettleError>>,
    ),
}

/// What the task remembers between passes.
#[derive(Debug)]
pub(super) struct Task {
    keepers: BTreeMap<Login, Keeper>,
    known: Known,
    /// Answers that could not be stored yet, the oldest first.
    unstored: Vec<(OrderId, OrderEvent)>,
    tools: Tools,
}

impl Task {
    pub(super) async fn begin(tools: Tools, doubts: Doubts) -> Result<Self, StoreError> {
        let known = Known {
            left_over: tools
                .ports
                .orders
                .unresolved()
                .await?
                .into_iter()
                .map(|it| it.id)
                .collect(),
            doubts,
        };
        Ok(Self {
            keepers: BTreeMap::new(),
            known,
            unstored: Vec::new(),
            tools,
        })
    }

    /// Works until it is told to stop, or until nobody can ask any more.
    pub(super) async fn run(
        mut self,
        (mut inbox, mut stopped): (mpsc::Receiver<Ask>, watch::Receiver<bool>),
        every: Option<Duration>,
    ) {
        let mut asks = Vec::with_capacity(QUEUE);
        let mut schedule = Schedule::every(every);
        loop {
            let asked = tokio::select! {
                biased;
                _ = stopped.changed() => break,
                asked = inbox.recv_many(&mut asks, QUEUE) => Some(asked),
                () = schedule.turn() => None,
            };
            match asked {
                Some(0) => break,
                Some(_) => self.answer(&mut asks).await,
                None => drop(self.pass().await),
            }
        }
        // What was still asked is not done; answers that came in are kept if they can be.
        inbox.close();
        while let Some(ask) = inbox.recv().await {
            if let Ask::Store(order, answer) = ask {
                self.unstored.push((order, answer));
            }
        }
        self.store_answers().await;
    }

    /// Does what is asked. One pass answers all who wait for one.
    async fn answer(&mut self, asks: &mut Vec<Ask>) {
        let mut waiting = Vec::new();
        for ask in asks.drain(..) {
            match ask {
                Ask::Pass(done) => waiting.push(done),
                Ask::Store(order, answer) => self.unstored.push((order, answer)),
                Ask::Settle(order, settlement, done) => {
                    let settled = self.known.settle(&self.tools, &order, settlement).await;
                    drop(done.send(settled));
                }
            }
        }
        if waiting.is_empty() {
            return self.store_answers().await;
        }
        let failures = self.pass().await;
        for done in waiting {
            drop(done.send(failures.clone()));
        }
    }

    /// One broker that fails does not keep the others from it.
    async fn pass(&mut self) -> Failures {
        self.store_answers().await;
        let mut failures = Vec::new();
        for LiveSession { login, session, .. } in self.tools.brokers.all_live() {
            let Some(reader) = &session.order_book else {
                continue;
            };
            let keeper = self.keepers.entry(login.clone()).or_default();
            let writing = (&self.tools, &mut self.known);
            let pass = keeper.pass((&login, &session), &**reader, writing);
            if let Err(error) = pass.await {
                tracing::warn!(%error, "the outcome of orders could not be found out");
                failures.push((login, error));
            }
        }
        failures
    }

    /// Stores the answers that could not be stored before, as far as that is possible now.
    async fn store_answers(&mut self) {
        for (order, answer) in std::mem::take(&mut self.unstored) {
            let stored = self.tools.append(order, answer.clone()).await;
            match stored {
                Ok(_order) => {}
                // Somebody knew it already.
                Err(StoreError::Transition(_)) => {}
                Err(error) => {
                    tracing::warn!(%order, %error, "a broker's answer still cannot be stored");
                    self.unstored.push((order, answer));
                }
            }
        }
    }
}
