//! What is remembered about one broker between passes, and a pass.

use super::on_the_way::OnTheWay;
use super::{Doubts, ReconcileError, Tools};
use crate::asking::{NoAnswer, ask};
use crate::brokers::{Brokers, Login};
use openalgo_core::id::{BrokerOrderId, IntentId, OrderId};
use openalgo_core::market::Timestamp;
use openalgo_core::order::{Order, OrderEventKind, OrderState, OrderStatus, Outcome, TradingMode};
use openalgo_core::port::{
    BookOrder, BrokerReadError, BrokerSession, OrderBook, OrderBookReader, OrderQuery, StoreError,
};
use openalgo_core::rule::modification::{change_holds, modified_at_broker};
use openalgo_core::rule::reconcile::{Evidence, GRACE, LATEST, Suspect, Verdict, judge};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// What is known about orders, whichever broker they are at.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Those that somebody still waits for.
    on_the_way: OnTheWay,
    /// Those that may be one of several orders at the broker.
    doubts: Doubts,
}

impl Known {
    pub(super) fn new(on_the_way: OnTheWay, doubts: Doubts) -> Self {
        Self { on_the_way, doubts }
    }

    /// Whether somebody waits for the answer to an order.
    pub(super) fn is_awaited(&self, intent: IntentId) -> bool {
        self.on_the_way.has(intent)
    }

    /// Nothing is left to find out about an order.
    pub(super) fn is_decided(&self, order: OrderId) {
        let mut doubts = self.doubts.lock().unwrap_or_else(PoisonError::into_inner);
        doubts.remove(&order);
    }

    /// An order may be one of these; of none when it is just not there.
    fn note_doubt(&self, order: OrderId, candidates: Vec<BrokerOrderId>) {
        let mut doubts = self.doubts.lock().unwrap_or_else(PoisonError::into_inner);
        if candidates.is_empty() {
            doubts.remove(&order);
        } else {
            doubts.insert(order, candidates);
        }
    }
}

/// Whether nobody knows what became of an order, and nobody waits for its answer any more.
fn is_suspect(order: &Order, awaited: &BTreeSet<IntentId>) -> bool {
    match order.state {
        OrderState::Unconfirmed { .. } => true,
        OrderState::Planned | OrderState::Sent => !awaited.contains(&order.intent.id),
        OrderState::Open { .. } | OrderState::Closed { .. } => false,
    }
}

/// Reads the order book of one user at one broker.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    /// Since when each suspect is missing in complete books.
    missing: BTreeMap<OrderId, Timestamp>,
}

/// Our orders at the broker.
struct Ours {
    /// Those of the present trading day.
    today: Vec<Order>,
    /// Those of earlier ones that are open as far as is known. Books are of one day, and ids return:
    /// nobody looks for them in this one.
    left_open: Vec<Order>,
}

impl Keeper {
    /// Reads the book, if there is something to find out, and writes down what it says.
    pub(super) async fn pass(
        &mut self,
        (login, session): (&Login, &Arc<BrokerSession>),
        (reader, deadline): (&dyn OrderBookReader, Duration),
        (tools, known): (&Tools, &Known),
    ) -> Result<(), ReconcileError> {
        let asked_at = tools.ports.clock.now();
        let may_be_late = |order: &Order| {
            reader.carries_tags() && is_absent(order) && asked_at < order.intent.at.plus(LATEST)
        };
        let mut awaited = known.on_the_way.now();
        let is_of_interest =
            |order: &Order| is_suspect(order, &awaited) || is_open(order) || may_be_late(order);
        if !Ours::read(login, tools).await?.any(is_of_interest) {
            return Ok(());
        }
        let book = read_book((login, session), (reader, deadline), &tools.brokers).await?;
        awaited = known.on_the_way.now();
        // An order is stored before it is sent: none of ours can be in the book and not here.
        let ours = Ours::read(login, tools).await?;
        // Whose answer has come while they were read is not left behind.
        awaited.append(&mut known.on_the_way.now());
        let ids = ours.ids();
        let evidence = Evidence {
            book: &book,
            asked_at,
            carries_tags: reader.carries_tags(),
            known: &ids,
        };
        self.find_out((tools, known), evidence, (&ours, &awaited))
            .await?;
        if reader.carries_tags() {
            ours.take_up_what_came_late(tools, &book).await?;
        }
        ours.bring_up_to_date(tools, (&book, asked_at)).await?;
        ours.end_what_was_left_open(tools, &book).await
    }

