//! How much one order may have before the exchange freezes it.

use super::change::changes;
use super::{Change, Exchange};
use crate::value::Quantity;
use std::collections::BTreeMap;

/// The largest quantities that one order for contracts on an underlying may have.
///
/// What stands in it is decided elsewhere; of an underlying that is not in it nothing is known,
/// which does not mean that there is no such quantity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FreezeQuantities {
    by_underlying: BTreeMap<Exchange, BTreeMap<Box<str>, Quantity>>,
}

impl FreezeQuantities {
    /// Those of these underlyings, by the exchange on which their contracts trade. Of two of one
    /// underlying the later one counts.
    pub fn new(known: impl IntoIterator<Item = (Exchange, Box<str>, Quantity)>) -> Self {
        let mut quantities = Self::default();
        for (exchange, underlying, quantity) in known {
            let of_exchange = quantities.by_underlying.entry(exchange).or_default();
            of_exchange.insert(underlying, quantity);
        }
        quantities
    }

    /// These, with those of the underlyings that another has in place of what is here.
    #[must_use]
    pub fn updated_by(mut self, newer: Self) -> Self {
        for (exchange, quantities) in newer.by_underlying {
            let known = self.by_underlying.entry(exchange).or_default();
            known.extend(quantities);
        }
        self
    }

    /// The largest quantity of contracts on an underlying, where it is known.
    pub fn of(&self, exchange: Exchange, underlying: &str) -> Option<Quantity> {
        self.by_underlying.get(&exchange)?.get(underlying).copied()
    }

    /// What is other than in an earlier one, by exchange and underlying.
    pub fn changes_from(&self, before: &Self) -> Vec<Change<(Exchange, Box<str>), Quantity>> {
        changes(&before.by_name(), &self.by_name())
    }

    fn by_name(&self) -> BTreeMap<(Exchange, Box<str>), Quantity> {
        let all = self.by_underlying.iter().flat_map(|(exchange, known)| {
            let of_exchange = known.iter();
            of_exchange.map(|(name, quantity)| ((*exchange, name.clone()), *quantity))
        });
        all.collect()
    }

    /// Of how many underlyings it is known.
    pub fn len(&self) -> usize {
        self.by_underlying.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.by_underlying.values().all(BTreeMap::is_empty)
    }
}
