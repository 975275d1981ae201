//! What is remembered about one broker between passes, and a pass.

use super::{ReconcileError, Tools};
use crate::event::Event;
use openalgo_core::id::{BrokerName, BrokerOrderId, OrderId};
use openalgo_core::order::{
    Order, OrderEvent, OrderEventKind, OrderState, OrderStatus, Outcome, TradingMode,
};
use openalgo_core::port::{BookOrder, OrderBook, OrderBookReader, OrderQuery, StoreError};
use openalgo_core::rule::reconcile::{Evidence, Suspect, Verdict, judge};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// How long a broker may take to show its order book.
const DEADLINE: Duration = Duration::from_secs(15);

/// Reads the order book of one broker.
#[derive(Debug)]
pub(super) struct Keeper {
    broker: BrokerName,
    reader: Arc<dyn OrderBookReader>,
    /// Sent by an earlier process, which can hear no answer any more.
    left_over: BTreeSet<OrderId>,
    /// In how many complete books in a row each of them was missing.
    missing: BTreeMap<OrderId, u32>,
}

/// Our orders of the present trading day at the broker.
struct Ours(Vec<Order>);

impl Keeper {
    pub(super) async fn begin(
        (broker, reader): (BrokerName, Arc<dyn OrderBookReader>),
        tools: &Tools,
    ) -> Result<Self, StoreError> {
        let mut keeper = Self {
            broker,
            reader,
            left_over: BTreeSet::new(),
            missing: BTreeMap::new(),
        };
        let Ours(orders) = keeper.ours(tools).await?;
        let is_underway = |order: &&Order| lacks_an_answer(order);
        keeper.left_over = orders.iter().filter(is_underway).map(|it| it.id).collect();
        Ok(keeper)
    }

    async fn ours(&self, tools: &Tools) -> Result<Ours, StoreError> {
        let today = tools.settings.day_of(tools.ports.clock.now())?;
        let mut orders = Vec::new();
        for user in tools.ports.users.list().await? {
            let query = OrderQuery {
                user: user.id,
                broker: Some(self.broker.clone()),
                day: Some(today),
                limit: u32::MAX,
            };
            orders.extend(tools.ports.orders.list(&query).await?);
        }
        orders.retain(|order| order.intent.mode == TradingMode::Live);
        Ok(Ours(orders))
    }

    /// Reads the book, if there is something to find out, and writes down what it says.
    pub(super) async fn pass(&mut self, tools: &Tools) -> Result<(), ReconcileError> {
        let is_of_interest = |order: &Order| self.is_suspect(order) || is_open(order);
        if !self.ours(tools).await?.0.iter().any(is_of_interest) {
            return Ok(());
        }
        let asked_at = tools.ports.clock.now();
        let book = self.read().await?;
        // An order is stored before it is sent: none of ours can be in the book and not here.
        let ours = self.ours(tools).await?;
        let known = ours.ids();
        let evidence = Evidence {
            book: &book,
            asked_at,
            carries_tags: self.reader.carries_tags(),
            known: &known,
        };
        self.settle(tools, evidence, &ours).await?;
        if self.reader.carries_tags() {
            ours.take_up_what_came_late(tools, &book).await?;
        }
        ours.bring_up_to_date(tools, &book).await
    }

    fn is_suspect(&self, order: &Order) -> bool {
        match order.state {
            OrderState::Unconfirmed { .. } => true,
            OrderState::Planned | OrderState::Sent => self.left_over.contains(&order.id),
            OrderState::Open { .. } | OrderState::Closed { .. } => false,
        }
    }

    async fn read(&self) -> Result<OrderBook, ReconcileError> {
        let broker = self.broker.clone();
        match tokio::time::timeout(DEADLINE, self.reader.orders()).await {
            Ok(Ok(book)) => Ok(book),
            Ok(Err(error)) => {
                let source = Arc::new(error);
                Err(ReconcileError::Broker { broker, source })
            }
            Err(_late) => Err(ReconcileError::Late(broker)),
        }
    }