    /// Writes down what the book tells about orders whose outcome nobody knows. Those whose answer
    /// is on its way are judged beside them, since a line may be theirs, and left alone.
    async fn find_out(
        &mut self,
        (tools, known): (&Tools, &Known),
        evidence: Evidence<'_>,
        (ours, awaited): (&Ours, &BTreeSet<IntentId>),
    ) -> Result<(), ReconcileError> {
        let suspects = ours.today.iter().filter(|it| lacks_an_answer(it));
        let suspects: Vec<&Order> = suspects.collect();
        let judged: Vec<_> = suspects
            .iter()
            .map(|order| Suspect {
                intent: &order.intent,
                missing_since: self.missing.get(&order.id).copied(),
            })
            .collect();
        let verdicts = suspects.iter().zip(judge(evidence, &judged));
        for (order, verdict) in verdicts {
            if !is_suspect(order, awaited) || tools.answers.waits(order.id) {
                continue;
            }
            let candidates = match verdict {
                Verdict::Arrived(row) => {
                    tools.take_up(order, row).await?;
                    known.is_decided(order.id);
                    self.missing.remove(&order.id);
                    continue;
                }
                Verdict::NeverArrived => {
                    let never = tools.now(OrderEventKind::Rejected {
                        broker_order_id: None,
                        reason: "the broker's order book does not have it: it never arrived".into(),
                    });
                    tools.append(order.id, never).await?;
                    known.is_decided(order.id);
                    self.missing.remove(&order.id);
                    continue;
                }
                Verdict::Missing => {
                    self.missing.insert(order.id, evidence.asked_at);
                    Vec::new()
                }
                Verdict::Open => Vec::new(),
                Verdict::Unclear(candidates) => candidates,
            };
            known.note_doubt(order.id, candidates);
        }
        Ok(())
    }
}

