//! What a writer remembers of each instrument and product that it took orders for.

use openalgo_core::id::IntentId;
use openalgo_core::market::InstrumentKey;
use openalgo_core::order::{OrderIntent, Product};
use openalgo_core::paper::PaperStanding;
use std::collections::BTreeMap;

/// What a position is kept under within one account.
pub(crate) type Slot = (InstrumentKey, Product);

/// How far an account was when something was read from it. It says whether what was decided on
/// that reading still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Turn {
    /// How often the writer began anew from what is stored, or the account changed by itself.
    beginning: u64,
    /// Orders for the slot that it took since it exists.
    orders: u64,
}

/// What the writer of an account knows of a slot.
#[derive(Debug, Clone)]
pub(crate) struct AccountStanding {
    pub(crate) slot: Slot,
    pub(crate) turn: Turn,
    /// Orders that were taken and have no outcome yet. They may not be stored yet either.
    pub(crate) flying: Vec<OrderIntent>,
    /// Orders as they will be under terms that were taken and have no outcome yet.
    pub(crate) changing: Vec<OrderIntent>,
    /// Exactly what there is, where the exchange is in this process.
    pub(crate) paper: Option<PaperStanding>,
}

impl AccountStanding {
    pub(super) fn of(slot: Slot) -> Self {
        Self {
            slot,
            turn: Turn::default(),
            flying: Vec::new(),
            changing: Vec::new(),
            paper: None,
        }
    }
}

/// The orders that a writer took.
#[derive(Debug, Default)]
pub(super) struct Slots {
    beginning: u64,
    /// How many of each slot.
    taken: BTreeMap<Slot, u64>,
    flying: BTreeMap<IntentId, OrderIntent>,
    /// Orders as they will be under terms that they are about to get.
    changing: BTreeMap<IntentId, OrderIntent>,
}

impl Slots {
    /// The writer begins anew, and what was read before may never have come true; or the account
    /// did, or closed and delivered what it held.
    pub(super) fn begin_anew(&mut self) {
        self.beginning = self.beginning.saturating_add(1);
    }

    /// An order for a slot is taken.
    pub(super) fn take(&mut self, slot: Slot) {
        let taken = self.taken.entry(slot).or_default();
        *taken = taken.saturating_add(1);
    }

    pub(super) fn turn(&self, slot: &Slot) -> Turn {
        Turn {
            beginning: self.beginning,
            orders: self.taken.get(slot).copied().unwrap_or_default(),
        }
    }

    /// An order takes off; how it ends is not known for a while.
    pub(super) fn take_off(&mut self, intent: &OrderIntent) {
        self.flying.insert(intent.id, intent.clone());
    }

    /// What became of an order is known.
    pub(super) fn land(&mut self, intent: IntentId) {
        self.flying.remove(&intent);
    }

    /// An order is about to get other terms; false when it is so already.
    pub(super) fn begin_change(&mut self, changed: OrderIntent) -> bool {
        if self.changing.contains_key(&changed.id) {
            return false;
        }
        self.changing.insert(changed.id, changed);
        true
    }

    /// What became of other terms for an order is known, or stored.
    pub(super) fn end_change(&mut self, intent: IntentId) {
        self.changing.remove(&intent);
    }

    /// Says what is known of a slot.
    pub(super) fn tell(&self, standing: &mut AccountStanding) {
        standing.turn = self.turn(&standing.slot);
        let (instrument, product) = &standing.slot;
        let is_of_it = |intent: &&OrderIntent| {
            intent.order.instrument == *instrument && intent.order.product == *product
        };
        let of_it = |all: &BTreeMap<IntentId, OrderIntent>| {
            all.values().filter(is_of_it).cloned().collect()
        };
        standing.flying = of_it(&self.flying);
        standing.changing = of_it(&self.changing);
    }
}
