//! What orders that wait for a price reserve.

use super::Account;
use crate::paper::exposure;
use openalgo_core::market::Instrument;
use openalgo_core::order::NewOrder;
use openalgo_core::paper::{GttOrders, LedgerEntry, OcoMargin, PaperRefusal};
use openalgo_core::value::{Money, Price, ValueError};

impl Account {
    /// Reserves what one may need, instead of what was reserved for it before.
    pub(super) fn reserve_for(
        &mut self,
        orders: &GttOrders,
        instrument: &Instrument,
    ) -> Result<Option<LedgerEntry>, PaperRefusal> {
        let mut needed = Money::ZERO;
        for leg in &orders.legs {
            let leg = self.needed_by(leg, instrument)?;
            needed = match self.terms.oco_margin {
                OcoMargin::Max => needed.max(leg),
                OcoMargin::Sum => needed.plus(leg)?,
            };
        }
        let before = self.reservations.get(&orders.gtt).copied();
        let before = before.unwrap_or(Money::ZERO);
        if needed == before {
            return Ok(None);
        }
        let mut draft = self.draft();
        exposure::affordable(needed.minus(before)?, draft.available())?;
        draft.reserve(&orders.gtt, (before, needed))?;
        let images = draft.finish();
        Ok(Some(self.adopt(images, orders.at)))
    }

    /// What the order of a leg needs, all of its units counted: what is held may be gone when its
    /// price comes.
    fn needed_by(
        &self,
        (order, price): &(NewOrder, Price),
        instrument: &Instrument,
    ) -> Result<Money, ValueError> {
        let what = (instrument, order.side, order.product);
        self.terms.leverage.margin(what, order.quantity, *price)
    }
}
