//! How many orders may leave in any second: the limit of an exchange segment at a broker.
//!
//! Brokers and exchanges count what reaches them. A place is therefore taken from the moment at
//! which an order is let through until a whole span after it has really left, so that orders which
//! were held up on the way to the wire cannot bunch up behind others.
//!
//! SEBI's circular of 4 February 2025 on retail algorithmic trading and the exchanges' standards
//! for it let an unregistered client send ten orders a second.

use crate::market::Timestamp;
use chrono::Duration;
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration as StdDuration;

/// The span in which orders are counted.
pub const SPAN: Duration = Duration::seconds(1);

/// How long what an adapter was handed may wait there, for a connection for instance, before it goes
/// out. Later it must not: by then it counts as gone, so that a broker that hangs holds up no exits.
pub const ON_THE_WAY: StdDuration = StdDuration::from_secs(2);

/// Orders that may leave for a segment in any second unless a user chose another limit.
pub const ORDERS_A_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// What an order is for; those that take risk away go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// A cancellation, or an order that only reduces a position.
    Exit,
    /// Everything else.
    Entry,
}

/// When the next order may be let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// At once.
    Now,
    /// Not before this instant.
    At(Timestamp),
    /// Not before one that was let through has left or given its place back.
    AfterDeparture,
}

/// The places of one segment. It tells no time and keeps nobody waiting.
#[derive(Debug, Clone)]
pub struct Window {
    limit: NonZeroU32,
    /// Let through, and not on the wire yet.
    underway: u32,
    /// When those left whose places are still taken, the earliest first.
    departures: VecDeque<Timestamp>,
}

impl Window {
    /// Lets so many through in any second.
    pub fn new(limit: NonZeroU32) -> Self {
        Self {
            limit,
            underway: 0,
            departures: VecDeque::new(),
        }
    }

    /// Changes the limit from now on; what has left still counts.
    pub fn set_limit(&mut self, limit: NonZeroU32) {
        self.limit = limit;
    }

    /// When a place will be free.
    pub fn next(&mut self, now: Timestamp) -> Next {
        // A clock that was set back would keep places taken that are long free.
        let is_over = |left: &Timestamp| now >= left.plus(SPAN) || now < left.plus(-SPAN);
        while self.departures.front().is_some_and(is_over) {
            self.departures.pop_front();
        }
        let limit = usize::try_from(self.limit.get()).unwrap_or(usize::MAX);
        let underway = usize::try_from(self.underway).unwrap_or(usize::MAX);
        if underway.saturating_add(self.departures.len()) < limit {
            return Next::Now;
        }
        // With a smaller limit than before, more than the earliest must go.
        let taken = underway.saturating_add(self.departures.len());
        let surplus = taken.saturating_sub(limit);
        match self.departures.get(surplus) {
            Some(left) => Next::At(left.plus(SPAN)),
            None => Next::AfterDeparture,
        }
    }

    /// Takes a place, if one is free.
    pub fn take(&mut self, now: Timestamp) -> Next {
        let next = self.next(now);
        if next == Next::Now {
            self.underway = self.underway.saturating_add(1);
        }
        next
    }

    /// One that was let through goes out on the wire.
    pub fn leave(&mut self, now: Timestamp) {
        self.underway = self.underway.saturating_sub(1);
        self.departures.push_back(now);
    }

    /// One that was let through will not go out.
    pub fn give_back(&mut self) {
        self.underway = self.underway.saturating_sub(1);
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "the small numbers of tests")]
mod tests;
