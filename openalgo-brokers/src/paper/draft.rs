//! What one decision changes, before it takes effect.
//!
//! A draft starts from the account and is thrown away when any step fails, so a command that
//! cannot be carried out leaves no trace.

use super::costs;
use super::decision::Decision;
use super::delivery;
use super::exposure;
use super::matching::{self, Match};
use super::netting::{PositionFill, after_fill};
use openalgo_core::id::{BrokerOrderId, TriggerId};
use openalgo_core::market::{Instrument, InstrumentKey, Quote, Symbol, Timestamp};
use openalgo_core::order::{NewOrder, OrderEventKind, Product, Side};
use openalgo_core::paper::{
    DailyPnl, Movement, MovementKind, OrderChange, PaperRefusal, PaperTerms, Reservation,
    WorkingOrder,
};
use openalgo_core::portfolio::{Funds, Holding, Position};
use openalgo_core::rule::charges::Charges;
use openalgo_core::value::{Money, NetQuantity, Price, ValueError};
use std::collections::BTreeMap;

/// What a position is kept under within one account.
pub(super) type Slot = (InstrumentKey, Product);

/// Everything that a decision leaves different, as it is afterwards.
#[derive(Debug, Clone)]
pub(super) struct AfterImages {
    pub(super) funds: Funds,
    pub(super) positions: BTreeMap<Slot, Position>,
    pub(super) holdings: BTreeMap<Symbol, Holding>,
    pub(super) reservations: Vec<Reservation>,
    pub(super) movements: Vec<Movement>,
    pub(super) daily: Option<DailyPnl>,
    pub(super) starts_anew: bool,
    pub(super) changes: Vec<OrderChange>,
    pub(super) orders: Vec<(BrokerOrderId, WorkingOrder)>,
}

impl AfterImages {
    /// An account in which nothing has changed yet.
    pub(super) fn of(funds: &Funds) -> Self {
        Self {
            funds: funds.clone(),
            positions: BTreeMap::new(),
            holdings: BTreeMap::new(),
            reservations: Vec::new(),
            movements: Vec::new(),
            daily: None,
            starts_anew: false,
            changes: Vec::new(),
            orders: Vec::new(),
        }
    }

    /// Whether nothing has changed.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.positions.is_empty()
            && self.holdings.is_empty()
            && self.reservations.is_empty()
            && self.daily.is_none()
            && !self.starts_anew
    }
}

/// To what the profit of a position that is settled belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// To today, too.
    Today,
    /// Only to all of the account's life.
    Overall,
}

/// A decision in the making.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    held: &'a BTreeMap<Slot, Position>,
    delivered: &'a BTreeMap<Symbol, Holding>,
    terms: &'a PaperTerms,
    images: AfterImages,
}

impl<'a> Draft<'a> {
    /// A draft on an account with this money, these positions and these holdings.
    pub(super) fn new(
        funds: &Funds,
        (held, delivered): (&'a BTreeMap<Slot, Position>, &'a BTreeMap<Symbol, Holding>),
        terms: &'a PaperTerms,
    ) -> Self {
        Self {
            held,
            delivered,
            terms,
            images: AfterImages::of(funds),
        }
    }

    /// What the draft comes to.
    pub(super) fn finish(self) -> AfterImages {
        self.images
    }

    /// Cash that is free.
    pub(super) fn available(&self) -> Money {
        self.images.funds.available
    }

    /// Reserves `margin` for an order, or gives back what it does not need any more.
    pub(super) fn set_margin(
        &mut self,
        decision: &mut Decision,
        margin: Money,
    ) -> Result<(), ValueError> {
        self.move_margin(margin.minus(decision.working.margin)?)?;
        decision.working.margin = margin;
        Ok(())
    }

    /// Reserves `margin` for an order that waits for a price, instead of what was reserved before.
    pub(super) fn reserve(
        &mut self,
        gtt: &TriggerId,
        (before, margin): (Money, Money),
    ) -> Result<(), ValueError> {
        self.move_margin(margin.minus(before)?)?;
        let gtt = gtt.clone();
        self.images.reservations.push(Reservation { gtt, margin });
        Ok(())
    }

