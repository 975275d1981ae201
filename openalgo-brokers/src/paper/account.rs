//! The machine of one account.

mod deciding;
mod ending;
mod jobs;
mod reserving;
mod terms;

use super::book::{Book, Resting};
use super::decision::Decision;
use super::draft::{AfterImages, Draft, Slot};
use super::number;
use openalgo_core::id::{BrokerOrderId, TriggerId};
use openalgo_core::market::{Instrument, InstrumentKey, Symbol, Timestamp, TradingDay};
use openalgo_core::order::{NewOrder, OrderEventKind, OrderIntent, OrderState, Product};
use openalgo_core::paper::{
    Amendment, GttOrders, JobPrices, LedgerEntry, PaperAccountKey, PaperDay, PaperJob,
    PaperRefusal, PaperStanding, PaperState, PaperTerms, Reservation, Ticket, Watch, WorkingOrder,
};
use openalgo_core::port::PaperAccount;
use openalgo_core::portfolio::{DayTotals, Funds, Holding, Position};
use openalgo_core::value::{Money, NetQuantity, Quantity};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One account of the paper exchange.
#[derive(Debug)]
pub(super) struct Account {
    key: PaperAccountKey,
    version: u64,
    trading_day: TradingDay,
    jobs_until: Timestamp,
    last_order_number: u64,
    funds: Funds,
    positions: BTreeMap<Slot, Position>,
    /// By symbol: a share is the same on every exchange.
    holdings: BTreeMap<Symbol, Holding>,
    orders: Book,
    reservations: BTreeMap<TriggerId, Money>,
    terms: Arc<PaperTerms>,
}

impl Account {
    pub(super) fn new(state: PaperState, terms: Arc<PaperTerms>) -> Self {
        let slot = |position: &Position| (position.key.instrument.clone(), position.key.product);
        let resting = |working: WorkingOrder| {
            let id = working.state.broker_order_id()?.clone();
            let seen = working.updated_at;
            Some((id, Resting { working, seen }))
        };
        let mut orders = Book::default();
        for (id, resting) in state.orders.into_iter().filter_map(resting) {
            orders.insert(id, resting);
        }
        Self {
            key: state.key,
            version: state.version,
            trading_day: state.trading_day,
            jobs_until: state.jobs_until,
            last_order_number: state.last_order_number,
            funds: state.funds,
            positions: state
                .positions
                .into_iter()
                .map(|held| (slot(&held), held))
                .collect(),
            holdings: state
                .holdings
                .into_iter()
                .map(|held| (held.key.instrument.symbol.clone(), held))
                .collect(),
            orders,
            reservations: state
                .reservations
                .into_iter()
                .map(|it| (it.gtt, it.margin))
                .collect(),
            terms,
        }
    }

    fn position(&self, order: &NewOrder) -> Option<&Position> {
        self.positions
            .get(&(order.instrument.clone(), order.product))
    }

    fn draft(&self) -> Draft<'_> {
        Draft::new(&self.funds, (&self.positions, &self.holdings), &self.terms)
    }

    /// Lets a decision take effect and describes it for the ledger.
    fn adopt(&mut self, images: AfterImages, at: Timestamp) -> LedgerEntry {
        self.version = self.version.saturating_add(1);
        self.funds = images.funds;
        for (id, working) in images.orders {
            if matches!(working.state, OrderState::Open { .. }) {
                self.orders.insert(id, Resting { working, seen: at });
            } else {
                self.orders.remove(&id);
            }
        }
        if images.starts_anew {
            self.positions.clear();
            self.holdings.clear();
            self.reservations.clear();
        }
        for it in &images.reservations {
            self.reservations.insert(it.gtt.clone(), it.margin);
        }
        self.reservations.retain(|_, margin| !margin.is_zero());
        let positions: Vec<_> = images.positions.values().cloned().collect();
        self.positions.extend(images.positions);
        let holdings: Vec<_> = images.holdings.values().cloned().collect();
        self.holdings.extend(images.holdings);
        self.holdings.retain(|_, held| !held.quantity.is_zero());
        LedgerEntry {
            key: self.key.clone(),
            version: self.version,
            orders: images.changes,
            starts_anew: images.starts_anew,
            movements: images.movements,
            daily: images.daily,
            positions,
            holdings,
            reservations: images.reservations,
            funds: self.funds.clone(),
            trading_day: self.trading_day,
            jobs_until: self.jobs_until,
            last_order_number: self.last_order_number,
            at,
        }
    }

    /// Units of the shares of an order that were delivered.
    fn held_units(&self, order: &NewOrder) -> Quantity {
        let held = self.holdings.get(&order.instrument.symbol);
        held.map_or(Quantity::ZERO, |held| held.quantity)
    }
}

