//! What a writer remembers of each instrument and product that it took orders for.

use openalgo_core::id::IntentId;
use openalgo_core::market::InstrumentKey;
use openalgo_core::order::{OrderIntent, Product};
use openalgo_core::paper::PaperStanding;
use std::collections::BTreeMap;

/// What a position is kept under within one account.
pub(crate) type Slot = (InstrumentKey, Product);

/// What the writer of an account knows of a slot.
#[derive(Debug, Clone)]
pub(crate) struct AccountStanding {
    pub(crate) slot: Slot,
    /// Orders that were taken and have no outcome yet. They may not be stored yet either.
    pub(crate) flying: Vec<OrderIntent>,
    /// Exactly what there is, where the exchange is in this process.
    pub(crate) paper: Option<PaperStanding>,
}

impl AccountStanding {
    pub(super) fn of(slot: Slot) -> Self {
        Self {
            slot,
            flying: Vec::new(),
            paper: None,
        }
    }
}

/// The orders that a writer took.
#[derive(Debug, Default)]
pub(super) struct Slots {
    flying: BTreeMap<IntentId, OrderIntent>,
}

impl Slots {
    /// An order takes off; how it ends is not known for a while.
    pub(super) fn take_off(&mut self, intent: &OrderIntent) {
        self.flying.insert(intent.id, intent.clone());
    }

    /// What became of an order is known.
    pub(super) fn land(&mut self, intent: IntentId) {
        self.flying.remove(&intent);
    }

    /// Says what is known of a slot.
    pub(super) fn tell(&self, standing: &mut AccountStanding) {
        let (instrument, product) = &standing.slot;
        let is_of_it = |intent: &&OrderIntent| {
            intent.order.instrument == *instrument && intent.order.product == *product
        };
        standing.flying = self.flying.values().filter(is_of_it).cloned().collect();
    }
}
