//! What becomes of an order when it comes, when it is changed, and when it meets a price.

use super::Account;
use crate::paper::decision::Decision;
use crate::paper::draft::Draft;
use crate::paper::exposure;
use crate::paper::matching::{self, Match};
use openalgo_core::market::{Instrument, InstrumentKey, Quote, Timestamp};
use openalgo_core::order::{NewOrder, OrderEventKind, Product};
use openalgo_core::paper::{LedgerEntry, PaperRefusal, Ticket, expiry_of};
use openalgo_core::rule::margin::margin_price;
use openalgo_core::value::{Price, Quantity};

impl Account {
    /// Decides a new order on a draft.
    pub(super) fn decide(
        &self,
        draft: &mut Draft<'_>,
        decision: &mut Decision,
        ticket: Ticket<'_>,
    ) -> Result<(), PaperRefusal> {
        let intent = decision.working.intent.clone();
        let (order, at) = (&intent.order, intent.at);
        let resting = self.orders.units_beside(order, Quantity::ZERO)?;
        let held = self.position(order);
        let opening = exposure::opening(order, held, resting);
        // An order may have been on its way while the account went on without it.
        self.check_time(order, opening, at.max(self.jobs_until))?;
        let met = self.met(order, ticket, at);
        let matched = matching::on_arrival(order.kind, order.side, met);
        let matched = matched.ok_or_else(|| self.refusal_without_price(order, at))?;
        if let Some(reason) = exposure::uncovered(order, held, self.held_units(order), resting) {
            let broker_order_id = Some(decision.id.clone());
            let rejected = OrderEventKind::Rejected {
                broker_order_id,
                reason,
            };
            return Ok(decision.record(at, rejected)?);
        }
        let price = match matched {
            Match::Fill(price) => price,
            Match::AwaitTrigger | Match::Rest => self.margin_price(order, ticket, at)?,
        };
        let instrument = ticket.instrument;
        let margin = exposure::margin(self.terms.leverage, order, instrument, (opening, price))?;
        exposure::affordable(margin, draft.available())?;
        draft.set_margin(decision, margin)?;
        let waits = matched == Match::AwaitTrigger;
        let broker_order_id = decision.id.clone();
        let accepted = OrderEventKind::Accepted {
            broker_order_id,
            awaits_trigger: waits,
        };
        decision.record(at, accepted)?;
        if let Match::Fill(price) = matched {
            draft.fill(decision, instrument, (price, at))?;
        }
        Ok(())
    }

    /// Refuses an order of a contract that has ended, and an intraday order that opens a position
    /// at a time when none may be.
    fn check_time(
        &self,
        order: &NewOrder,
        opening: Quantity,
        at: Timestamp,
    ) -> Result<(), PaperRefusal> {
        let key = &order.instrument;
        if let Some(expiry) = expiry_of(key).filter(|_| self.terms.has_settled(key, at)) {
            let symbol = key.symbol.clone();
            return Err(PaperRefusal::Expired { symbol, expiry });
        }
        if order.product == Product::Mis && !opening.is_zero() {
            self.terms.check_intraday(key, at)?;
        }
        Ok(())
    }

    /// Whether a resting order is one that square-off ends, or the settlement of its contract, which
    /// only has not come to it yet.
    fn has_ended(&self, order: &NewOrder, at: Timestamp) -> bool {
        let key = &order.instrument;
        let is_intraday = order.product == Product::Mis;
        let is_over = is_intraday && self.terms.is_squared_off(key.exchange, at);
        is_over || self.terms.has_settled(key, at)
    }

    /// The market that an order meets at an instant: none while its exchange is closed.
    fn met<'a>(&self, order: &NewOrder, ticket: Ticket<'a>, at: Timestamp) -> Option<&'a Quote> {
        let exchange = order.instrument.exchange;
        ticket
            .quote
            .filter(|_| self.terms.hours.is_open(exchange, at))
    }

    /// The price at which an order that rests takes its margin.
    fn margin_price(
        &self,
        order: &NewOrder,
        ticket: Ticket<'_>,
        at: Timestamp,
    ) -> Result<Price, PaperRefusal> {
        let price = margin_price(order.kind, ticket.quote.map(|quote| quote.ltp));
        price.ok_or_else(|| self.refusal_without_price(order, at))
    }

    /// Why a market order is not filled.
    fn refusal_without_price(&self, order: &NewOrder, at: Timestamp) -> PaperRefusal {
        let InstrumentKey { exchange, symbol } = order.instrument.clone();
        if self.terms.hours.is_open(exchange, at) {
            PaperRefusal::NoPrice { symbol }
        } else {
            PaperRefusal::Closed { exchange, symbol }
        }
    }

    /// Decides on a draft what becomes of a resting order that gets other terms.
    pub(super) fn decide_anew(
        &self,
        draft: &mut Draft<'_>,
        decision: &mut Decision,
        (ticket, at): (Ticket<'_>, Timestamp),
    ) -> Result<(), PaperRefusal> {
        let order = decision.working.intent.order.clone();
        let known = self.orders.get(&decision.id);
        let own = known.map_or(Quantity::ZERO, |it| it.working.intent.order.quantity);
        let resting = self.orders.units_beside(&order, own)?;
        let held = self.position(&order);
        if let Some(reason) = exposure::uncovered(&order, held, self.held_units(&order), resting) {
            return Err(PaperRefusal::NotCovered(reason));
        }
        let opening = exposure::opening(&order, held, resting);
        self.check_time(&order, opening, at.max(self.jobs_until))?;
        let price = self.margin_price(&order, ticket, at)?;
        let instrument = ticket.instrument;
        let margin = exposure::margin(self.terms.leverage, &order, instrument, (opening, price))?;
        let more = margin.minus(decision.working.margin)?;
        exposure::affordable(more, draft.available())?;
        draft.set_margin(decision, margin)?;
        let waits = decision.working.state.awaits_trigger();
        let matched = matching::on_change(&order, waits, self.met(&order, ticket, at));
        if waits && matched != Match::AwaitTrigger {
            decision.record(at, OrderEventKind::Triggered)?;
        }
        if let Match::Fill(price) = matched {
            draft.fill(decision, instrument, (price, at))?;
        }
        Ok(())
    }

    /// Lets the resting orders of an instrument meet its price.
    pub(super) fn meet(
        &mut self,
        (instrument, quote): (&Instrument, &Quote),
    ) -> Option<LedgerEntry> {
        let mut draft = self.draft();
        for id in self.orders.met(&quote.instrument, quote.ltp) {
            // A price from before the order's last change says nothing about it.
            let resting = self.orders.get(&id);
            let resting = resting.filter(|it| {
                let order = &it.working.intent.order;
                quote.timestamp >= it.seen && !self.has_ended(order, quote.timestamp)
            });
            if let Some(resting) = resting {
                let decision = Decision::of_resting(id, resting.working.clone());
                draft.reconsider(&decision, (instrument, quote));
            }
        }
        let images = draft.finish();
        let changed = !images.changes.is_empty();
        changed.then(|| self.adopt(images, quote.timestamp))
    }
}
