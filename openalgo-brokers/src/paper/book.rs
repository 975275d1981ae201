//! The orders that rest in an account, found by the price that they wait for.

use super::matching;
use openalgo_core::id::BrokerOrderId;
use openalgo_core::market::{InstrumentKey, Timestamp};
use openalgo_core::order::{NewOrder, Product, Side};
use openalgo_core::paper::{PriceBand, Watch, WorkingOrder};
use openalgo_core::value::{Price, Quantity, ValueError};
use std::collections::{BTreeMap, BTreeSet};

/// An order that rests, and up to when prices have been looked at for it.
#[derive(Debug, Clone)]
pub(super) struct Resting {
    pub(super) working: WorkingOrder,
    pub(super) seen: Timestamp,
}

impl Resting {
    fn band(&self) -> PriceBand {
        let order = &self.working.intent.order;
        let waits = self.working.state.awaits_trigger();
        matching::band(order.kind, order.side, waits)
    }
}

/// At which ends a range of prices is open. Of two that are open at the same one, the wider covers
/// the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ends {
    Below,
    Above,
    Both,
    /// At none: it stands for itself alone.
    Neither(Price, Price),
}

impl From<PriceBand> for Ends {
    fn from(band: PriceBand) -> Self {
        match (band.low, band.high) {
            (None, None) => Self::Both,
            (None, Some(_)) => Self::Below,
            (Some(_), None) => Self::Above,
            (Some(low), Some(high)) => Self::Neither(low, high),
        }
    }
}

/// What orders of one kind share: they close each other's exits.
type Rivals = (InstrumentKey, Product, Side);

fn rivals_of(order: &NewOrder) -> Rivals {
    (order.instrument.clone(), order.product, order.side)
}

/// The orders of one instrument, by the nearer end of what they wait for.
#[derive(Debug, Default)]
struct Waiting {
    /// Those that wait for a price no higher than this.
    below: BTreeMap<Price, BTreeSet<BrokerOrderId>>,
    /// Those that wait for a price no lower than this; some wait for one no higher than another,
    /// too.
    above: BTreeMap<Price, BTreeSet<BrokerOrderId>>,
    /// Those that any price meets.
    any: BTreeSet<BrokerOrderId>,
}

impl Waiting {
    fn place(&mut self, band: PriceBand) -> &mut BTreeSet<BrokerOrderId> {
        match (band.low, band.high) {
            (Some(low), _) => self.above.entry(low).or_default(),
            (None, Some(high)) => self.below.entry(high).or_default(),
            (None, None) => &mut self.any,
        }
    }

    fn remove(&mut self, band: PriceBand, id: &BrokerOrderId) {
        let there = self.place(band);
        there.remove(id);
        if !there.is_empty() {
            return;
        }
        match (band.low, band.high) {
            (Some(low), _) => drop(self.above.remove(&low)),
            (None, Some(high)) => drop(self.below.remove(&high)),
            (None, None) => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.below.is_empty() && self.above.is_empty() && self.any.is_empty()
    }

    /// Those that may wait for a price.
    fn at(&self, price: Price) -> impl Iterator<Item = &BrokerOrderId> {
        let below = self.below.range(price..).flat_map(|(_, ids)| ids);
        let above = self.above.range(..=price).flat_map(|(_, ids)| ids);
        below.chain(above).chain(&self.any)
    }
}

/// The orders that rest in an account.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// By order number, which is the order in which they arrived.
    orders: BTreeMap<BrokerOrderId, Resting>,
    waiting: BTreeMap<InstrumentKey, Waiting>,
    /// How many units orders of a kind wait to trade.
    units: BTreeMap<Rivals, i128>,
}

impl Book {
    pub(super) fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    pub(super) fn get(&self, id: &BrokerOrderId) -> Option<&Resting> {
        self.orders.get(id)
    }

    /// All of them, those that arrived first first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&BrokerOrderId, &Resting)> {
        self.orders.iter()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &BrokerOrderId> {
        self.orders.keys()
    }

