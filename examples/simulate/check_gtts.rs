//! Whether what waits for a price is placed once: the broker's own book says.

use super::World;
use super::exchange::{Held, Origin};
use super::gtts::GttCall;
use super::plan::Account;
use openalgo::core::order::{
    Gtt, GttLeg, GttStatus, LegState, NewOrder, Order, OrderEventKind, OrderKind, OrderStatus,
    Product, TriggerSide,
};
use openalgo::core::port::{GttQuery, GttRepository, OrderRepository};
use openalgo::core::value::Price;

/// For how long before its order a price may have been met: the order stands in line, and finds a
/// disk that is slow.
const BEFORE: i64 = 5;

/// Accuses the engine of whatever is wrong in the evening.
pub(super) async fn check(world: &World, held: &[Held]) {
    let gtts = stored(world).await;
    for account in [Account::Live, Account::Paper] {
        let ours = super::check::stored(world, account).await;
        for call in world.gtts.all() {
            if call.wish.account != account {
                continue;
            }
            let name = call.wish.strategy();
            let is_it = |gtt: &&Gtt| gtt.strategy.as_ref() == Some(&name);
            let kept: Vec<&Gtt> = gtts.iter().filter(is_it).collect();
            let is_its = |order: &&Order| order.intent.order.strategy.as_ref() == Some(&name);
            let orders: Vec<&Order> = ours.iter().filter(is_its).collect();
            check_answers(world, &call, &kept);
            check_book(world, &name, held);
            match kept.as_slice() {
                [gtt] => check_gtt(world, gtt, &orders).await,
                [] if orders.is_empty() => {}
                _ => world.accuse(format!("{name}: {kept:?} led to {orders:?}")),
            }
        }
    }
}

/// Every order that waits for a price or did.
pub(super) async fn stored(world: &World) -> Vec<Gtt> {
    let mut gtts = GttRepository::list(&*world.memory, GttQuery::default())
        .await
        .unwrap();
    gtts.reverse();
    gtts
}

/// One or none has arrived at the broker, of both legs and whatever was tried again.
fn check_book(world: &World, name: &str, held: &[Held]) {
    let is_its = |held: &&Held| {
        held.asked.strategy.as_deref() == Some(name) && held.origin != Origin::ByHand
    };
    let arrived: Vec<_> = held.iter().filter(is_its).collect();
    if arrived.len() > 1 {
        let ids = arrived.iter().map(|held| &held.asked.client_order_id);
        let ids: Vec<_> = ids.collect();
        world.accuse(format!("{name} was placed more than once: {ids:?}"));
    }
}

/// What clients were told is true.
fn check_answers(world: &World, call: &GttCall, kept: &[&Gtt]) {
    let name = call.wish.strategy();
    if kept.len() > 1 || call.firsts > 1 {
        world.accuse(format!("{name} was kept {} times", kept.len()));
    }
    for id in &call.ids {
        if !kept.iter().any(|gtt| gtt.trigger_id == *id) {
            world.accuse(format!("{name} was told of {id}, which is gone"));
        }
    }
    if call.unanswered == 0 && call.is_refused && !kept.is_empty() {
        world.accuse(format!(
            "{name} was told that nothing waits, and there is {kept:?}"
        ));
    }
    let Some(gtt) = kept.first() else {
        return;
    };
    if call.cancels > 0 && gtt.status != GttStatus::Cancelled {
        world.accuse(format!("{name} was cancelled and is {}", gtt.status));
    }
    let asked = call.terms.last().unwrap_or(&call.wish.asked);
    let prices = |legs: &[GttLeg]| -> Vec<_> {
        let legs = legs.iter();
        legs.map(|leg| (leg.side, leg.trigger, leg.limit)).collect()
    };
    let terms = (gtt.quantity, prices(gtt.legs.as_slice()));
    if call.unclear == 0 && terms != (asked.quantity, prices(asked.legs.as_slice())) {
        world.accuse(format!("{name} is for {terms:?}, and {asked:?} was asked"));
    }
}

/// One has become one order, or none and only what was refused.
async fn check_gtt(world: &World, gtt: &Gtt, orders: &[&Order]) {
    let id = &gtt.trigger_id;
    let is_refused = |order: &Order| {
        order.status() == OrderStatus::Rejected && order.executed().quantity.is_zero()
    };
    let legs = gtt.legs.as_slice();
    let triggered = legs.iter().find_map(|leg| match leg.state {
        LegState::Triggered { order } => Some((leg, order)),
        _ => None,
    });
    if legs
        .iter()
        .any(|it| matches!(it.state, LegState::Triggering { .. }))
    {
        world.accuse(format!("{id} is left between claim and order"));
    }
    if triggered.is_some() != (gtt.status == GttStatus::Triggered) {
        world.accuse(format!("{id} is {} with {legs:?}", gtt.status));
    }
    let Some((leg, order)) = triggered else {
        if let Some(order) = orders.iter().find(|order| !is_refused(order)) {
            world.accuse(format!("{id} is {}, and there is {order:?}", gtt.status));
        }
        return;
    };
    let Some(its) = orders.iter().find(|it| Some(it.id) == order) else {
        world.accuse(format!("the order {order:?} of {id} is gone"));
        return;
    };
    if let Some(more) = orders.iter().find(|it| it.id != its.id && !is_refused(it)) {
        world.accuse(format!("{id} led to {its:?} and to {more:?}"));
    }
    check_order(world, (gtt, leg), its).await;
}

/// The order is what was waited for, and the price was met.
async fn check_order(world: &World, (gtt, leg): (&Gtt, &GttLeg), order: &Order) {
    let id = &gtt.trigger_id;
    let journal = world.memory.journal(order.id).await.unwrap();
    let Some(OrderEventKind::Planned { intent }) = journal.into_iter().next().map(|it| it.kind)
    else {
        return;
    };
    let limit = |price| OrderKind::Limit { price };
    let expected = NewOrder {
        instrument: gtt.instrument.clone(),
        side: gtt.side,
        quantity: gtt.quantity,
        product: Product::from(gtt.product),
        kind: leg.limit.map_or(OrderKind::Market, limit),
        ..intent.order.clone()
    };
    let is_of_leg = |it: &str| it.starts_with(&format!("{id}-{}", leg.side));
    let its_id = intent.order.client_order_id.as_ref();
    if intent.order != expected || !its_id.is_some_and(|it| is_of_leg(it.as_str())) {
        world.accuse(format!("{gtt:?} led to {:?}", intent.order));
    }
    if (intent.mode, &intent.broker) != (gtt.mode, &gtt.broker) {
        world.accuse(format!("{id} went to {} in {}", intent.broker, intent.mode));
    }
    let is_met = |last: Price| match leg.side {
        TriggerSide::Below => last <= leg.trigger,
        TriggerSide::Above => last >= leg.trigger,
    };
    let price = |minutes: i64| {
        let at = intent.at.plus(chrono::Duration::minutes(-minutes));
        world.market.price(&gtt.instrument, at)
    };
    if !(0..=BEFORE).map(price).any(is_met) {
        world.accuse(format!(
            "{id} was placed at {}, and no price met it",
            intent.at
        ));
    }
}