    /// Writes down what the book tells about orders whose outcome nobody knows. Those whose answer
    /// is on its way are judged beside them, since a line may be theirs, and left alone.
    async fn settle(
        &mut self,
        tools: &Tools,
        evidence: Evidence<'_>,
        ours: &Ours,
    ) -> Result<(), ReconcileError> {
        let suspects: Vec<&Order> = ours.0.iter().filter(|it| lacks_an_answer(it)).collect();
        let times = |order: &Order| self.missing.get(&order.id).copied().unwrap_or_default();
        let judged: Vec<_> = suspects
            .iter()
            .map(|order| Suspect {
                intent: &order.intent,
                missing: times(order),
            })
            .collect();
        let verdicts = suspects.iter().zip(judge(evidence, &judged));
        for (order, verdict) in verdicts {
            if !self.is_suspect(order) {
                continue;
            }
            match verdict {
                Verdict::Arrived(row) => take_up(tools, order, row).await?,
                Verdict::NeverArrived => {
                    let reason = "the broker's order book does not have it: it never arrived";
                    let rejected = OrderEventKind::Rejected {
                        broker_order_id: None,
                        reason: reason.into(),
                    };
                    append(tools, order, rejected).await?;
                }
                Verdict::Missing => {
                    let missing = self.missing.entry(order.id).or_default();
                    *missing = missing.saturating_add(1);
                    continue;
                }
                Verdict::Open => continue,
                Verdict::Unclear(candidates) => {
                    let candidates = candidates.len();
                    let order = order.intent.id;
                    tracing::warn!(%order, candidates, "several orders at the broker may be this one");
                    continue;
                }
            }
            self.missing.remove(&order.id);
        }
        Ok(())
    }
}

fn lacks_an_answer(order: &Order) -> bool {
    matches!(
        order.state,
        OrderState::Planned | OrderState::Sent | OrderState::Unconfirmed { .. }
    )
}

fn is_open(order: &Order) -> bool {
    matches!(order.state, OrderState::Open { .. })
}

/// Whether an order counts as one that the broker never had.
fn is_absent(order: &Order) -> bool {
    matches!(
        order.state,
        OrderState::Closed {
            broker_order_id: None,
            outcome: Outcome::Rejected { .. },
        }
    )
}

impl Ours {
    /// The broker's ids of them.
    fn ids(&self) -> BTreeSet<BrokerOrderId> {
        let ids = self.0.iter().filter_map(|it| it.state.broker_order_id());
        ids.cloned().collect()
    }

    /// An order that counts as absent and carries our mark in the book was only late.
    async fn take_up_what_came_late(
        &self,
        tools: &Tools,
        book: &OrderBook,
    ) -> Result<(), ReconcileError> {
        for order in self.0.iter().filter(|order| is_absent(order)) {
            let tag = order.intent.id.tag();
            // What the broker refused stays refused, whether its book tells of it or not.
            let is_it = |row: &&BookOrder| {
                row.tag.as_ref() == Some(&tag) && row.status != OrderStatus::Rejected
            };
            let row = book.orders.iter().find(is_it);
            if let Some(row) = row {
                let order_id = order.intent.id;
                tracing::warn!(order = %order_id, "an order has arrived late");
                take_up(tools, order, row).await?;
            }
        }
        Ok(())
    }

    /// Writes down what the book says about orders that were open.
    async fn bring_up_to_date(
        &self,
        tools: &Tools,
        book: &OrderBook,
    ) -> Result<(), ReconcileError> {
        for order in self.0.iter().filter(|order| is_open(order)) {
            let id = order.state.broker_order_id();
            let row = book
                .orders
                .iter()
                .find(|row| Some(&row.broker_order_id) == id);
            if let Some(row) = row {
                report(tools, order, row).await?;
            }
        }
        Ok(())
    }
}

/// Takes a line of the book for an order, with everything that has happened to it there.
async fn take_up(tools: &Tools, order: &Order, row: &BookOrder) -> Result<(), ReconcileError> {
    let accepted = OrderEventKind::Accepted {
        broker_order_id: row.broker_order_id.clone(),
        awaits_trigger: row.status == OrderStatus::TriggerPending,
    };
    let order = append(tools, order, accepted).await?;
    report(tools, &order, row).await
}

async fn append(
    tools: &Tools,
    order: &Order,
    kind: OrderEventKind,
) -> Result<Order, ReconcileError> {
    let at = tools.ports.clock.now();
    let event = OrderEvent { at, kind };
    let order = tools.ports.orders.append(order.id, &event).await?;
    publish(tools, order.clone());
    Ok(order)
}

/// Writes down what a line says about an order, unless that is known.
async fn report(tools: &Tools, order: &Order, row: &BookOrder) -> Result<(), ReconcileError> {
    let at = tools.ports.clock.now();
    let report = row.report(order.intent.user, &order.intent.broker, at);
    match report.event_for(order) {
        Ok(Some(_news)) => {
            let order = tools.ports.orders.update_status(&report).await?;
            publish(tools, order);
        }
        Ok(None) => {}
        // An older state of the book, or one that makes no sense: what is known stays.
        Err(error) => {
            let order = order.intent.id;
            tracing::warn!(%order, %error, "the broker contradicts what is known of an order");
        }
    }
    Ok(())
}

fn publish(tools: &Tools, order: Order) {
    tools.events.publish(Event::OrderChanged(Box::new(order)));
}
