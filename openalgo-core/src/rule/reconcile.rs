//! What a broker's order book tells about orders whose outcome nobody knows.
//!
//! Where the broker carries our mark, the mark decides. Elsewhere an order is known again by what
//! it is and when it was sent. One line of the book is one order: whatever could be two things is
//! for the user to settle. That an order is absent is believed only when two complete books, both
//! asked for after a time of grace, do not show it: a request may still be on its way.

use crate::id::BrokerOrderId;
use crate::market::Timestamp;
use crate::order::OrderIntent;
use crate::port::{BookOrder, OrderBook};
use chrono::Duration;
use std::collections::BTreeSet;

/// For how long an order that was sent may still arrive unseen.
pub const GRACE: Duration = Duration::seconds(30);

/// Complete books that must not show an order before it counts as never arrived.
pub const BOOKS: u32 = 2;

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
    /// In how many complete books it was missing so far, each asked for after the time of grace.
    pub missing: u32,
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
            [] => evidence.absence(*suspect),
            [row] if wanted(row) == 1 => Verdict::Arrived(row),
            rows => {
                let ids = rows.iter().map(|row| row.broker_order_id.clone());
                Verdict::Unclear(ids.collect())
            }
        })
        .collect()
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
                    looks_like(row, intent)
                }
        };
        self.book.orders.iter().filter(is_it).collect()
    }

    fn absence(self, suspect: Suspect<'_>) -> Verdict<'a> {
        let counts_from = suspect.intent.at.plus(GRACE);
        if !self.book.complete || self.asked_at < counts_from {
            Verdict::Open
        } else if suspect.missing.saturating_add(1) < BOOKS {
            Verdict::Missing
        } else {
            Verdict::NeverArrived
        }
    }
}

fn looks_like(row: &BookOrder, intent: &OrderIntent) -> bool {
    let order = &intent.order;
    let is_in_time = row.placed_at >= intent.at.plus(-CLOCK_BEHIND)
        && row.placed_at <= intent.at.plus(CLOCK_AHEAD);
    is_in_time
        && row.instrument == order.instrument
        && row.side == order.side
        && row.quantity == order.quantity
        && row.product == order.product
        && row.kind == order.kind
}

#[cfg(test)]
mod tests;
