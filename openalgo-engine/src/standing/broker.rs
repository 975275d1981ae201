//! The reading at a broker.

use super::{Source, Standing, StandingError, Standings, UnderWay, is_under_way};
use openalgo_core::id::OrderId;
use openalgo_core::order::{Order, OrderIntent, Side};
use openalgo_core::port::{BrokerSession, OrderQuery, PortfolioReader, StoreError};
use openalgo_core::portfolio::PositionKey;
use openalgo_core::value::{NetQuantity, Quantity, ValueError};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a broker may take to show its positions.
const DEADLINE: Duration = Duration::from_secs(15);

/// How often positions are read before it is said that they do not stand still.
const TRIES: u32 = 5;

impl Standings {
    pub(super) async fn at_broker(
        &self,
        key: &PositionKey,
        flying: &[OrderIntent],
    ) -> Result<Standing, StandingError> {
        let session = self.session(key);
        let has_book = session.is_some_and(|session| session.order_book.is_some());
        let Some(reader) = session.and_then(|session| session.portfolio.clone()) else {
            self.look_into_book(key, has_book).await?;
            let ours = self.ours(key).await?;
            let held = fold(&ours)?;
            return Ok(standing((key, flying), &ours, (held, Source::Same)));
        };
        let mut known = executed(&self.ours(key).await?);
        for _ in 0..TRIES {
            let held = held_at_broker(&*reader, key).await?;
            self.look_into_book(key, has_book).await?;
            let ours = self.ours(key).await?;
            let now_known = executed(&ours);
            if now_known == known {
                return Ok(standing((key, flying), &ours, (held, Source::Broker)));
            }
            known = now_known;
        }
        Err(StandingError::Moving(key.broker.clone()))
    }

    fn session(&self, key: &PositionKey) -> Option<&BrokerSession> {
        let mut sessions = self.ports.brokers.iter();
        sessions.find(|session| session.broker == key.broker)
    }

    async fn look_into_book(&self, key: &PositionKey, has_book: bool) -> Result<(), StandingError> {
        if has_book {
            self.reconciler.pass_at(&key.broker).await?;
        }
        Ok(())
    }

    /// Our orders of the day for that instrument and product.
    async fn ours(&self, key: &PositionKey) -> Result<Vec<Order>, StoreError> {
        let query = OrderQuery {
            user: key.user,
            broker: Some(key.broker.clone()),
            day: Some(self.settings.day_of(self.ports.clock.now())?),
            limit: u32::MAX,
        };
        let mut orders = self.ports.orders.list(&query).await?;
        orders.retain(|order| {
            let order = &order.intent.order;
            order.instrument == key.instrument && order.product == key.product
        });
        Ok(orders)
    }
}

async fn held_at_broker(
    reader: &dyn PortfolioReader,
    key: &PositionKey,
) -> Result<NetQuantity, StandingError> {
    let broker = key.broker.clone();
    let positions = match tokio::time::timeout(DEADLINE, reader.positions()).await {
        Ok(Ok(positions)) => positions,
        Ok(Err(error)) => {
            let source = error.into();
            return Err(StandingError::Positions { broker, source });
        }
        Err(_late) => return Err(StandingError::Late(broker)),
    };
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
fn fold(orders: &[Order]) -> Result<NetQuantity, ValueError> {
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
    (key, flying): (&PositionKey, &[OrderIntent]),
    ours: &[Order],
    (held, source): (NetQuantity, Source),
) -> Standing {
    // Those that were in flight and are stored by now are known better.
    let is_stored = |intent: &&OrderIntent| ours.iter().any(|order| order.intent.id == intent.id);
    let stored = ours.iter().filter(|order| is_under_way(order));
    let unstored = flying.iter().filter(|intent| !is_stored(intent));
    Standing {
        key: key.clone(),
        held,
        under_way: stored
            .map(UnderWay::of)
            .chain(unstored.map(UnderWay::flying))
            .collect(),
        source,
    }
}
