//! Every way in which orders come into being, or are changed.

use super::watch::Watch;
use crate::in_memory::traded;
use crate::risk::by;
use fastrand::Rng;
use openalgo::core::account::User;
use openalgo::core::id::UserId;
use openalgo::core::market::Exchange as Bourse;
use openalgo::core::order::{
    GttLeg, GttLegs, GttProduct, GttStatus, NewGtt, NewOrder, Order, OrderKind, Product, Side,
    TradingMode, TriggerSide,
};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::NetQuantity;
use openalgo::engine::Engine;
use openalgo::engine::service::{
    ExitOrigin, Leg, OrderService, Placed, Requested, SmartOrder, SmartOutcome, SplitSize,
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
    Gtt,
    ChangeGtt,
    Keyed,
    Decide,
}

impl Entry {
    pub(super) const ALL: [Self; 13] = [
        Self::Place,
        Self::Smart,
        Self::Basket,
        Self::Split,
        Self::Close,
        Self::CloseAll,
        Self::Modify,
        Self::Cancel,
        Self::CancelAll,
        Self::Gtt,
        Self::ChangeGtt,
        Self::Keyed,
        Self::Decide,
    ];

    /// Whether it works on what is there.
    pub(super) fn is_a_change(self) -> bool {
        matches!(
            self,
            Self::Modify | Self::Cancel | Self::ChangeGtt | Self::Decide
        )
    }
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

/// Asks, and lets the watch know until when somebody works on it.
pub(super) async fn ask(
    (engine, user, watch): (&Engine, &User, &Watch),
    (entry, strategy): (Entry, &str),
    rng: &mut Rng,
) -> Modes {
    watch.begin(strategy);
    let modes = match entry {
        Entry::Gtt => {
            let placed = engine.gtts().place(user.id, gtt(rng, strategy)).await;
            if placed.is_ok() {
                watch.waits_for_a_price(strategy);
                return Ok(Vec::new());
            }
            none(placed)
        }
        Entry::Keyed => {
            let order = order(rng, strategy);
            let asked = engine.keyed_orders().place(user.id, order).await;
            if let Ok(Requested::Waits(_)) = asked {
                watch.waits_for_a_person(strategy);
                return Ok(Vec::new());
            }
            assert!(asked.is_err(), "it does not wait: {asked:?}");
            none(asked)
        }
        Entry::ChangeGtt => change_gtt(engine, user.id, rng).await,
        Entry::Decide => decide((engine, user, watch), rng).await,
        _ => ask_now((engine, user.id), (entry, strategy), rng).await,
    };
    watch.end(strategy);
    modes
}

/// The modes of a request that came to no order.
fn none<T, E: ToString>(outcome: Result<T, E>) -> Modes {
    let outcome = outcome.map_err(|error| error.to_string());
    outcome.map(|_| Vec::new())
}

async fn ask_now(
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
        Entry::Gtt | Entry::ChangeGtt | Entry::Keyed | Entry::Decide => {
            panic!("{entry:?} leads to something that waits")
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

fn gtt(rng: &mut Rng, strategy: &str) -> NewGtt {
    let below = GttLeg::new(TriggerSide::Below, sample::price("95"), None);
    let above = GttLeg::new(TriggerSide::Above, sample::price("105"), None);
    let legs = rng.choice([vec![below], vec![above], vec![below, above]]);
    NewGtt {
        instrument: traded(Bourse::Nse),
        side: Side::Buy,
        quantity: sample::units(rng.i64(1..=9)),
        product: GttProduct::Cnc,
        legs: GttLegs::try_new(legs.unwrap()).unwrap(),
        strategy: Some(strategy.to_owned()),
        expires_at: None,
        trigger_id: None,
    }
}

/// Changes or withdraws one that waits for a price, if there is one.
async fn change_gtt(engine: &Engine, user: UserId, rng: &mut Rng) -> Modes {
    let gtts = engine.gtts();
    let waiting = gtts.list(user, Some(GttStatus::Active)).await.unwrap();
    let Some(gtt) = rng.choice(&waiting) else {
        return Err("none".to_owned());
    };
    if rng.bool() {
        return none(gtts.cancel(user, &gtt.trigger_id).await);
    }
    let asked = NewGtt {
        quantity: sample::units(rng.i64(10..=20)),
        ..gtt.as_asked()
    };
    none(gtts.modify(user, &gtt.trigger_id, asked).await)
}

/// Lets an order go that waits for a person, or refuses it, if there is one.
async fn decide((engine, user, watch): (&Engine, &User, &Watch), rng: &mut Rng) -> Modes {
    let approvals = engine.approvals();
    let waiting = approvals.open(user.id).await.unwrap();
    let Some(view) = rng.choice(&waiting) else {
        return Err("none".to_owned());
    };
    let (id, asked) = (view.pending.id, &view.pending.asked);
    if rng.u8(..4) == 0 {
        return none(approvals.reject(user.id, id, (None, by(user))).await);
    }
    let strategy = asked.order.strategy.as_deref().unwrap();
    watch.begin_decision(strategy);
    let approved = approvals.approve(user.id, id, by(user)).await;
    watch.end_decision(strategy);
    let approved = approved.map_err(|error| error.to_string())?;
    let mode = approved.came_of.order().unwrap().intent.mode;
    assert_eq!(mode, asked.mode);
    Ok(vec![mode])
}
