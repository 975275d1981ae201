//! What is asked for at once, and what it comes to.

use super::signed;
use crate::in_memory::traded;
use fastrand::Rng;
use openalgo::core::id::{OrderId, UserId};
use openalgo::core::market::Exchange as Bourse;
use openalgo::core::order::{NewOrder, Order, OrderKind, Side};
use openalgo::core::value::{NetQuantity, Quantity};
use openalgo::engine::service::{PlaceOrderError, SmartOrder, SmartOrderError, SmartOutcome};
use openalgo::engine::standing::StandingError;
use openalgo::engine::{AccountError, Engine};
use openalgo_core::testing::sample;
use std::sync::Arc;
use tokio::task::JoinSet;

/// How many orders are asked for at once.
const AT_ONCE: usize = 64;

/// What the strategy of a smart order begins with, before its target.
const SMART: &str = "to ";

#[derive(Debug, Clone)]
pub(super) enum Asked {
    Plain(NewOrder),
    Smart(SmartOrder),
}

impl Asked {
    pub(super) fn smart(position: i64) -> Self {
        let order = NewOrder {
            strategy: Some(format!("{SMART}{position}")),
            ..NewOrder::market(traded(Bourse::Nse), Side::Buy, Quantity::ONE)
        };
        let position = NetQuantity::try_new(position).unwrap();
        Self::Smart(SmartOrder { order, position })
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    Placed(OrderId),
    /// The target is reached.
    Nothing,
    /// Others came in between again and again, and nothing was done.
    Refused,
}

impl Came {
    pub(super) fn order(&self) -> Option<OrderId> {
        match self {
            Self::Placed(id) => Some(*id),
            Self::Nothing | Self::Refused => None,
        }
    }
}

/// A position to go to, never a flat one: then what to do with nothing would matter.
pub(super) fn target(rng: &mut Rng) -> i64 {
    let size = rng.i64(1..=60);
    if rng.bool() { size } else { -size }
}

/// Sixty-four orders: two in three are plain, and some of these rest.
pub(super) fn mixed(rng: &mut Rng) -> Vec<Asked> {
    let one = |number| match number % 3 {
        0 => Asked::smart(target(rng)),
        _ => Asked::Plain(plain(rng)),
    };
    (0..AT_ONCE).map(one).collect()
}

fn plain(rng: &mut Rng) -> NewOrder {
    let (side, far) = *rng
        .choice(&[(Side::Buy, "50"), (Side::Sell, "200")])
        .unwrap();
    let order = NewOrder::market(traded(Bourse::Nse), side, sample::units(rng.i64(1..=5)));
    if rng.u8(..4) > 0 {
        return order;
    }
    let price = sample::price(far);
    NewOrder {
        kind: OrderKind::Limit { price },
        ..order
    }
}

/// Asks for all of it, each in a task of its own.
pub(super) async fn at_once(engine: &Arc<Engine>, user: UserId, asked: Vec<Asked>) -> Vec<Came> {
    let mut tasks = JoinSet::new();
    for asked in asked {
        let engine = Arc::clone(engine);
        tasks.spawn(async move { ask(&engine, user, asked).await });
    }
    tasks.join_all().await
}

async fn ask(engine: &Engine, user: UserId, asked: Asked) -> Came {
    let smart = match asked {
        Asked::Plain(order) => {
            let placed = engine.orders().place(user, order).await.unwrap();
            return Came::Placed(placed.order.id);
        }
        Asked::Smart(smart) => smart,
    };
    match engine.orders().smart(user, smart).await {
        Ok(SmartOutcome::Placed(placed)) => Came::Placed(placed.order.id),
        Ok(SmartOutcome::NoOrder(_)) => Came::Nothing,
        Err(
            SmartOrderError::Unsettled(_)
            | SmartOrderError::Standing(StandingError::Moving(_))
            | SmartOrderError::Place(PlaceOrderError::Account(AccountError::Overtaken)),
        ) => Came::Refused,
        Err(error) => panic!("{error}"),
    }
}

/// The net units that orders were filled with.
pub(super) fn filled(orders: &[Order]) -> i64 {
    let filled = orders.iter().map(|order| {
        let side = order.intent.order.side;
        signed(side, order.executed().quantity)
    });
    filled.sum()
}

/// Whether each smart order led to its target, all orders before it counted, those that rest too.
pub(super) fn after_one_another(held: i64, orders: &[Order]) {
    let mut comes_to = held;
    for order in orders {
        let asked = &order.intent.order;
        comes_to += signed(asked.side, asked.quantity);
        let strategy = asked.strategy.as_deref().unwrap_or_default();
        if let Some(target) = strategy.strip_prefix(SMART) {
            assert_eq!(comes_to.to_string(), target, "{order:?}");
        }
    }
}
