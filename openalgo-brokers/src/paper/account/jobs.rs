//! What happens to an account by itself.

use super::Account;
use crate::paper::delivery;
use crate::paper::draft::AfterImages;
use openalgo_core::market::Timestamp;
use openalgo_core::order::Product;
use openalgo_core::paper::{LedgerEntry, PaperJob, PaperJobKind, PaperRefusal};
use openalgo_core::portfolio::{Funds, Position};
use openalgo_core::value::Money;

impl Account {
    /// The first job by `until` that changes something; with none, all of them are done.
    pub(super) fn due(&mut self, until: Timestamp) -> Option<PaperJob> {
        while let Some(job) = self.terms.next_job(self.jobs_until, until) {
            if self.has_work_for(job) {
                return Some(job);
            }
            self.jobs_until = job.at;
        }
        self.jobs_until = self.jobs_until.max(until);
        None
    }

    fn has_work_for(&self, job: PaperJob) -> bool {
        match job.kind {
            PaperJobKind::Deliver => self.positions.values().any(is_deliverable),
            PaperJobKind::Reset => {
                let untouched = Funds {
                    reset_count: self.funds.reset_count,
                    ..Funds::opening(self.terms.capital)
                };
                let holds_nothing = self.positions.is_empty() && self.holdings.is_empty();
                !(self.funds == untouched && holds_nothing && self.orders.is_empty())
            }
        }
    }

    /// Does a job; that it is done is part of the same entry.
    pub(super) fn finish_job(&mut self, job: PaperJob) -> Result<LedgerEntry, PaperRefusal> {
        let before = std::mem::replace(&mut self.jobs_until, job.at);
        let done = match job.kind {
            PaperJobKind::Deliver => self.deliver(job.at),
            PaperJobKind::Reset => self.start_anew(job.at),
        };
        if done.is_err() {
            self.jobs_until = before;
        }
        done
    }

    /// Turns the shares that were bought for delivery into holdings.
    fn deliver(&mut self, at: Timestamp) -> Result<LedgerEntry, PaperRefusal> {
        let mut images = AfterImages::of(&self.funds);
        for (slot, position) in &self.positions {
            if !is_deliverable(position) {
                continue;
            }
            let symbol = &position.key.instrument.symbol;
            let known = images.holdings.get(symbol);
            let known = known.or_else(|| self.holdings.get(symbol));
            let delivered = delivery::deliver(position, known, at)?;
            let funds = &mut images.funds;
            funds.used_margin = funds.used_margin.minus(position.margin)?;
            images.holdings.insert(symbol.clone(), delivered.holding);
            images.positions.insert(slot.clone(), delivered.position);
            images.movements.push(delivered.movement);
        }
        Ok(self.adopt(images, at))
    }
}

fn is_deliverable(position: &Position) -> bool {
    position.key.product == Product::Cnc
        && position.quantity.is_long()
        && position.cost >= Money::ZERO
}