impl PaperAccount for Account {
    fn begin_day(&mut self, day: TradingDay, at: Timestamp) -> Option<LedgerEntry> {
        if day <= self.trading_day {
            return None;
        }
        self.trading_day = day;
        let mut images = AfterImages::of(&self.funds);
        images.funds.today_realized_pnl = Money::ZERO;
        for (slot, position) in &self.positions {
            let traded =
                !(position.day_buy.quantity.is_zero() && position.day_sell.quantity.is_zero());
            // A closed position stays: opened again, it goes on from what it earned.
            if traded || !position.today_realized_pnl.is_zero() {
                let fresh = Position {
                    today_realized_pnl: Money::ZERO,
                    day_buy: DayTotals::default(),
                    day_sell: DayTotals::default(),
                    updated_at: at,
                    ..position.clone()
                };
                images.positions.insert(slot.clone(), fresh);
            }
        }
        Some(self.adopt(images, at))
    }

    fn next_job(&mut self, until: Timestamp) -> Option<PaperJob> {
        self.due(until)
    }

    fn next_stop(&self, until: Timestamp) -> Option<PaperJob> {
        self.stop_by(until)
    }

    fn wanted(&self, job: PaperJob) -> BTreeSet<InstrumentKey> {
        self.needs_prices_of(job)
    }

    fn do_job(
        &mut self,
        job: PaperJob,
        prices: &JobPrices,
    ) -> Result<Option<LedgerEntry>, PaperRefusal> {
        self.finish_job(job, prices)
    }

    fn last_reset(&self) -> Option<Timestamp> {
        self.funds.last_reset
    }

    fn set_terms(
        &mut self,
        terms: &Arc<PaperTerms>,
        at: Timestamp,
    ) -> Result<Option<LedgerEntry>, PaperRefusal> {
        self.change_terms(terms, at)
    }

    fn reset(&mut self, at: Timestamp) -> Result<LedgerEntry, PaperRefusal> {
        let images = self.emptied(at)?;
        Ok(self.adopt(images, at))
    }

    fn place(
        &mut self,
        intent: OrderIntent,
        ticket: Ticket<'_>,
        reserved_for: Option<&TriggerId>,
    ) -> Result<LedgerEntry, PaperRefusal> {
        let at = intent.at;
        let number = number::next_order_number(self.last_order_number, at)?;
        let mut draft = self.draft();
        if let Some((gtt, margin)) =
            reserved_for.and_then(|gtt| self.reservations.get_key_value(gtt))
        {
            draft.reserve(gtt, (*margin, Money::ZERO))?;
        }
        let mut decision = Decision::new(number::order_id(number)?, intent);
        self.decide(&mut draft, &mut decision, ticket)?;
        draft.settle(decision);
        let images = draft.finish();
        self.last_order_number = number;
        Ok(self.adopt(images, at))
    }

    fn cancel(
        &mut self,
        order: &BrokerOrderId,
        at: Timestamp,
    ) -> Result<LedgerEntry, PaperRefusal> {
        let unknown = || PaperRefusal::UnknownOrder(order.clone());
        let resting = self.orders.get(order).ok_or_else(unknown)?;
        let mut draft = self.draft();
        draft.cancel((order, &resting.working), (at, None))?;
        let images = draft.finish();
        Ok(self.adopt(images, at))
    }