    /// Executes an order as a whole: position, money and margin move with it.
    pub(super) fn fill(
        &mut self,
        decision: &mut Decision,
        instrument: &Instrument,
        (price, at): (Price, Timestamp),
    ) -> Result<(), PaperRefusal> {
        let intent = decision.working.intent.clone();
        let order = &intent.order;
        let price = costs::slipped(self.terms, order, (instrument, price));
        let charges = costs::charges(self.terms, order, (instrument, price, at))?;
        let slot = (order.instrument.clone(), order.product);
        let known = self
            .images
            .positions
            .get(&slot)
            .or_else(|| self.held.get(&slot));
        let position = match known {
            Some(position) => position.clone(),
            None => Position::flat(intent.position(), at),
        };
        let position = self.with_delivered(order, position, at)?;
        // The order's own reservation ends here; what the open units need is taken anew, at
        // the price they were really traded at.
        self.set_margin(decision, Money::ZERO)?;
        let closing = PositionFill::closing(order.side, order.quantity, &position);
        let opened = order.quantity.minus(closing)?;
        let (side, quantity) = (order.side, order.quantity);
        let plain = PositionFill {
            side,
            quantity,
            price,
            margin: Money::ZERO,
        };
        let mut next = after_fill(&position, plain)?;
        let profit = next.realized_pnl.minus(position.realized_pnl)?;
        self.book_profit(profit)?;
        self.move_margin(next.margin.minus(position.margin)?)?;
        // An exit reserves nothing; when its position is gone by now, it opens exposure that must
        // be paid for like any other.
        let leverage = self.terms.leverage;
        let margin = exposure::margin(leverage, order, instrument, (opened, price))?;
        if !opened.is_zero() {
            exposure::affordable(margin.plus(charges.total()?)?, self.available())?;
        }
        self.move_margin(margin)?;
        next.margin = next.margin.plus(margin)?;
        self.charge(&mut next, &charges, at)?;
        next.token.clone_from(&instrument.token);
        next.updated_at = at;
        self.images.positions.insert(slot, next);
        Ok(decision.execute(price, at)?)
    }

    /// Takes from an account, and from a position in it, what a trade costs.
    fn charge(
        &mut self,
        position: &mut Position,
        charges: &Charges,
        at: Timestamp,
    ) -> Result<(), ValueError> {
        let cost = charges.total()?.negated();
        self.book_profit(cost)?;
        position.realized_pnl = position.realized_pnl.plus(cost)?;
        position.today_realized_pnl = position.today_realized_pnl.plus(cost)?;
        let movements = costs::movements(position, charges, at);
        self.images.movements.extend(movements);
        Ok(())
    }

    /// Ends a position at a price, by no order. What that realises counts as today's if the day
    /// that it belongs to is not over.
    pub(super) fn settle_position(
        &mut self,
        position: &Position,
        (price, at): (Price, Timestamp),
        counts: Counts,
    ) -> Result<(), ValueError> {
        let value = price.times(position.quantity.size())?;
        let received = if position.quantity.is_short() {
            value.negated()
        } else {
            value
        };
        let marked = position.clone().marked_at(price)?;
        let profit = marked.unrealized_pnl;
        let today = match counts {
            Counts::Today => profit,
            Counts::Overall => Money::ZERO,
        };
        self.move_margin(position.margin.negated())?;
        let funds = &mut self.images.funds;
        funds.available = funds.available.plus(profit)?;
        funds.realized_pnl = funds.realized_pnl.plus(profit)?;
        funds.today_realized_pnl = funds.today_realized_pnl.plus(today)?;
        let key = &position.key;
        self.images.movements.push(Movement {
            instrument: key.instrument.clone(),
            product: key.product,
            kind: MovementKind::Settled,
            units: position.quantity.negated(),
            cash: received,
            at,
        });
        let settled = Position {
            quantity: NetQuantity::FLAT,
            cost: Money::ZERO,
            margin: Money::ZERO,
            realized_pnl: position.realized_pnl.plus(profit)?,
            today_realized_pnl: position.today_realized_pnl.plus(today)?,
            updated_at: at,
            ..marked.position
        };
        let slot = (key.instrument.clone(), key.product);
        self.images.positions.insert(slot, settled);
        Ok(())
    }