    /// Adds an order, or replaces what is known of it.
    pub(super) fn insert(&mut self, id: BrokerOrderId, resting: Resting) {
        self.remove(&id);
        let order = &resting.working.intent.order;
        let units = self.units.entry(rivals_of(order)).or_default();
        *units = units.saturating_add(order.quantity.get().into());
        let waiting = self.waiting.entry(order.instrument.clone()).or_default();
        waiting.place(resting.band()).insert(id.clone());
        self.orders.insert(id, resting);
    }

    pub(super) fn remove(&mut self, id: &BrokerOrderId) {
        let Some(resting) = self.orders.remove(id) else {
            return;
        };
        let order = &resting.working.intent.order;
        let rivals = rivals_of(order);
        if let Some(units) = self.units.get_mut(&rivals) {
            *units = units.saturating_sub(order.quantity.get().into());
            if *units == 0 {
                self.units.remove(&rivals);
            }
        }
        if let Some(waiting) = self.waiting.get_mut(&order.instrument) {
            waiting.remove(resting.band(), id);
            if waiting.is_empty() {
                self.waiting.remove(&order.instrument);
            }
        }
    }

    /// The orders of an instrument that a price meets, those that arrived first first.
    pub(super) fn met(&self, instrument: &InstrumentKey, price: Price) -> BTreeSet<BrokerOrderId> {
        let waiting = self.waiting.get(instrument).into_iter();
        let near = waiting.flat_map(|waiting| waiting.at(price));
        let meets = |id: &&BrokerOrderId| {
            let resting = self.orders.get(*id);
            resting.is_some_and(|resting| resting.band().contains(price))
        };
        near.filter(meets).cloned().collect()
    }

    /// Units that orders of the same side, instrument and product wait to trade, beside `own` ones
    /// of the order itself.
    ///
    /// Several exits may rest against one position; together they may close it only once, so each
    /// new one counts those before it.
    pub(super) fn units_beside(
        &self,
        order: &NewOrder,
        own: Quantity,
    ) -> Result<Quantity, ValueError> {
        let all = self.units.get(&rivals_of(order)).copied();
        let others = all.unwrap_or_default().saturating_sub(own.get().into());
        Quantity::try_new(i64::try_from(others).unwrap_or(i64::MAX))
    }

    /// Notes that an order has seen the prices up to an instant.
    pub(super) fn see(&mut self, id: &BrokerOrderId, until: Timestamp) {
        if let Some(resting) = self.orders.get_mut(id) {
            resting.seen = resting.seen.max(until);
        }
    }

    /// What the orders wait for: of those that have seen the same, the widest range.
    pub(super) fn watches(&self) -> Vec<Watch> {
        let mut widest = BTreeMap::new();
        for resting in self.orders.values() {
            let (instrument, band) = (&resting.working.intent.order.instrument, resting.band());
            let kind = (instrument, resting.seen, Ends::from(band));
            let known = widest.entry(kind).or_insert(band);
            if band.covers(*known) {
                *known = band;
            }
        }
        let watch = |((instrument, seen, _), band): ((&InstrumentKey, _, _), _)| Watch {
            instrument: instrument.clone(),
            band,
            seen,
        };
        widest.into_iter().map(watch).collect()
    }

    /// Notes that prices were looked through up to an instant.
    pub(super) fn see_watched(&mut self, watched: &[Watch], until: Timestamp) {
        let mut by_instrument: BTreeMap<_, Vec<&Watch>> = BTreeMap::new();
        for watch in watched {
            let known = by_instrument.entry(&watch.instrument).or_default();
            known.push(watch);
        }
        if by_instrument.is_empty() {
            return;
        }
        for resting in self.orders.values_mut() {
            let instrument = &resting.working.intent.order.instrument;
            let mut looked_through = by_instrument.get(instrument).into_iter().flatten();
            let band = resting.band();
            // What was looked through must not begin too late.
            if looked_through.any(|it| it.seen <= resting.seen && it.band.covers(band)) {
                resting.seen = resting.seen.max(until);
            }
        }
    }
}