    fn modify(
        &mut self,
        order: &BrokerOrderId,
        amendment: Amendment<'_>,
    ) -> Result<LedgerEntry, PaperRefusal> {
        let Amendment {
            quantity,
            kind,
            ticket,
            at,
        } = amendment;
        let unknown = || PaperRefusal::UnknownOrder(order.clone());
        let resting = self.orders.get(order).ok_or_else(unknown)?;
        let from = resting.working.intent.order.kind.price_type();
        let to = kind.price_type();
        if from != to {
            return Err(PaperRefusal::PriceType { from, to });
        }
        let mut draft = self.draft();
        let mut decision = Decision::of_resting(order.clone(), resting.working.clone());
        let awaits_trigger = decision.working.state.awaits_trigger();
        let modified = OrderEventKind::Modified {
            quantity,
            kind,
            awaits_trigger,
        };
        decision.record(at, modified)?;
        self.decide_anew(&mut draft, &mut decision, (ticket, at))?;
        draft.settle(decision);
        let images = draft.finish();
        Ok(self.adopt(images, at))
    }

    fn reserve(
        &mut self,
        orders: &GttOrders,
        instrument: &Instrument,
    ) -> Result<Option<LedgerEntry>, PaperRefusal> {
        self.reserve_for(orders, instrument)
    }

    fn release(
        &mut self,
        gtt: &TriggerId,
        at: Timestamp,
    ) -> Result<Option<LedgerEntry>, PaperRefusal> {
        let Some(margin) = self.reservations.get(gtt).copied() else {
            return Ok(None);
        };
        let mut draft = self.draft();
        draft.reserve(gtt, (margin, Money::ZERO))?;
        let images = draft.finish();
        Ok(Some(self.adopt(images, at)))
    }

    fn reservations(&self) -> Vec<Reservation> {
        let reserved = self.reservations.iter();
        let reservation = |(gtt, margin): (&TriggerId, &Money)| Reservation {
            gtt: gtt.clone(),
            margin: *margin,
        };
        reserved.map(reservation).collect()
    }

    fn on_quote(&mut self, ticket: Ticket<'_>) -> Option<LedgerEntry> {
        let quote = ticket.quote?;
        let hours = &self.terms.hours;
        let is_open = hours.is_open(quote.instrument.exchange, quote.timestamp);
        let entry = if is_open && quote.is_coherent() {
            self.meet((ticket.instrument, quote))
        } else {
            None
        };
        // Only orders that waited for this price have met it. What lies between the others and it
        // may not have been looked at yet.
        for id in self.orders.met(&quote.instrument, quote.ltp) {
            self.orders.see(&id, quote.timestamp);
        }
        entry
    }

    fn standing(&self, instrument: &InstrumentKey, product: Product) -> PaperStanding {
        let position = self.positions.get(&(instrument.clone(), product));
        let is_of_it = |working: &&WorkingOrder| {
            let order = &working.intent.order;
            order.instrument == *instrument && order.product == product
        };
        let resting = self.orders.iter().map(|(_, resting)| &resting.working);
        PaperStanding {
            held: position.map_or(NetQuantity::FLAT, |held| held.quantity),
            orders: resting.filter(is_of_it).cloned().collect(),
        }
    }

    fn day(&self) -> PaperDay {
        let open = self.positions.values().filter(|it| !it.quantity.is_flat());
        PaperDay {
            realized: self.funds.today_realized_pnl,
            open: open.cloned().collect(),
        }
    }

    fn resting(&self) -> Vec<BrokerOrderId> {
        self.orders.ids().cloned().collect()
    }

    fn watches(&self) -> Vec<Watch> {
        self.orders.watches()
    }

    fn seen_until(&mut self, watched: &[Watch], at: Timestamp) {
        self.orders.see_watched(watched, at);
    }
}
