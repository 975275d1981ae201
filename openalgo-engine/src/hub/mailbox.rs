//! What waits for a reader: of each instrument the latest price, and no more.

use openalgo_core::market::{Tick, Timestamp};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How long a reader may take nothing while prices wait for it.
pub(super) const PATIENCE: chrono::Duration = chrono::Duration::seconds(60);

/// What a reader gets next.
#[derive(Debug, Clone)]
pub enum NextTick {
    /// A price.
    Tick(Arc<Tick>),
    /// The reader took nothing for a minute while prices waited; it gets no more of them.
    TooSlow,
    /// The engine has stopped.
    End,
}

/// The place of an instrument in a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(usize);

#[derive(Debug, Default)]
struct Inside {
    /// The latest price of each instrument that was not taken yet.
    waiting: Vec<Option<Arc<Tick>>>,
    /// Those that have one, the first to be taken first.
    ready: VecDeque<usize>,
    /// Places of instruments that are not read any more.
    free: Vec<usize>,
    /// When the reader last took something, or the first price came to wait after that.
    since: Option<Timestamp>,
    /// Prices that were replaced by later ones before they were taken.
    conflated: u64,
    closed: Option<NextTick>,
}

/// What waits for a reader.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    inside: Mutex<Inside>,
    bell: Notify,
}

impl Mailbox {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for one more instrument.
    pub(super) fn add(&self) -> Slot {
        let mut inside = self.inside();
        if let Some(place) = inside.free.pop() {
            return Slot(place);
        }
        inside.waiting.push(None);
        Slot(inside.waiting.len().saturating_sub(1))
    }

    /// Drops an instrument and what waits of it.
    pub(super) fn remove(&self, slot: Slot) {
        let mut inside = self.inside();
        if let Some(place) = inside.waiting.get_mut(slot.0) {
            *place = None;
            inside.ready.retain(|ready| *ready != slot.0);
            inside.free.push(slot.0);
            if inside.ready.is_empty() {
                inside.since = None;
            }
        }
    }

    /// Puts a price there; it replaces the one of its instrument that was not taken yet. Whether
    /// the reader still reads.
    pub(super) fn put(&self, slot: Slot, tick: &Arc<Tick>) -> bool {
        let mut inside = self.inside();
        if inside.closed.is_some() {
            return false;
        }
        let now = tick.received_at;
        let late = |since: Timestamp| now.since(since) > PATIENCE;
        if inside.since.is_some_and(late) {
            inside.closed = Some(NextTick::TooSlow);
            inside.ready.clear();
            inside.waiting.fill(None);
            drop(inside);
            self.bell.notify_one();
            return false;
        }
        let Some(place) = inside.waiting.get_mut(slot.0) else {
            return true;
        };
        if place.replace(Arc::clone(tick)).is_some() {
            inside.conflated = inside.conflated.saturating_add(1);
            return true;
        }
        inside.ready.push_back(slot.0);
        let first = inside.since.is_none();
        if first {
            inside.since = Some(now);
        }
        drop(inside);
        if first {
            self.bell.notify_one();
        }
        true
    }

    /// The next price, if one waits.
    pub(super) fn take(&self) -> Option<NextTick> {
        let mut inside = self.inside();
        while let Some(place) = inside.ready.pop_front() {
            let tick = inside.waiting.get_mut(place).and_then(Option::take);
            if let Some(tick) = tick {
                // With what it takes, a reader shows how far it has come.
                let is_empty = inside.ready.is_empty();
                inside.since = inside.since.filter(|_| !is_empty);
                inside.since = inside.since.map(|since| since.max(tick.received_at));
                return Some(NextTick::Tick(tick));
            }
        }
        inside.since = None;
        inside.closed.clone()
    }

    /// Waits for the next price.
    pub(super) async fn next(&self) -> NextTick {
        loop {
            let rung = self.bell.notified();
            if let Some(next) = self.take() {
                return next;
            }
            rung.await;
        }
    }

    /// Ends it; what waits can still be taken.
    pub(super) fn close(&self) {
        let mut inside = self.inside();
        inside.closed.get_or_insert(NextTick::End);
        drop(inside);
        self.bell.notify_one();
    }

    pub(super) fn conflated(&self) -> u64 {
        self.inside().conflated
    }
}