    /// Cancels an order that rests, for a reason, and releases what it reserves.
    pub(super) fn cancel(
        &mut self,
        (id, working): (&BrokerOrderId, &WorkingOrder),
        (at, reason): (Timestamp, Option<&str>),
    ) -> Result<(), PaperRefusal> {
        let mut decision = Decision::of_resting(id.clone(), working.clone());
        self.set_margin(&mut decision, Money::ZERO)?;
        let reason = reason.map(str::to_owned);
        decision.record(at, OrderEventKind::Cancelled { reason })?;
        self.settle(decision);
        Ok(())
    }

    /// The position that an order closes. A delivery sale of more than was bought today sells
    /// shares that were delivered: they come back into the position, at what they cost.
    fn with_delivered(
        &mut self,
        order: &NewOrder,
        position: Position,
        at: Timestamp,
    ) -> Result<Position, ValueError> {
        if order.product != Product::Cnc || order.side != Side::Sell {
            return Ok(position);
        }
        let closing = PositionFill::closing(order.side, order.quantity, &position);
        let missing = order.quantity.minus(closing)?;
        let symbol = &order.instrument.symbol;
        let known = self.images.holdings.get(symbol);
        let Some(holding) = known.or_else(|| self.delivered.get(symbol)) else {
            return Ok(position);
        };
        let units = missing.min(holding.quantity);
        if units.is_zero() {
            return Ok(position);
        }
        let moved = delivery::withdraw(holding, &position, (units, at))?;
        // What was paid for them is reserved again for the moment, and released by the sale.
        let paid = holding.paid.minus(moved.holding.paid)?;
        let funds = &mut self.images.funds;
        funds.used_margin = funds.used_margin.plus(paid)?;
        self.images.holdings.insert(symbol.clone(), moved.holding);
        self.images.movements.push(moved.movement);
        Ok(moved.position)
    }

    /// Lets a price act on a resting order; nothing changes when the order goes on resting.
    ///
    /// An order that cannot be executed is rejected. One that cannot even be rejected rests on,
    /// and the books stay as they were.
    pub(super) fn reconsider(
        &mut self,
        resting: &Decision,
        (instrument, quote): (&Instrument, &Quote),
    ) {
        let order = &resting.working.intent.order;
        let waits = resting.working.state.awaits_trigger();
        let at = quote.timestamp;
        let matched = matching::on_price(order.kind, order.side, waits, quote.ltp);
        let carried_out = match matched {
            Match::AwaitTrigger => return,
            Match::Rest if !waits => return,
            Match::Rest | Match::Fill(_) => self.attempt(resting, |draft, decision| {
                if waits {
                    decision.record(at, OrderEventKind::Triggered)?;
                }
                match matched {
                    Match::Fill(price) => draft.fill(decision, instrument, (price, at)),
                    Match::Rest | Match::AwaitTrigger => Ok(()),
                }
            }),
        };
        if let Err(error) = carried_out {
            let _rests_on = self.attempt(resting, |draft, decision| {
                draft.set_margin(decision, Money::ZERO)?;
                let rejected = OrderEventKind::Rejected {
                    broker_order_id: None,
                    reason: format!("Execution error: {error}"),
                };
                Ok(decision.record(at, rejected)?)
            });
        }
    }

    /// Changes an order; a step that fails leaves the draft as it was.
    fn attempt(
        &mut self,
        resting: &Decision,
        step: impl FnOnce(&mut Self, &mut Decision) -> Result<(), PaperRefusal>,
    ) -> Result<(), PaperRefusal> {
        let (mut draft, mut decision) = (self.clone(), resting.clone());
        step(&mut draft, &mut decision)?;
        draft.settle(decision);
        *self = draft;
        Ok(())
    }

    /// Adds a decided order to what will change.
    pub(super) fn settle(&mut self, decision: Decision) {
        let (id, working, change) = decision.into_change();
        self.images.orders.push((id, working));
        self.images.changes.push(change);
    }

    fn book_profit(&mut self, profit: Money) -> Result<(), ValueError> {
        let funds = &mut self.images.funds;
        funds.available = funds.available.plus(profit)?;
        funds.realized_pnl = funds.realized_pnl.plus(profit)?;
        funds.today_realized_pnl = funds.today_realized_pnl.plus(profit)?;
        Ok(())
    }

    /// Moves cash into the reserve, or out of it when `more` is negative.
    fn move_margin(&mut self, more: Money) -> Result<(), ValueError> {
        let funds = &mut self.images.funds;
        funds.available = funds.available.minus(more)?;
        funds.used_margin = funds.used_margin.plus(more)?;
        Ok(())
    }
}
