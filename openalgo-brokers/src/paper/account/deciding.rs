//! What becomes of an order when it comes, when it is changed, and when it meets a price.

use super::Account;
use crate::paper::draft::{Decision, Draft};
use crate::paper::exposure;
use crate::paper::matching::{self, Match};
use openalgo_core::market::Timestamp;
use openalgo_core::order::OrderEventKind;
use openalgo_core::paper::{LedgerEntry, PaperRefusal, Ticket};
use openalgo_core::rule::margin::margin_price;

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
        let matched = matching::on_arrival(order.kind, order.side, ticket.quote);
        let matched = matched.ok_or_else(|| PaperRefusal::NoPrice {
            symbol: order.instrument.symbol.clone(),
        })?;
        let resting = exposure::resting(order, self.orders.values().map(|r| &r.working))?;
        let held = self.position(order);
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
            Match::AwaitTrigger | Match::Rest => margin_price(order.kind, ticket.quote.ltp),
        };
        let opening = exposure::opening(order, held, resting);
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

    /// Decides on a draft what becomes of a resting order that gets other terms.
    pub(super) fn decide_anew(
        &self,
        draft: &mut Draft<'_>,
        decision: &mut Decision,
        (ticket, at): (Ticket<'_>, Timestamp),
    ) -> Result<(), PaperRefusal> {
        let order = decision.working.intent.order.clone();
        let others = self.orders.iter().filter(|(id, _)| **id != decision.id);
        let resting = exposure::resting(&order, others.map(|(_, other)| &other.working))?;
        let held = self.position(&order);
        if let Some(reason) = exposure::uncovered(&order, held, self.held_units(&order), resting) {
            return Err(PaperRefusal::NotCovered(reason));
        }
        let opening = exposure::opening(&order, held, resting);
        let price = margin_price(order.kind, ticket.quote.ltp);
        let instrument = ticket.instrument;
        let margin = exposure::margin(self.terms.leverage, &order, instrument, (opening, price))?;
        let more = margin.minus(decision.working.margin)?;
        exposure::affordable(more, draft.available())?;
        draft.set_margin(decision, margin)?;
        let waits = decision.working.state.awaits_trigger();
        let matched = matching::on_change(&order, waits, ticket.quote);
        if waits && matched != Match::AwaitTrigger {
            decision.record(at, OrderEventKind::Triggered)?;
        }
        if let Match::Fill(price) = matched {
            draft.fill(decision, instrument, (price, at))?;
        }
        Ok(())
    }

    /// Lets the resting orders of an instrument meet its price.
    pub(super) fn meet(&mut self, ticket: Ticket<'_>) -> Option<LedgerEntry> {
        let quote = ticket.quote;
        let mut draft = self.draft();
        for (id, resting) in &self.orders {
            let same = resting.working.intent.order.instrument == quote.instrument;
            // A price from before the order's last change says nothing about it.
            if same && quote.timestamp >= resting.seen {
                let decision = Decision::of_resting(id.clone(), resting.working.clone());
                draft.reconsider(&decision, ticket);
            }
        }
        let images = draft.finish();
        let changed = !images.changes.is_empty();
        changed.then(|| self.adopt(images, quote.timestamp))
    }
}