/// The order book of a user at a broker. A session that the broker does not take any more is over.
pub(crate) async fn read_book(
    (login, session): (&Login, &Arc<BrokerSession>),
    (reader, deadline): (&dyn OrderBookReader, Duration),
    brokers: &Brokers,
) -> Result<OrderBook, ReconcileError> {
    let broker = login.1.clone();
    let answer = match ask(deadline, reader.orders()).await {
        Ok(answer) => answer,
        Err(NoAnswer::Late) => return Err(ReconcileError::Late(broker)),
        Err(none @ NoAnswer::Panicked) => Err(BrokerReadError::Failed(none.into())),
    };
    answer.map_err(|error| {
        if matches!(error, BrokerReadError::SessionExpired) {
            let _over = brokers.refuse(login, session);
        }
        let source = Arc::new(error);
        ReconcileError::Broker { broker, source }
    })
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

/// What a line of a book that was asked for at `asked_at` tells of the terms of an open order.
fn told_of_terms(
    order: &Order,
    (row, asked_at): (&BookOrder, Timestamp),
) -> Option<OrderEventKind> {
    // A book that is older than what is known may show terms that hold no more.
    let is_new = order.updated_at < asked_at;
    let asked = order.change.filter(|_| change_holds(order, row));
    let terms = match asked {
        Some(change) => Some((change.quantity, change.kind)),
        None => modified_at_broker(order, row).filter(|_| is_new),
    };
    if let Some((quantity, kind)) = terms {
        return Some(OrderEventKind::Modified {
            quantity,
            kind,
            awaits_trigger: row.status == OrderStatus::TriggerPending,
        });
    }
    let change = order.change?;
    (asked_at >= change.since.plus(GRACE)).then(|| OrderEventKind::ModificationFailed {
        reason: "the broker's order book shows the order without it".into(),
    })
}

impl Ours {
    async fn read(login: &Login, tools: &Tools) -> Result<Self, StoreError> {
        let (user, broker) = login;
        let query = OrderQuery {
            user: *user,
            broker: Some(broker.clone()),
            day: Some(tools.settings.day_of(tools.ports.clock.now())?),
            limit: u32::MAX,
        };
        let mut today = tools.ports.orders.list(&query).await?;
        today.retain(|order| order.intent.mode == TradingMode::Live);
        let left_open = tools.left_open(login).await?;
        Ok(Self { today, left_open })
    }

    fn any(&self, is_it: impl FnMut(&Order) -> bool) -> bool {
        self.today.iter().chain(&self.left_open).any(is_it)
    }

    /// The broker's ids of those of the day.
    fn ids(&self) -> BTreeSet<BrokerOrderId> {
        let ids = self
            .today
            .iter()
            .filter_map(|it| it.state.broker_order_id());
        ids.cloned().collect()
    }

    /// An order that counts as absent and carries our mark in the book was only late.
    async fn take_up_what_came_late(
        &self,
        tools: &Tools,
        book: &OrderBook,
    ) -> Result<(), ReconcileError> {
        for order in self.today.iter().filter(|order| is_absent(order)) {
            let tag = order.intent.id.tag();
            // What the broker refused stays refused, whether its book tells of it or not; what was
            // filled before counts.
            let is_refused =
                |row: &BookOrder| row.status == OrderStatus::Rejected && row.filled.is_zero();
            let is_it = |row: &&BookOrder| row.tag.as_ref() == Some(&tag) && !is_refused(row);
            let row = book.orders.iter().find(is_it);
            if let Some(row) = row {
                let order_id = order.intent.id;
                tracing::warn!(order = %order_id, "an order has arrived late");
                tools.take_up(order, row).await?;
            }
        }
        Ok(())
    }

    /// Writes down what the book says about orders that were open.
    async fn bring_up_to_date(
        &self,
        tools: &Tools,
        (book, asked_at): (&OrderBook, Timestamp),
    ) -> Result<(), ReconcileError> {
        for order in self.today.iter().filter(|order| is_open(order)) {
            let id = order.state.broker_order_id();
            let row = book
                .orders
                .iter()
                .find(|row| Some(&row.broker_order_id) == id);
            let Some(row) = row else {
                continue;
            };
            let known = match told_of_terms(order, (row, asked_at)) {
                Some(told) => match tools.append(order.id, tools.now(told)).await {
                    Ok(order) => Some(order),
                    // Somebody has taken it further since it was read.
                    Err(StoreError::Transition(_)) => continue,
                    Err(error) => return Err(error.into()),
                },
                None => None,
            };
            let order = known.as_ref().unwrap_or(order);
            tools.report(order, &tools.report_of(order, row)).await?;
        }
        Ok(())
    }

    /// Ends orders of earlier days, unless the book still tells of them.
    async fn end_what_was_left_open(
        &self,
        tools: &Tools,
        book: &OrderBook,
    ) -> Result<(), ReconcileError> {
        for order in &self.left_open {
            let day = order.intent.trading_day;
            let mut rows = book.orders.iter();
            let row = rows.find(|row| {
                Some(&row.broker_order_id) == order.state.broker_order_id()
                    && tools
                        .settings
                        .day_of(row.placed_at)
                        .is_ok_and(|it| it == day)
            });
            let told = row.map(|row| tools.report_of(order, row).event_for(order));
            match told {
                Some(Ok(Some(event))) => tools.take_further(order.id, event).await?,
                None if book.complete => tools.end_left_open(order).await?,
                Some(Ok(None) | Err(_)) | None => {}
            }
        }
        Ok(())
    }
}
