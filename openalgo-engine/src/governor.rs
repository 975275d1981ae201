//! Lets live orders leave no faster than an exchange segment at a broker takes them.
//!
//! An order takes its place before it is journaled, and has left when the broker has answered:
//! what is handed to an adapter may wait there for a connection before it goes out.
//! Whoever finds no place waits in line: what takes risk away first, then in order of arrival. A
//! line has an end, and an order that waited for too long is not sent any more: the market that it
//! was meant for is gone.
//!
//! | file | what is in it |
//! |---|---|
//! | `line` | one segment: its window, and who waits |
//! | `ticks` | the time that is gone by here |

mod line;
mod ticks;

use crate::limits::Limits;
use crate::names::{Names, Whose};
use line::Line;
pub(crate) use line::{LINE, LONGEST_WAIT};
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::market::Exchange;
use openalgo_core::rule::governor::{Next, ON_THE_WAY, ORDERS_A_SECOND, Urgency};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use thiserror::Error;
use ticks::Ticks;
use tokio::sync::Notify;
use tokio::time::timeout;

/// What a limit is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Segment {
    pub(crate) user: UserId,
    pub(crate) broker: BrokerName,
    pub(crate) exchange: Exchange,
}

/// Why an order was not let through. Nothing was stored, and nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GovernorError {
    /// The line is full.
    #[error(
        "risk limit orders_per_second: {limit} orders a second leave for {exchange} at '{broker}', \
         and {waiting} wait already, so this was not sent; \
         `openalgo risk set orders_per_second COUNT{whose}` changes the limit"
    )]
    Full {
        /// The broker.
        broker: BrokerName,
        /// The exchange segment.
        exchange: Exchange,
        /// How many may leave in any second.
        limit: NonZeroU32,
        /// How many wait.
        waiting: usize,
        /// Whose limit it is.
        whose: Whose,
    },
    /// Its turn did not come in time.
    #[error(
        "risk limit orders_per_second: {limit} orders a second leave for {exchange} at '{broker}', \
         and the order's turn did not come within {} s, so it was not sent; \
         `openalgo risk set orders_per_second COUNT{whose}` changes the limit",
        LONGEST_WAIT.as_secs()
    )]
    Late {
        /// The broker.
        broker: BrokerName,
        /// The exchange segment.
        exchange: Exchange,
        /// How many may leave in any second.
        limit: NonZeroU32,
        /// Whose limit it is.
        whose: Whose,
    },
    /// The engine is stopping.
    #[error("the engine is stopping")]
    Stopped,
}

/// Keeps the lines of all segments.
#[derive(Debug, Clone)]
pub(crate) struct Governor {
    limits: Limits,
    names: Names,
    ticks: Ticks,
    lines: Arc<Mutex<Lines>>,
}

#[derive(Debug, Default)]
struct Lines {
    by_segment: BTreeMap<Segment, Line>,
    closed: bool,
}

impl Lines {
    fn of(&mut self, segment: &Segment) -> &mut Line {
        self.by_segment.entry(segment.clone()).or_default()
    }
}

impl Governor {
    pub(crate) fn new(limits: Limits, names: Names) -> Self {
        Self {
            limits,
            names,
            ticks: Ticks::start(),
            lines: Arc::default(),
        }
    }

    /// Waits until an order may leave for a segment. The place that it takes is free again when
    /// it is dropped, or a second after the order has left.
    pub(crate) async fn place(
        &self,
        segment: Segment,
        urgency: Urgency,
    ) -> Result<Place, GovernorError> {
        // Nobody is kept in a position because limits cannot be read: the usual one holds then.
        // An entry has been refused before it comes here.
        drop(self.limits.read(segment.user).await);
        self.names.learn(segment.user).await;
        let ticket = self.line_up(segment, urgency)?;
        loop {
            match ticket.ask()? {
                Next::Now => return Ok(Place::taken(&ticket)),
                Next::At(free) => tokio::select! {
                    biased;
                    () = ticket.called.notified() => {}
                    () = tokio::time::sleep_until(self.ticks.instant(free)) => {}
                },
                Next::AfterDeparture => ticket.called.notified().await,
            }
        }
    }

