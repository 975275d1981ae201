//! What happens to an account by itself.

use super::Account;
use crate::paper::delivery;
use crate::paper::draft::AfterImages;
use openalgo_core::market::{InstrumentKey, Timestamp};
use openalgo_core::order::{NewOrder, Product};
use openalgo_core::paper::{
    JobPrices, LedgerEntry, OptionSettlement, PaperJob, PaperJobKind, PaperRefusal, expiry_of,
};
use openalgo_core::portfolio::{DayTotals, Funds, Position};
use openalgo_core::value::Money;
use std::collections::BTreeSet;

/// How far a job came.
pub(super) struct Done {
    pub(super) images: AfterImages,
    /// Whether nothing of it is left.
    pub(super) is_whole: bool,
    pub(super) last_order_number: u64,
}

/// What becomes of what has no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unpriced {
    /// It stays, and so does the job, until there is one.
    Waits,
    /// It stays, and a later job ends it.
    IsLeft,
    /// It ends at the last price that the account has seen.
    LastSeen,
}

impl Account {
    /// What becomes at an instant of what a job finds no price for: it keeps nothing else waiting.
    pub(super) fn unpriced(&self, job: PaperJob, now: Timestamp) -> Unpriced {
        let mut after = job.done();
        let mut later = std::iter::from_fn(|| {
            let next = self.terms.next_job(after, now)?;
            after = next.done();
            Some(next)
        });
        let is_over = job.is_of_an_earlier_date(now) || later.any(|job| self.has_work_for(job));
        match (is_over, job.ends_its_date()) {
            (false, _) => Unpriced::Waits,
            (true, false) => Unpriced::IsLeft,
            (true, true) => Unpriced::LastSeen,
        }
    }

    /// The first job by `until` that changes something; with none, all of them are done.
    pub(super) fn due(&mut self, until: Timestamp) -> Option<PaperJob> {
        while let Some(job) = self.terms.next_job(self.jobs_until, until) {
            if self.has_work_for(job) {
                return Some(job);
            }
            self.jobs_until = job.done();
        }
        self.jobs_until = self.jobs_until.max(until);
        None
    }

    /// The first job by `until` that is done at prices and may change something.
    pub(super) fn stop_by(&self, until: Timestamp) -> Option<PaperJob> {
        let mut after = self.jobs_until;
        while let Some(job) = self.terms.next_job(after, until) {
            let may_change = !self.orders.is_empty() || self.has_work_for(job);
            if job.kind.needs_prices() && may_change {
                return Some(job);
            }
            after = job.done();
        }
        None
    }

    fn has_work_for(&self, job: PaperJob) -> bool {
        match job.kind {
            PaperJobKind::Deliver => self.positions.values().any(is_deliverable),
            PaperJobKind::SquareOff | PaperJobKind::Settle => {
                let mut orders = self.orders.iter().map(|(_, it)| &it.working.intent.order);
                let has_order = orders.any(|order| self.ends_order(job, order));
                has_order || self.positions.values().any(|it| self.ends(job, it))
            }
            PaperJobKind::SumUp => {
                let earned = self.funds.realized_pnl != self.funds.summed_pnl;
                earned || !self.holdings.is_empty() || self.positions.values().any(was_used)
            }
            PaperJobKind::Reset => {
                let untouched = Funds {
                    reset_count: self.funds.reset_count,
                    last_reset: self.funds.last_reset,
                    summed_pnl: self.funds.summed_pnl,
                    ..Funds::opening(self.terms.capital)
                };
                let holds_nothing = self.positions.is_empty() && self.holdings.is_empty();
                !(self.funds == untouched && holds_nothing && self.orders.is_empty())
            }
        }
    }

    /// Whether a job ends orders of this kind.
    pub(super) fn ends_order(&self, job: PaperJob, order: &NewOrder) -> bool {
        self.ends_slot(job, (&order.instrument, order.product))
    }

    /// Whether a job ends a position.
    pub(super) fn ends(&self, job: PaperJob, position: &Position) -> bool {
        let slot = (&position.key.instrument, position.key.product);
        !position.quantity.is_flat() && self.ends_slot(job, slot)
    }

    fn ends_slot(&self, job: PaperJob, (instrument, product): (&InstrumentKey, Product)) -> bool {
        match job.kind {
            PaperJobKind::SquareOff => {
                let is_over = || self.terms.is_squared_off(instrument.exchange, job.at);
                product == Product::Mis && is_over()
            }
            PaperJobKind::Settle => self.terms.has_settled(instrument, job.at),
            PaperJobKind::Deliver | PaperJobKind::SumUp | PaperJobKind::Reset => false,
        }
    }

    /// The instruments of which a job needs a price.
    pub(super) fn needs_prices_of(&self, job: PaperJob) -> BTreeSet<InstrumentKey> {
        let positions = self.positions.values();
        let instruments = positions.filter(|held| match job.kind {
            PaperJobKind::SquareOff => self.ends(job, held),
            PaperJobKind::Settle => self.ends(job, held) && !self.ends_worthless(held),
            PaperJobKind::SumUp => !held.quantity.is_flat(),
            PaperJobKind::Deliver | PaperJobKind::Reset => false,
        });
        let mut wanted: BTreeSet<_> = instruments.map(|it| it.key.instrument.clone()).collect();
        if job.kind == PaperJobKind::SumUp {
            let holdings = self.holdings.values();
            wanted.extend(holdings.map(|it| it.key.instrument.clone()));
        }
        wanted
    }

    /// Whether a position is in an option that is settled as worthless.
    pub(super) fn ends_worthless(&self, position: &Position) -> bool {
        let key = &position.key.instrument;
        let is_option = expiry_of(key).is_some() && !key.symbol.as_str().ends_with("FUT");
        is_option && self.terms.expiry.options == OptionSettlement::Zero
    }

    /// Does a job, or what of it can be done; that it is done is part of the same entry.
    pub(super) fn finish_job(
        &mut self,
        job: PaperJob,
        prices: &JobPrices,
    ) -> Result<Option<LedgerEntry>, PaperRefusal> {
        let done = match job.kind {
            PaperJobKind::Deliver => self.whole(self.delivered(job.at)?),
            PaperJobKind::SquareOff | PaperJobKind::Settle => self.ended(job, prices)?,
            PaperJobKind::SumUp => self.summed_up(job, prices)?,
            PaperJobKind::Reset => self.whole(self.emptied(job.at)?),
        };
        if done.is_whole {
            self.jobs_until = job.done();
        }
        if done.images.is_empty() {
            return Ok(None);
        }
        self.last_order_number = done.last_order_number;
        Ok(Some(self.adopt(done.images, job.at)))
    }

    fn whole(&self, images: AfterImages) -> Done {
        Done {
            images,
            is_whole: true,
            last_order_number: self.last_order_number,
        }
    }

    /// Turns the shares that were bought for delivery into holdings.
    fn delivered(&self, at: Timestamp) -> Result<AfterImages, PaperRefusal> {
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
        Ok(images)
    }
}

fn is_deliverable(position: &Position) -> bool {
    position.key.product == Product::Cnc
        && position.quantity.is_long()
        && position.cost >= Money::ZERO
}

/// Whether something was held or traded in a position during the day.
fn was_used(position: &Position) -> bool {
    let untraded = DayTotals::default();
    !position.quantity.is_flat()
        || position.day_buy != untraded
        || position.day_sell != untraded
        || !position.today_realized_pnl.is_zero()
}
