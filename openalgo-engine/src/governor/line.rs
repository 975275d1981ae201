//! One segment: its window, and who waits.

use openalgo_core::market::Timestamp;
use openalgo_core::rule::governor::{Next, ORDERS_A_SECOND, Urgency, Window};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How many may wait in a line: entries among all, and exits among themselves.
pub(crate) const LINE: usize = 1_000;

/// How long an entry may wait for its turn.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A place in line: what takes risk away comes first, then whoever came first.
pub(super) type Number = (Urgency, u64);

#[derive(Debug)]
struct Waiting {
    since: Timestamp,
    called: Arc<Notify>,
}

impl Waiting {
    fn is_late(&self, now: Timestamp) -> bool {
        let waited = now.since(self.since).to_std();
        waited.is_ok_and(|waited| waited > LONGEST_WAIT)
    }
}

/// The line of a segment.
#[derive(Debug)]
pub(super) struct Line {
    window: Window,
    waiting: BTreeMap<Number, Waiting>,
    joined: u64,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            window: Window::new(ORDERS_A_SECOND),
            waiting: BTreeMap::new(),
            joined: 0,
        }
    }
}

impl Line {
    /// Takes one more into the line, unless it is full.
    pub(super) fn join(
        &mut self,
        (urgency, limit): (Urgency, NonZeroU32),
        now: Timestamp,
        called: Arc<Notify>,
    ) -> Option<u64> {
        if !self.has_room(urgency, limit) {
            return None;
        }
        self.joined = self.joined.saturating_add(1);
        let waiting = Waiting { since: now, called };
        self.waiting.insert((urgency, self.joined), waiting);
        Some(self.joined)
    }

    /// An entry that could not leave in time need not wait for it. An exit is kept from leaving by
    /// nothing but other exits.
    fn has_room(&self, urgency: Urgency, limit: NonZeroU32) -> bool {
        match urgency {
            Urgency::Exit => self.exits() < LINE,
            Urgency::Entry => {
                let in_time = u64::from(limit.get()).saturating_mul(LONGEST_WAIT.as_secs());
                let in_time = usize::try_from(in_time).unwrap_or(usize::MAX);
                self.waiting.len() < in_time.min(LINE)
            }
        }
    }

    fn exits(&self) -> usize {
        let entries = (Urgency::Entry, 0);
        self.waiting.range(..entries).count()
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// When one of the line may leave, which it may at once when it has a place now; `None` when
    /// it has waited for too long.
    pub(super) fn ask(
        &mut self,
        (number, limit): (Number, NonZeroU32),
        now: Timestamp,
    ) -> Option<Next> {
        let is_late = self.waiting.get(&number).is_none_or(|it| it.is_late(now));
        if number.0 == Urgency::Entry && is_late {
            return None;
        }
        self.window.set_limit(limit);
        let is_next = self.waiting.keys().next() == Some(&number);
        Some(if is_next {
            self.window.take(now)
        } else {
            Next::AfterDeparture
        })
    }

    /// Lets one out of the line, with a place or without.
    pub(super) fn leave(&mut self, number: Number, now: Timestamp) {
        self.waiting.remove(&number);
        self.call_next(now);
    }

    /// One that had a place has left, or will not.
    pub(super) fn free(&mut self, left: Option<Timestamp>, now: Timestamp) {
        match left {
            Some(left) => self.window.leave(left),
            None => self.window.give_back(),
        }
        self.call_next(now);
    }

    /// Tells whose turn is next, and the entry that has waited longest if that was too long: exits
    /// that keep coming must not keep it for ever.
    pub(super) fn call_next(&mut self, now: Timestamp) {
        if let Some(first) = self.waiting.values().next() {
            first.called.notify_one();
        }
        let mut entries = self.waiting.range((Urgency::Entry, 0)..);
        if let Some((_, oldest)) = entries.next().filter(|(_, it)| it.is_late(now)) {
            oldest.called.notify_one();
        }
    }

    /// Tells everybody.
    pub(super) fn call_all(&self) {
        for waiting in self.waiting.values() {
            waiting.called.notify_one();
        }
    }
}
