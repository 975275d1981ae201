//! Every way in which orders come into being, or are changed.

use crate::in_memory::traded;
use fastrand::Rng;
use openalgo::core::id::UserId;
use openalgo::core::market::Exchange as Bourse;
use openalgo::core::order::{NewOrder, Order, OrderKind, Product, Side, TradingMode};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::NetQuantity;
use openalgo::engine::Engine;
use openalgo::engine::service::{
    ExitOrigin, Leg, OrderService, Placed, SmartOrder, SmartOutcome, SplitSize,
};
use openalgo_core::testing::sample;

/// A way in. A new one belongs here, and is then asked for with everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Place,
    Smart,
    Basket,
    Split,
    Close,
    CloseAll,
    Modify,
    Cancel,
    CancelAll,
}

impl Entry {
    pub(super) const ALL: [Self; 9] = [
        Self::Place,
        Self::Smart,
        Self::Basket,
        Self::Split,
        Self::Close,
        Self::CloseAll,
        Self::Modify,
        Self::Cancel,
        Self::CancelAll,
    ];
}

/// Modes of the orders that a request came to, or why it came to none.
type Modes = Result<Vec<TradingMode>, String>;

fn order(rng: &mut Rng, strategy: &str) -> NewOrder {
    let (side, far) = *rng
        .choice(&[(Side::Buy, "50"), (Side::Sell, "200")])
        .unwrap();
    let order = NewOrder {
        strategy: Some(strategy.to_owned()),
        ..NewOrder::market(traded(Bourse::Nse), side, sample::units(rng.i64(1..=9)))
    };
    if rng.bool() {
        return order;
    }
    let price = sample::price(far);
    NewOrder {
        kind: OrderKind::Limit { price },
        ..order
    }
}

pub(super) async fn ask(
    (engine, user): (&Engine, UserId),
    (entry, strategy): (Entry, &str),
    rng: &mut Rng,
) -> Modes {
    let orders = engine.orders();
    let order = order(rng, strategy);
    match entry {
        Entry::Place => placed(orders.place(user, order).await),
        Entry::Smart => smart(orders, user, (order, rng.i64(-20..=20))).await,
        Entry::Basket => {
            let size = rng.usize(2..=5);
            let legs = (0..size).map(|_| self::order(rng, strategy)).collect();
            of_legs(orders.basket(user, legs, None).await)
        }
        Entry::Split => {
            let size = SplitSize::Units(sample::units(2));
            of_legs(orders.split(user, order, size).await)
        }
        Entry::Close => {
            let slot = (traded(Bourse::Nse), Product::Mis);
            placed(orders.close(user, slot, exit(strategy)).await)
        }
        Entry::CloseAll => {
            let closings = orders.close_all(user, exit(strategy)).await;
            let closings = closings.map_err(|error| error.to_string())?;
            let placed = closings.into_iter().filter_map(|it| it.outcome.ok());
            Ok(placed.map(|it| it.order.intent.mode).collect())
        }
        Entry::Modify | Entry::Cancel => change(orders, user, (entry, rng)).await,
        Entry::CancelAll => {
            let cancelled = orders.cancel_all(user).await;
            cancelled.map_err(|error| error.to_string())?;
            Ok(Vec::new())
        }
    }
}

fn exit(strategy: &str) -> ExitOrigin {
    ExitOrigin {
        strategy: Some(strategy.to_owned()),
        ..ExitOrigin::api()
    }
}

fn placed<E: ToString>(outcome: Result<Placed, E>) -> Modes {
    let placed = outcome.map_err(|error| error.to_string())?;
    Ok(vec![placed.order.intent.mode])
}

fn of_legs<E: ToString>(legs: Result<Vec<Leg>, E>) -> Modes {
    let legs = legs.map_err(|error| error.to_string())?;
    let placed = legs.into_iter().filter_map(|leg| leg.outcome.ok());
    Ok(placed.map(|it| it.order.intent.mode).collect())
}

async fn smart(orders: &OrderService, user: UserId, (order, to): (NewOrder, i64)) -> Modes {
    let position = NetQuantity::try_new(to).unwrap();
    let outcome = orders.smart(user, SmartOrder { order, position }).await;
    match outcome.map_err(|error| error.to_string())? {
        SmartOutcome::Placed(it) => Ok(vec![it.order.intent.mode]),
        SmartOutcome::NoOrder(_) => Ok(Vec::new()),
    }
}

/// Changes an order that is not over, if there is one.
async fn change(orders: &OrderService, user: UserId, (entry, rng): (Entry, &mut Rng)) -> Modes {
    let open = orders.list(user, 50).await.unwrap().into_iter();
    let open: Vec<Order> = open.filter(|order| !order.status().is_final()).collect();
    let Some(order) = rng.choice(&open) else {
        return Err("none".to_owned());
    };
    let id = order.intent.id.local_order_id();
    let changed = if entry == Entry::Cancel {
        let cancelled = orders.cancel(user, &id).await;
        cancelled.map_err(|error| error.to_string())
    } else {
        let change = Modification {
            quantity: Some(sample::units(rng.i64(10..=20))),
            ..Modification::default()
        };
        let modified = orders.modify(user, &id, change).await;
        modified.map_err(|error| error.to_string())
    };
    changed.map(|_order| Vec::new())
}
