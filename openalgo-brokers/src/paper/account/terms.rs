//! Other terms, and starting anew.

use super::Account;
use crate::paper::draft::AfterImages;
use openalgo_core::market::Timestamp;
use openalgo_core::paper::{LedgerEntry, Movement, MovementKind, PaperRefusal, PaperTerms};
use openalgo_core::portfolio::{Funds, Position};
use openalgo_core::value::ValueError;
use std::sync::Arc;

/// Why the orders of an account that starts anew end.
const ANEW: &str = "the paper account was reset";

impl Account {
    /// Goes on under other terms; another capital replaces the one that the account has.
    pub(super) fn change_terms(
        &mut self,
        terms: &Arc<PaperTerms>,
        at: Timestamp,
    ) -> Result<Option<LedgerEntry>, PaperRefusal> {
        self.terms = Arc::clone(terms);
        let more = terms.capital.minus(self.funds.total_capital)?;
        if more.is_zero() {
            return Ok(None);
        }
        let mut images = AfterImages::of(&self.funds);
        images.funds.total_capital = terms.capital;
        images.funds.available = images.funds.available.plus(more)?;
        Ok(Some(self.adopt(images, at)))
    }

    /// Ends every order, lets go of everything, and begins with the capital of the terms.
    pub(super) fn emptied(&self, at: Timestamp) -> Result<AfterImages, PaperRefusal> {
        let mut draft = self.draft();
        for (id, resting) in self.orders.iter() {
            draft.cancel((id, &resting.working), (at, Some(ANEW)))?;
        }
        let mut images = draft.finish();
        for position in self.positions.values() {
            images.movements.extend(what_leaves(position, at)?);
        }
        images.funds = Funds {
            reset_count: self.funds.reset_count.saturating_add(1),
            last_reset: Some(at),
            summed_pnl: self.funds.unsummed_pnl()?.negated(),
            ..Funds::opening(self.terms.capital)
        };
        images.starts_anew = true;
        Ok(images)
    }
}

/// What leaves a position for nothing to be left of it: its units, and all that it has cost or
/// earned.
fn what_leaves(position: &Position, at: Timestamp) -> Result<Option<Movement>, ValueError> {
    let received = if position.quantity.is_short() {
        position.realized_pnl.plus(position.cost)?
    } else {
        position.realized_pnl.minus(position.cost)?
    };
    if position.quantity.is_flat() && received.is_zero() {
        return Ok(None);
    }
    Ok(Some(Movement {
        instrument: position.key.instrument.clone(),
        product: position.key.product,
        kind: MovementKind::Reset,
        units: position.quantity.negated(),
        cash: received.negated(),
        at,
    }))
}
