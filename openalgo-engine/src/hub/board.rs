//! Who wants which prices, what the last ones were, and handing them on.

use super::mailbox::{Mailbox, Slot};
use super::quarantine::{Impossible, Quarantined};
use openalgo_core::market::{FeedMode, InstrumentKey, Quote, Tick, Timestamp};
use openalgo_core::rule::known_market::KnownMarket;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ReaderId(u64);

/// The last price of an instrument.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) tick: Arc<Tick>,
    pub(super) quote: Quote,
}

/// A reader's wish for an instrument.
#[derive(Debug)]
struct Wish {
    reader: ReaderId,
    mode: FeedMode,
    slot: Slot,
    mailbox: Arc<Mailbox>,
}

/// An instrument that somebody wants.
#[derive(Debug, Default)]
struct Place {
    wishes: Vec<Wish>,
    last: Option<Arc<Tick>>,
    market: KnownMarket,
}

impl Place {
    /// The most that anybody wants.
    fn mode(&self) -> FeedMode {
        let modes = self.wishes.iter().map(|wish| wish.mode);
        modes.max().unwrap_or(FeedMode::Ltp)
    }
}

/// Everything that the hub knows.
#[derive(Debug, Default)]
pub(super) struct Board {
    places: BTreeMap<InstrumentKey, Place>,
    readers: BTreeMap<ReaderId, Arc<Mailbox>>,
    last_reader: u64,
    /// Prices that were handed on.
    pub(super) admitted: u64,
    pub(super) quarantined: Quarantined,
    /// Readers that were dropped.
    pub(super) dropped: u64,
    /// When the last price came.
    pub(super) last_at: Option<Timestamp>,
    /// Whether there will be no more prices.
    is_over: bool,
}

impl Board {
    /// Lets somebody read.
    pub(super) fn join(&mut self) -> (ReaderId, Arc<Mailbox>) {
        self.last_reader = self.last_reader.wrapping_add(1);
        let (id, mailbox) = (ReaderId(self.last_reader), Arc::<Mailbox>::default());
        if self.is_over {
            mailbox.close();
        } else {
            self.readers.insert(id, Arc::clone(&mailbox));
        }
        (id, mailbox)
    }

    /// Takes a reader off.
    pub(super) fn leave(&mut self, reader: ReaderId) {
        self.readers.remove(&reader);
        self.places.retain(|_, place| {
            place.wishes.retain(|wish| wish.reader != reader);
            !place.wishes.is_empty()
        });
    }

    /// Lets a reader have prices of an instrument, the last one at once.
    pub(super) fn wish(&mut self, reader: ReaderId, key: &InstrumentKey, mode: FeedMode) {
        let Some(mailbox) = self.readers.get(&reader) else {
            return;
        };
        let place = self.places.entry(key.clone()).or_default();
        let mut wishes = place.wishes.iter_mut();
        if let Some(wish) = wishes.find(|wish| wish.reader == reader) {
            wish.mode = mode;
            return;
        }
        let slot = mailbox.add();
        if let Some(last) = &place.last {
            mailbox.put(slot, last);
        }
        place.wishes.push(Wish {
            reader,
            mode,
            slot,
            mailbox: Arc::clone(mailbox),
        });
    }

    /// Lets a reader have no more prices of an instrument.
    pub(super) fn forgo(&mut self, reader: ReaderId, key: &InstrumentKey) {
        let Some(place) = self.places.get_mut(key) else {
            return;
        };
        let mut wishes = place.wishes.iter();
        if let Some(at) = wishes.position(|wish| wish.reader == reader) {
            let wish = place.wishes.swap_remove(at);
            wish.mailbox.remove(wish.slot);
        }
        if place.wishes.is_empty() {
            self.places.remove(key);
        }
    }

    /// The instruments whose prices a reader has.
    pub(super) fn of_reader(&self, reader: ReaderId) -> Vec<InstrumentKey> {
        let has = |place: &Place| place.wishes.iter().any(|wish| wish.reader == reader);
        let places = self.places.iter().filter(|(_, place)| has(place));
        places.map(|(key, _)| key.clone()).collect()
    }

    /// All that is wanted: what the feed must be asked for.
    pub(super) fn wanted(&self) -> BTreeMap<InstrumentKey, FeedMode> {
        let places = self.places.iter();
        places
            .map(|(key, place)| (key.clone(), place.mode()))
            .collect()
    }

    pub(super) fn wanted_count(&self) -> usize {
        self.places.len()
    }

    pub(super) fn reader_count(&self) -> usize {
        self.readers.len()
    }

    /// The last price of an instrument.
    pub(super) fn last(&self, key: &InstrumentKey) -> Option<Known> {
        let place = self.places.get(key)?;
        let (tick, quote) = (place.last.clone()?, place.market.quote().cloned()?);
        Some(Known { tick, quote })
    }

    /// When the last price came of each instrument that is wanted.
    pub(super) fn ages(&self) -> impl Iterator<Item = (&InstrumentKey, Option<Timestamp>)> {
        let arrived = |place: &Place| place.last.as_ref().map(|last| last.received_at);
        let places = self.places.iter();
        places.map(move |(key, place)| (key, arrived(place)))
    }

    /// Judges a price, and hands it to everybody who wants it. Whether that showed that somebody
    /// reads no more.
    pub(super) fn take(&mut self, tick: Tick, was_asked_for: bool) -> bool {
        let dropped = self.dropped;
        if let Err(why) = self.hand_on(tick, was_asked_for) {
            if self.quarantined.of(why) == 0 {
                // Which instrument it was would be a symbol in the log.
                tracing::warn!(%why, "a price that cannot be was kept from everybody");
            }
            self.quarantined.count(why);
        }
        self.dropped != dropped
    }

    fn hand_on(&mut self, tick: Tick, was_asked_for: bool) -> Result<(), Impossible> {
        let Some(place) = self.places.get_mut(&tick.instrument) else {
            // The last reader has just left, and the feed does not know it yet.
            return if was_asked_for {
                Ok(())
            } else {
                Err(Impossible::Foreign)
            };
        };
        place.market.take(&tick)?;
        self.last_at = Some(tick.received_at);
        self.admitted = self.admitted.saturating_add(1);
        let tick = Arc::new(tick);
        let mut slow = Vec::new();
        for wish in &place.wishes {
            if !wish.mailbox.put(wish.slot, &tick) {
                slow.push(wish.reader);
            }
        }
        place.last = Some(tick);
        for reader in slow {
            tracing::warn!("a reader of prices took nothing for too long and was dropped");
            self.dropped = self.dropped.saturating_add(1);
            self.leave(reader);
        }
        Ok(())
    }

    /// Ends every reader; what waits for them they can still take.
    pub(super) fn end(&mut self) {
        self.is_over = true;
        for mailbox in std::mem::take(&mut self.readers).into_values() {
            mailbox.close();
        }
        self.places.clear();
    }
}
