//! What a broker's order book tells about orders whose outcome nobody knows.
//!
//! Where the broker carries our mark, the mark decides at once. Elsewhere an order is known again by
//! what it is and when it was sent, once a time of grace is over: until then a line may be that of
//! another order that looks the same, and ours still on its way. Brokers show some orders under
//! another price type; a line that differs from ours in nothing but that is no proof of absence, be
//! it shown so or not. One line of the book is one order: whatever could be two things is for the
//! user to settle. That an order is absent is believed only
//! when two complete books, both asked for after the time of grace, do not show it.

use crate::id::BrokerOrderId;
use crate::market::Timestamp;
use crate::order::OrderIntent;
use crate::port::{BookOrder, OrderBook};
use crate::rule::modification::shows;
use chrono::Duration;
use std::collections::BTreeSet;

/// For how long an order that was sent may still arrive unseen.
pub const GRACE: Duration = Duration::seconds(30);

/// How far apart the two books must be asked for that do not show an order, before it counts as
/// never arrived.
pub const APART: Duration = Duration::seconds(5);

/// For how long after it was decided an order that counts as never arrived is looked for, should it
/// carry our mark.
pub const LATEST: Duration = Duration::minutes(10);

/// How far the broker's clock may be behind ours.
const CLOCK_BEHIND: Duration = Duration::seconds(60);

/// How long after it was decided an order may be dated by the broker: the deadline of sending,
/// the way, and the difference of the clocks.
const CLOCK_AHEAD: Duration = Duration::seconds(120);

/// An order whose outcome nobody knows.
#[derive(Debug, Clone, Copy)]
pub struct Suspect<'a> {
    /// What was sent.
    pub intent: &'a OrderIntent,
    /// When the first complete book was asked for, after the time of grace, in which it is missing.
    pub missing_since: Option<Timestamp>,
}

/// A book and what one must know to read it.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The book.
    pub book: &'a OrderBook,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Whether lines carry our mark.
    pub carries_tags: bool,
    /// The broker's ids of orders that are known: their lines are no other order.
    pub known: &'a BTreeSet<BrokerOrderId>,
}

/// What a book tells about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It is this one.
    Arrived(&'a BookOrder),
    /// It is not there, and will not come.
    NeverArrived,
    /// It is not in this book, which counts; another must say the same.
    Missing,
    /// Nothing can be said yet.
    Open,
    /// It may be one of these, and the user must say which, or that it is none.
    Unclear(Vec<BrokerOrderId>),
}

/// Judges each suspect in the light of a book, in their order.
pub fn judge<'a>(evidence: Evidence<'a>, suspects: &[Suspect<'_>]) -> Vec<Verdict<'a>> {
    let candidates: Vec<Vec<&BookOrder>> = suspects
        .iter()
        .map(|suspect| evidence.candidates(suspect.intent))
        .collect();
    let wanted = |row: &BookOrder| {
        let wants = |rows: &&Vec<&BookOrder>| rows.iter().any(|it| is_same(it, row));
        candidates.iter().filter(wants).count()
    };
    let verdicts = suspects.iter().zip(&candidates);
    verdicts
        .map(|(suspect, rows)| match rows.as_slice() {
            [] => {
                let others = evidence.under_another_price(suspect.intent);
                if others.is_empty() {
                    evidence.absence(*suspect)
                } else {
                    unclear(&others)
                }
            }
            [row] if wanted(row) == 1 => evidence.presence(suspect.intent, row),
            rows => unclear(rows),
        })
        .collect()
}

fn unclear(rows: &[&BookOrder]) -> Verdict<'static> {
    let ids = rows.iter().map(|row| row.broker_order_id.clone());
    Verdict::Unclear(ids.collect())
}

fn is_same(one: &BookOrder, other: &BookOrder) -> bool {
    one.broker_order_id == other.broker_order_id
}

impl<'a> Evidence<'a> {
    /// The lines that may be this order.
    fn candidates(self, intent: &OrderIntent) -> Vec<&'a BookOrder> {
        let tag = intent.id.tag();
        let is_it = |row: &&BookOrder| {
            !self.known.contains(&row.broker_order_id)
                && if self.carries_tags {
                    row.tag.as_ref() == Some(&tag)
                } else {
                    looks_like(row, intent) && shows(intent.order.kind, row.kind)
                }
        };
        self.book.orders.iter().filter(is_it).collect()
    }

    /// The lines that would be this order, if somebody had modified it at the broker.
    fn under_another_price(self, intent: &OrderIntent) -> Vec<&'a BookOrder> {
        let is_like_it = |row: &&BookOrder| {
            !self.carries_tags
                && !self.known.contains(&row.broker_order_id)
                && looks_like(row, intent)
        };
        self.book.orders.iter().filter(is_like_it).collect()
    }

    /// Whether the book tells all that can still happen to an order that was sent.
    fn is_after_grace(self, intent: &OrderIntent) -> bool {
        self.asked_at >= intent.at.plus(GRACE)
    }

    fn presence(self, intent: &OrderIntent, row: &'a BookOrder) -> Verdict<'a> {
        let is_certain = self.carries_tags || self.book.complete && self.is_after_grace(intent);
        if is_certain {
            Verdict::Arrived(row)
        } else {
            Verdict::Open
        }
    }

    fn absence(self, suspect: Suspect<'_>) -> Verdict<'a> {
        if !self.book.complete || !self.is_after_grace(suspect.intent) {
            return Verdict::Open;
        }
        match suspect.missing_since {
            None => Verdict::Missing,
            Some(since) if self.asked_at < since.plus(APART) => Verdict::Open,
            Some(_) => Verdict::NeverArrived,
        }
    }
}

/// Whether a line is like an order in everything but its price.
fn looks_like(row: &BookOrder, intent: &OrderIntent) -> bool {
    let order = &intent.order;
    let is_in_time = row.placed_at >= intent.at.plus(-CLOCK_BEHIND)
        && row.placed_at <= intent.at.plus(CLOCK_AHEAD);
    is_in_time
        && row.instrument == order.instrument
        && row.side == order.side
        && row.quantity == order.quantity
        && row.product == order.product
}

#[cfg(test)]
mod tests;