    /// A user's limit has changed, so that somebody's turn may come sooner.
    pub(crate) fn look_again(&self, user: UserId) {
        let mut lines = self.lock();
        let of_user = |(segment, _): &(&Segment, &mut Line)| segment.user == user;
        for (_, line) in lines.by_segment.iter_mut().filter(of_user) {
            line.call_next(self.ticks.now());
        }
    }

    /// Lets nobody through any more; whoever waits is told.
    pub(crate) fn close(&self) {
        let mut lines = self.lock();
        lines.closed = true;
        for line in lines.by_segment.values() {
            line.call_all();
        }
    }

    fn line_up(&self, segment: Segment, urgency: Urgency) -> Result<Ticket, GovernorError> {
        let (limit, now) = (self.limit(segment.user), self.ticks.now());
        let mut lines = self.lock();
        if lines.closed {
            return Err(GovernorError::Stopped);
        }
        let called = Arc::new(Notify::new());
        let line = lines.of(&segment);
        match line.join((urgency, limit), now, Arc::clone(&called)) {
            Some(number) => Ok(Ticket {
                governor: self.clone(),
                segment,
                number: (urgency, number),
                called,
            }),
            None => Err(GovernorError::Full {
                whose: self.names.whose(segment.user),
                broker: segment.broker,
                exchange: segment.exchange,
                limit,
                waiting: line.waiting(),
            }),
        }
    }

    /// How many of a user's orders may leave for a segment in any second.
    fn limit(&self, user: UserId) -> NonZeroU32 {
        let known = self.limits.known(user);
        let chosen = known.and_then(|limits| limits.orders_per_second);
        chosen.unwrap_or(ORDERS_A_SECOND)
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn in line; given up when it is dropped.
#[derive(Debug)]
struct Ticket {
    governor: Governor,
    segment: Segment,
    number: line::Number,
    /// Told when it is worth asking again.
    called: Arc<Notify>,
}

impl Ticket {
    /// Whether it is this one's turn; it has taken its place then.
    fn ask(&self) -> Result<Next, GovernorError> {
        let governor = &self.governor;
        let limit = governor.limit(self.segment.user);
        let mut lines = governor.lock();
        if lines.closed {
            return Err(GovernorError::Stopped);
        }
        let line = lines.of(&self.segment);
        let next = line.ask((self.number, limit), governor.ticks.now());
        next.ok_or_else(|| GovernorError::Late {
            whose: governor.names.whose(self.segment.user),
            broker: self.segment.broker.clone(),
            exchange: self.segment.exchange,
            limit,
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let now = self.governor.ticks.now();
        let mut lines = self.governor.lock();
        lines.of(&self.segment).leave(self.number, now);
    }
}

/// The right to send one order.
#[derive(Debug)]
#[must_use = "dropped, it is somebody else's"]
pub(crate) struct Place {
    governor: Governor,
    segment: Segment,
    has_left: bool,
}

impl Place {
    fn taken(ticket: &Ticket) -> Self {
        Self {
            governor: ticket.governor.clone(),
            segment: ticket.segment.clone(),
            has_left: false,
        }
    }

    /// Sends the order. Its place is free again a second after the broker has answered, or after
    /// [`ON_THE_WAY`] without an answer: a broker that hangs must not keep exits for longer.
    pub(crate) async fn leave_with<T>(mut self, sending: impl Future<Output = T>) -> T {
        // If it is given up, or panics, nobody knows whether the order has left.
        self.has_left = true;
        let mut sending = pin!(sending);
        let answer = timeout(ON_THE_WAY, &mut sending).await;
        drop(self);
        match answer {
            Ok(answer) => answer,
            Err(_late) => sending.await,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lines = self.governor.lock();
        let (now, left) = (self.governor.ticks.now(), self.governor.ticks.no_later());
        let line = lines.of(&self.segment);
        line.free(self.has_left.then_some(left), now);
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "the small spans of tests")]
mod tests;
