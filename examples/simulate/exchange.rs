//! What happens at the broker: a machine that goes from event to event.

use super::dice::Dice;
use super::faults::{Fault, Faults};
use super::market::WorldMarket;
use chrono::Duration;
use openalgo::core::id::{BrokerName, BrokerOrderId, IntentId, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::order::{NewOrder, OrderIntent, OrderKind, OrderStatus, Side};
use openalgo::core::port::{BookOrder, StatusReport};
use openalgo::core::portfolio::{Position, PositionKey};
use openalgo::core::value::{Money, NetQuantity, Price, Quantity};
use std::collections::BTreeMap;

/// Who placed an order. The broker's book does not tell; the world knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Ours(IntentId),
    ByHand,
}

/// An order at the broker.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) origin: Origin,
    /// What was asked for, under the name of the operation that asked.
    pub(crate) asked: NewOrder,
    pub(crate) row: BookOrder,
    pub(crate) fills: Vec<Filled>,
    /// Whether the first part that is filled is told of after the next one.
    is_told_late: bool,
}

/// A part of an order that met somebody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filled {
    pub(crate) at: Timestamp,
    pub(crate) quantity: Quantity,
    pub(crate) price: Price,
}

#[derive(Debug)]
enum Event {
    Arrive(Origin, Box<NewOrder>),
    Fill(usize, Quantity),
    Reject(usize),
    Cancel(usize),
    Modify(usize, Quantity, OrderKind),
}

/// Things that happen at their times; those of one time in the order in which they were arranged.
type Agenda<T> = BTreeMap<(Timestamp, u64), T>;

/// The broker's machine.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) orders: Vec<Held>,
    account: (UserId, BrokerName),
    carries_tags: bool,
    events: Agenda<Event>,
    reports: Agenda<StatusReport>,
    arranged: u64,
    dice: Dice,
}

/// What the machine needs to know of the world.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) market: &'a WorldMarket,
    pub(crate) faults: &'a Faults,
}

impl Exchange {
    pub(crate) fn new(account: (UserId, BrokerName), carries_tags: bool, dice: Dice) -> Self {
        Self {
            orders: Vec::new(),
            account,
            carries_tags,
            events: BTreeMap::new(),
            reports: BTreeMap::new(),
            arranged: 0,
            dice,
        }
    }

    /// Lets an order arrive.
    pub(crate) fn send(&mut self, intent: &OrderIntent, at: Timestamp) {
        let order = Box::new(intent.order.clone());
        self.arrange(at, Event::Arrive(Origin::Ours(intent.id), order));
    }

    /// Somebody places an order by hand.
    pub(crate) fn by_hand(&mut self, order: NewOrder, at: Timestamp) {
        self.arrange(at, Event::Arrive(Origin::ByHand, Box::new(order)));
    }

    /// Lets the cancellation of an order arrive.
    pub(crate) fn cancel(&mut self, id: &BrokerOrderId, at: Timestamp) {
        if let Some(number) = self.number(id) {
            self.arrange(at, Event::Cancel(number));
        }
    }

    /// Lets the modification of an order arrive.
    pub(crate) fn modify(&mut self, id: &BrokerOrderId, asked: &NewOrder, at: Timestamp) {
        if let Some(number) = self.number(id) {
            self.arrange(at, Event::Modify(number, asked.quantity, asked.kind));
        }
    }

    /// What is held of anything, whoever traded it.
    pub(crate) fn positions(&self) -> Vec<Position> {
        let (user, broker) = &self.account;
        let mut positions: BTreeMap<PositionKey, Position> = BTreeMap::new();
        for held in &self.orders {
            let key = PositionKey {
                user: *user,
                broker: broker.clone(),
                instrument: held.row.instrument.clone(),
                product: held.row.product,
            };
            let filled = NetQuantity::from(held.row.filled);
            let filled = match held.row.side {
                Side::Buy => filled,
                Side::Sell => filled.negated(),
            };
            let position = positions.entry(key.clone());
            let position = position.or_insert_with(|| Position::flat(key, held.row.placed_at));
            position.quantity = position.quantity.plus(filled).unwrap();
        }
        positions.into_values().collect()
    }

    /// The order of an intent, if it has arrived.
    pub(crate) fn of_intent(&self, intent: IntentId) -> Option<&Held> {
        let mut orders = self.orders.iter();
        orders.find(|held| held.origin == Origin::Ours(intent))
    }

    /// The order of this id.
    pub(crate) fn find(&self, id: &BrokerOrderId) -> Option<&Held> {
        self.orders.get(self.number(id)?)
    }

    fn number(&self, id: &BrokerOrderId) -> Option<usize> {
        let mut orders = self.orders.iter();
        orders.position(|held| held.row.broker_order_id == *id)
    }

