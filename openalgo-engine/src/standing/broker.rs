//! The reading at a broker.

use super::{Source, Standing, StandingError, Standings, UnderWay, is_under_way, positions};
use crate::account::{AccountStanding, Slot};
use crate::brokers::Login;
use crate::orders_of_day::orders_of_day;
use openalgo_core::id::{BrokerName, OrderId, UserId};
use openalgo_core::order::{Order, OrderIntent, Side};
use openalgo_core::port::{BrokerSession, StoreError};
use openalgo_core::portfolio::{Position, PositionKey};
use openalgo_core::value::{NetQuantity, Quantity, ValueError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// How long a broker may take to show its positions.
const DEADLINE: Duration = Duration::from_secs(15);

/// How often positions are read before it is said that they do not stand still.
const TRIES: u32 = 5;

impl Standings {
    pub(super) async fn at_broker(
        &self,
        key: &PositionKey,
        account: &AccountStanding,
    ) -> Result<Standing, StandingError> {
        let login = (key.user, key.broker.clone());
        let session = self.session(&login)?;
        let has_book = session.order_book.is_some();
        let Some(reader) = session.portfolio.clone() else {
            self.look_into_book(key, has_book).await?;
            let ours = self.ours(key).await?;
            let held = fold(ours.iter())?;
            return Ok(standing((key, account), &ours, (held, Source::Same)));
        };
        let mut known = executed(&self.ours(key).await?);
        for _ in 0..TRIES {
            let asked = (&*reader, DEADLINE);
            let shown = positions(&self.brokers, (&login, &session), asked).await?;
            let held = held_of(&shown, key)?;
            self.look_into_book(key, has_book).await?;
            let ours = self.ours(key).await?;
            let now_known = executed(&ours);
            if now_known == known {
                let source = if has_book {
                    Source::Broker
                } else {
                    Source::BrokerWithoutBook
                };
                return Ok(standing((key, account), &ours, (held, source)));
            }
            known = now_known;
        }
        Err(StandingError::Moving(key.broker.clone()))
    }

    /// What is held of anything.
    pub(super) async fn open_at_broker(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Result<Vec<Slot>, StandingError> {
        let login = (user, broker.clone());
        let session = self.session(&login)?;
        if let Some(reader) = &session.portfolio {
            let asked = (&**reader, DEADLINE);
            let mut shown = positions(&self.brokers, (&login, &session), asked).await?;
            shown.retain(|position| !position.quantity.is_flat());
            let slots = shown.into_iter().map(|held| held.key);
            let slots: BTreeSet<Slot> = slots.map(|key| (key.instrument, key.product)).collect();
            return Ok(slots.into_iter().collect());
        }
        if session.order_book.is_some() {
            self.reconciler.pass_at(&login).await?;
        }
        let mut slots: BTreeMap<Slot, Vec<Order>> = BTreeMap::new();
        for order in self.of_the_day(user, broker).await? {
            let asked = &order.intent.order;
            let slot = (asked.instrument.clone(), asked.product);
            slots.entry(slot).or_default().push(order);
        }
        let mut open = Vec::new();
        for (slot, orders) in slots {
            if !fold(orders.iter())?.is_flat() {
                open.push(slot);
            }
        }
        Ok(open)
    }

    pub(super) fn session(&self, login: &Login) -> Result<Arc<BrokerSession>, StandingError> {
        let session = self.brokers.live(login);
        session.map_err(|error| StandingError::Account(error.into()))
    }

    async fn look_into_book(&self, key: &PositionKey, has_book: bool) -> Result<(), StandingError> {
        if has_book {
            let login = (key.user, key.broker.clone());
            self.reconciler.pass_at(&login).await?;
        }
        Ok(())
    }

    /// Our orders of the day.
    pub(super) async fn of_the_day(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Result<Vec<Order>, StoreError> {
        orders_of_day((&self.ports, &self.settings), (user, broker)).await
    }

    /// Those for that instrument and product.
    async fn ours(&self, key: &PositionKey) -> Result<Vec<Order>, StoreError> {
        let mut orders = self.of_the_day(key.user, &key.broker).await?;
        orders.retain(|order| {
            let order = &order.intent.order;
            order.instrument == key.instrument && order.product == key.product
        });
        Ok(orders)
    }
}

/// What positions come to in one instrument and product.
fn held_of(positions: &[Position], key: &PositionKey) -> Result<NetQuantity, ValueError> {
    let of_it = positions.iter().filter(|position| {
        position.key.instrument == key.instrument && position.key.product == key.product
    });
    let mut held = NetQuantity::FLAT;
    for position in of_it {
        held = held.plus(position.quantity)?;
    }
    Ok(held)
}

/// What is known to be filled, order by order.
fn executed(orders: &[Order]) -> BTreeMap<OrderId, Quantity> {
    let filled = |order: &Order| (order.id, order.executed().quantity);
    let filled = orders.iter().map(filled);
    filled.filter(|(_, quantity)| !quantity.is_zero()).collect()
}

/// What our own orders come to.
fn fold<'a>(orders: impl Iterator<Item = &'a Order>) -> Result<NetQuantity, ValueError> {
    let mut held = NetQuantity::FLAT;
    for order in orders {
        let filled = NetQuantity::from(order.executed().quantity);
        held = held.plus(match order.intent.order.side {
            Side::Buy => filled,
            Side::Sell => filled.negated(),
        })?;
    }
    Ok(held)
}

fn standing(
    (key, account): (&PositionKey, &AccountStanding),
    ours: &[Order],
    (held, source): (NetQuantity, Source),
) -> Standing {
    // Those that were in flight and are stored by now are known better.
    let is_stored = |intent: &&OrderIntent| ours.iter().any(|order| order.intent.id == intent.id);
    let stored = ours.iter().filter(|order| is_under_way(order));
    let unstored = account.flying.iter().filter(|intent| !is_stored(intent));
    Standing {
        key: key.clone(),
        held,
        under_way: stored
            .map(|order| UnderWay::stored(order, &account.changing))
            .chain(unstored.map(UnderWay::flying))
            .collect(),
        source,
        turn: account.turn,
    }
}