    /// When the next thing happens, or the next report is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let next = |at: &(Timestamp, u64)| at.0;
        let event = self.events.keys().next().map(next);
        let report = self.reports.keys().next().map(next);
        event.into_iter().chain(report).min()
    }

    /// Brings the broker to the present.
    pub(crate) fn advance(&mut self, now: Timestamp, around: Around<'_>) {
        while let Some(entry) = self.events.first_entry() {
            let at = entry.key().0;
            if at > now {
                break;
            }
            let event = entry.remove();
            self.happen(event, at, around);
        }
    }

    /// The report that is due.
    pub(crate) fn due_report(&mut self, now: Timestamp) -> Option<StatusReport> {
        let entry = self.reports.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }

    /// Nothing happens any more: what rests stays as it is.
    pub(crate) fn close(&mut self) {
        self.events.clear();
    }

    /// Reports that nobody listened to are gone.
    pub(crate) fn forget_reports(&mut self) {
        self.reports.clear();
    }

    fn arrange(&mut self, at: Timestamp, event: Event) {
        self.arranged += 1;
        self.events.insert((at, self.arranged), event);
    }

    fn happen(&mut self, event: Event, at: Timestamp, around: Around<'_>) {
        match event {
            Event::Arrive(origin, order) => self.arrive(origin, *order, (at, around)),
            Event::Fill(number, quantity) => self.fill(number, quantity, (at, around)),
            Event::Reject(number) => self.end(number, OrderStatus::Rejected, (at, around)),
            Event::Cancel(number) => self.end(number, OrderStatus::Cancelled, (at, around)),
            Event::Modify(number, quantity, kind) => {
                self.change_terms(number, (quantity, kind), (at, around));
            }
        }
    }

    fn arrive(&mut self, origin: Origin, asked: NewOrder, (at, around): (Timestamp, Around<'_>)) {
        let number = self.orders.len();
        let tag = match &origin {
            Origin::Ours(intent) if self.carries_tags => Some(intent.tag()),
            Origin::Ours(_) | Origin::ByHand => None,
        };
        let row = BookOrder {
            broker_order_id: format!("B{number:05}").parse().unwrap(),
            tag,
            instrument: asked.instrument.clone(),
            side: asked.side,
            quantity: asked.quantity,
            product: asked.product,
            kind: asked.kind,
            status: OrderStatus::Open,
            filled: Quantity::ZERO,
            average: Price::ZERO,
            message: None,
            placed_at: at,
        };
        let is_told_late = asked.quantity.get() > 1 && around.faults.strikes(Fault::OutOfOrder);
        self.draw_course((number, is_told_late), &asked, (at, around));
        self.orders.push(Held {
            origin,
            asked,
            row,
            fills: Vec::new(),
            is_told_late,
        });
        self.report(number, (at, around));
    }

    /// Decides how an order will go on.
    fn draw_course(
        &mut self,
        (number, is_told_late): (usize, bool),
        asked: &NewOrder,
        (at, around): (Timestamp, Around<'_>),
    ) {
        let rests = matches!(asked.kind, OrderKind::Limit { .. });
        let first = if rests {
            // Most meet somebody in time, some never do.
            self.dice.between(500, 5_400_000)
        } else {
            self.dice.between(20, 900)
        };
        if around.faults.strikes(Fault::LateRejection) {
            let later = self.dice.between(100, 3_000);
            self.arrange(
                at.plus(Duration::milliseconds(later)),
                Event::Reject(number),
            );
        }
        if rests && !is_told_late && self.dice.chance(250) {
            return;
        }
        let all = asked.quantity.get();
        let parts = if is_told_late || all > 1 && around.faults.strikes(Fault::PartialFill) {
            let part = self.dice.between(1, all - 1);
            vec![part, all - part]
        } else {
            vec![all]
        };
        let mut at = at.plus(Duration::milliseconds(first));
        for part in parts {
            self.arrange(at, Event::Fill(number, Quantity::try_new(part).unwrap()));
            at = at.plus(Duration::milliseconds(self.dice.between(1, 4_000)));
        }
    }

    fn fill(&mut self, number: usize, quantity: Quantity, (at, around): (Timestamp, Around<'_>)) {
        let held = &mut self.orders[number];
        if held.row.status.is_final() {
            return;
        }
        let price = held.row.kind.price();
        let price = price.unwrap_or_else(|| around.market.price(&held.row.instrument, at));
        // It may have become smaller meanwhile.
        let quantity = quantity.min(held.row.quantity.minus(held.row.filled).unwrap());
        held.fills.push(Filled {
            at,
            quantity,
            price,
        });
        held.row.filled = held.row.filled.plus(quantity).unwrap();
        held.row.average = value(&held.fills).per_unit(held.row.filled).unwrap();
        if held.row.filled == held.row.quantity {
            held.row.status = OrderStatus::Complete;
        }
        self.report(number, (at, around));
    }

    fn change_terms(
        &mut self,
        number: usize,
        (quantity, kind): (Quantity, OrderKind),
        (at, around): (Timestamp, Around<'_>),
    ) {
        let row = &mut self.orders[number].row;
        if row.status.is_final() || quantity < row.filled {
            return;
        }
        (row.quantity, row.kind) = (quantity, kind);
        if row.filled == quantity {
            row.status = OrderStatus::Complete;
        }
        self.report(number, (at, around));
    }

    fn end(&mut self, number: usize, status: OrderStatus, (at, around): (Timestamp, Around<'_>)) {
        let row = &mut self.orders[number].row;
        if row.status.is_final() {
            return;
        }
        row.status = status;
        self.report(number, (at, around));
    }

    /// Tells whoever listens how an order stands: once or twice, in time or late.
    fn report(&mut self, number: usize, (at, around): (Timestamp, Around<'_>)) {
        let held = &self.orders[number];
        let (user, broker) = &self.account;
        let report = held.row.report(*user, broker, at);
        let usual = self.dice.between(5, 60);
        let late = if held.is_told_late && held.fills.len() == 1 {
            self.dice.between(4_000, 9_000)
        } else {
            0
        };
        let mut tell = |millis: i64| {
            self.arranged += 1;
            let due = at.plus(Duration::milliseconds(millis));
            self.reports.insert((due, self.arranged), report.clone());
        };
        tell(usual + late);
        if around.faults.strikes(Fault::DuplicateReply) {
            tell(usual + late + 40);
            tell(usual + late + 3_000);
        }
    }
}

/// The exact value of fills.
pub(crate) fn value(fills: &[Filled]) -> Money {
    let values = fills.iter().map(|fill| fill.price.times(fill.quantity));
    values.fold(Money::ZERO, |sum, value| sum.plus(value.unwrap()).unwrap())
}
