//! Orders that wait for a price: met once, placed once, whatever happens in between.

mod again;
mod crash;
mod late;
mod live;
mod margin;

use crate::in_memory::{Place, traded};
use crate::risk::by;
use openalgo::core::market::Exchange;
use openalgo::core::order::{
    Gtt, GttLeg, GttLegs, GttProduct, GttStatus, LegState, NewGtt, NewOrder, Order, OrderKind,
    OrderStatus, Product, Side, TriggerSide,
};
use openalgo::core::port::GttRepository;
use openalgo::core::value::Quantity;
use openalgo::engine::event::{Event, Next};
use openalgo::engine::service::{ChangeGttError, PlaceGttError};
use openalgo::engine::{Engine, EngineConfig};
use openalgo_core::testing::sample::{price, units};
use std::time::Duration;
use tokio::time::advance;

fn below(trigger: &str) -> GttLeg {
    GttLeg::new(TriggerSide::Below, price(trigger), None)
}

fn above(trigger: &str) -> GttLeg {
    GttLeg::new(TriggerSide::Above, price(trigger), None)
}

fn buy(legs: &[GttLeg]) -> NewGtt {
    NewGtt {
        instrument: traded(Exchange::Nse),
        side: Side::Buy,
        quantity: units(10),
        product: GttProduct::Cnc,
        legs: GttLegs::try_new(legs.to_vec()).unwrap(),
        strategy: None,
        expires_at: None,
        trigger_id: None,
    }
}

/// A place, an engine on it, and the one that waits there.
async fn waiting(place: &Place, asked: NewGtt) -> (Engine, Gtt) {
    let engine = place.start().await;
    let placed = engine.gtts().place(place.owner.id, asked).await.unwrap();
    assert!(!placed.replayed);
    (engine, placed.gtt)
}

async fn paper(asked: NewGtt) -> (Place, Engine, Gtt) {
    let place = Place::new(Vec::new()).await;
    let (engine, gtt) = waiting(&place, asked).await;
    (place, engine, gtt)
}

impl Place {
    /// Lets everything have this price, and the watch see it.
    async fn trade_at(&self, engine: &Engine, at: &str) {
        self.price(at);
        engine.watch_gtts().await.unwrap();
    }

    async fn gtt(&self, gtt: &Gtt) -> Gtt {
        let found = self.store.find(gtt.user, &gtt.trigger_id).await.unwrap();
        found.unwrap()
    }

    async fn orders(&self, engine: &Engine) -> Vec<Order> {
        engine.orders().list(self.owner.id, 99).await.unwrap()
    }
}

fn states(gtt: &Gtt) -> Vec<LegState> {
    gtt.legs.as_slice().iter().map(|leg| leg.state).collect()
}

fn triggered(order: &Order) -> LegState {
    let order = Some(order.id);
    LegState::Triggered { order }
}

#[tokio::test(start_paused = true)]
async fn a_single_is_met_from_its_side_and_placed_once() {
    for (leg, misses, meets) in [
        (below("95"), "95.05", "95"),
        (below("95"), "100", "90"),
        (above("105"), "104.95", "105"),
        (above("105"), "100", "110"),
    ] {
        let (place, engine, gtt) = paper(buy(&[leg])).await;
        let mut events = engine.subscribe();
        place.trade_at(&engine, misses).await;
        assert_eq!(place.orders(&engine).await, []);
        assert_eq!(place.gtt(&gtt).await, gtt);
        place.trade_at(&engine, meets).await;
        place.trade_at(&engine, misses).await;
        place.trade_at(&engine, meets).await;

        let orders = place.orders(&engine).await;
        let [order] = orders.as_slice() else {
            panic!("{orders:?}");
        };
        assert_eq!(order.status(), OrderStatus::Complete);
        let asked = &order.intent.order;
        assert_eq!((asked.side, asked.quantity), (Side::Buy, units(10)));
        assert_eq!(
            (asked.product, asked.kind),
            (Product::Cnc, OrderKind::Market)
        );
        let id = format!("{}-{}", gtt.trigger_id, leg.side);
        assert_eq!(asked.client_order_id.as_ref().unwrap().as_str(), id);
        let over = place.gtt(&gtt).await;
        assert_eq!(over.status, GttStatus::Triggered);
        assert_eq!(states(&over), [triggered(order)]);
        let mut told = Vec::new();
        while told.last() != Some(&GttStatus::Triggered) {
            if let Next::Event(Event::GttChanged(gtt)) = events.next().await {
                told.push(gtt.status);
            }
        }
        assert_eq!(told, [GttStatus::Active, GttStatus::Triggered]);
        engine.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_leg_that_is_met_cancels_the_other_and_takes_its_own_limit() {
    let leg = |side, trigger, limit| GttLeg::new(side, price(trigger), Some(price(limit)));
    let stop = leg(TriggerSide::Below, "90", "89");
    let target = leg(TriggerSide::Above, "110", "111");
    for (meets, limit, first) in [("90", "89", true), ("110", "111", false)] {
        let (place, engine, gtt) = paper(buy(&[target, stop])).await;
        place.trade_at(&engine, meets).await;
        place
            .trade_at(&engine, if first { "110" } else { "90" })
            .await;
        let orders = place.orders(&engine).await;
        let [order] = orders.as_slice() else {
            panic!("{orders:?}");
        };
        let limit = price(limit);
        assert_eq!(order.intent.order.kind, OrderKind::Limit { price: limit });
        let mut expected = [triggered(order), LegState::Cancelled];
        if !first {
            expected.reverse();
        }
        assert_eq!(states(&place.gtt(&gtt).await), expected);
        engine.stop().await;
    }
}

/// One task looks by itself; what is met already when it is placed is met at once.
#[tokio::test(start_paused = true)]
async fn prices_are_looked_at_again_and_again() {
    let place = Place::new(Vec::new()).await;
    let config = EngineConfig {
        watch_gtts_every: Some(Duration::from_secs(1)),
        ..EngineConfig::default()
    };
    let engine = place.start_with(config).await;
    for leg in [below("100"), above("120")] {
        let asked = buy(&[leg]);
        engine.gtts().place(place.owner.id, asked).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(place.orders(&engine).await.len(), 1);
    place.price("120");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(place.orders(&engine).await.len(), 2);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn one_that_has_lapsed_is_met_by_nothing() {
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    let asked = NewGtt {
        expires_at: Some(engine.now().plus(chrono::Duration::hours(1))),
        ..buy(&[below("95")])
    };
    let gtts = engine.gtts();
    let gtt = gtts.place(place.owner.id, asked).await.unwrap().gtt;
    advance(Duration::from_hours(1)).await;
    let modified = gtts.modify(place.owner.id, &gtt.trigger_id, buy(&[below("96")]));
    assert!(matches!(
        modified.await,
        Err(ChangeGttError::NotFound(id)) if id == gtt.trigger_id
    ));
    place.trade_at(&engine, "95").await;
    let over = place.gtt(&gtt).await;
    assert_eq!(over.status, GttStatus::Expired);
    assert_eq!(states(&over), [LegState::Cancelled]);
    assert_eq!(place.orders(&engine).await, []);
    let year = gtts
        .place(place.owner.id, buy(&[below("90")]))
        .await
        .unwrap();
    let life = year.gtt.expires_at.since(year.gtt.created_at);
    assert_eq!(life, chrono::Duration::days(365));
    engine.stop().await;
}

/// What costs more than there is is tried a few times, and then given up where people see it.
#[tokio::test(start_paused = true)]
async fn an_order_that_is_refused_again_and_again_is_given_up() {
    let asked = NewGtt {
        quantity: units(50_000),
        ..buy(&[below("95"), above("110")])
    };
    let (place, engine, gtt) = paper(asked).await;
    // What is reserved for it does not cover it any more.
    let capital = "100000".parse().unwrap();
    engine.paper().set_capital(capital).await.unwrap();
    for attempts in 1..=2 {
        place.trade_at(&engine, "95").await;
        place.trade_at(&engine, "95").await;
        let waits = place.gtt(&gtt).await;
        assert_eq!(waits.status, GttStatus::Active);
        assert_eq!(states(&waits)[0], LegState::Pending { attempts });
        advance(Duration::from_secs(20)).await;
    }
    place.trade_at(&engine, "95").await;
    let over = place.gtt(&gtt).await;
    assert_eq!(over.status, GttStatus::Rejected);
    let reason = over.message.clone().unwrap();
    assert!(
        reason.starts_with("Insufficient funds. Required: ₹"),
        "{reason}"
    );
    assert_eq!(states(&over), [LegState::Cancelled; 2]);
    assert_eq!(place.orders(&engine).await, []);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_halt_lets_it_wait_and_burns_no_attempt() {
    let (place, engine, gtt) = paper(buy(&[below("95")])).await;
    let (user, risk) = (&place.owner, engine.risk());
    let reason = "lunch".parse().unwrap();
    risk.halt(user.id, reason, by(user)).await.unwrap();
    let refused = engine.gtts().place(user.id, buy(&[below("90")])).await;
    assert!(matches!(refused, Err(PlaceGttError::Halted(_))));
    for _ in 0..5 {
        place.trade_at(&engine, "95").await;
        advance(Duration::from_secs(20)).await;
    }
    let waits = place.gtt(&gtt).await;
    assert_eq!(states(&waits), [LegState::Pending { attempts: 0 }]);
    assert!(waits.message.unwrap().contains("lunch"));
    risk.resume(user.id, by(user)).await.unwrap();
    place.trade_at(&engine, "95").await;
    let over = place.gtt(&gtt).await;
    assert_eq!((over.status, over.message), (GttStatus::Triggered, None));
    engine.stop().await;
}

/// Nobody is kept in a position, whoever asks for the exit.
#[tokio::test(start_paused = true)]
async fn an_exit_passes_a_halt() {
    let place = Place::new(Vec::new()).await;
    let exit = NewGtt {
        side: Side::Sell,
        ..buy(&[below("95")])
    };
    let (engine, gtt) = waiting(&place, exit.clone()).await;
    let more = engine.gtts().place(place.owner.id, exit).await.unwrap().gtt;
    let held = NewOrder {
        product: Product::Cnc,
        ..NewOrder::market(traded(Exchange::Nse), Side::Buy, units(10))
    };
    let (user, risk) = (&place.owner, engine.risk());
    engine.orders().place(user.id, held).await.unwrap();
    let reason = "lunch".parse().unwrap();
    risk.halt(user.id, reason, by(user)).await.unwrap();
    place.trade_at(&engine, "95").await;
    let states = [place.gtt(&gtt).await, place.gtt(&more).await].map(|it| it.status);
    assert!(states.contains(&GttStatus::Triggered), "{states:?}");
    // What is left would open a position.
    assert!(states.contains(&GttStatus::Active), "{states:?}");
    engine.stop().await;
}

/// Whatever takes no more risk may be done while nothing else may.
#[tokio::test(start_paused = true)]
async fn in_a_halt_it_may_be_made_smaller_and_withdrawn() {
    let limited = |quantity, limit| {
        let leg = GttLeg::new(TriggerSide::Below, price("95"), Some(price(limit)));
        NewGtt {
            quantity: units(quantity),
            ..buy(&[leg])
        }
    };
    let (place, engine, gtt) = paper(limited(10, "96")).await;
    let (user, gtts, risk) = (&place.owner, engine.gtts(), engine.risk());
    let reason = "lunch".parse().unwrap();
    risk.halt(user.id, reason, by(user)).await.unwrap();
    let modify = |asked| gtts.modify(user.id, &gtt.trigger_id, asked);
    let later = NewGtt {
        expires_at: Some(gtt.expires_at.plus(chrono::Duration::seconds(1))),
        ..limited(10, "96")
    };
    let other_product = NewGtt {
        product: GttProduct::Nrml,
        ..limited(10, "96")
    };
    for more in [
        limited(11, "95"),
        limited(9, "96.05"),
        buy(&[below("95")]),
        buy(&[below("94")]),
        later,
        other_product,
    ] {
        let refused = modify(more.clone()).await;
        assert!(
            matches!(
                refused,
                Err(ChangeGttError::Halted(_) | ChangeGttError::Refused(_))
            ),
            "{more:?}: {refused:?}"
        );
    }
    assert_eq!(place.gtt(&gtt).await, gtt);
    let smaller = modify(limited(8, "95.50")).await.unwrap();
    assert_eq!(smaller.quantity, units(8));
    // Measured by what it is by now, and not by what it was.
    let refused = modify(limited(9, "95.50")).await;
    assert!(
        matches!(refused, Err(ChangeGttError::Halted(_))),
        "{refused:?}"
    );
    let gone = gtts.cancel(user.id, &gtt.trigger_id).await.unwrap();
    assert_eq!(gone.status, GttStatus::Cancelled);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn other_terms_hold_from_then_on_and_what_it_trades_stays() {
    let (place, engine, gtt) = paper(buy(&[below("95")])).await;
    let (user, gtts) = (place.owner.id, engine.gtts());
    let terms = NewGtt {
        quantity: units(4),
        ..buy(&[above("105")])
    };
    let changed = gtts.modify(user, &gtt.trigger_id, terms).await.unwrap();
    assert_eq!(changed.expires_at, gtt.expires_at);
    let oco = buy(&[below("95"), above("105")]);
    let refused = gtts.modify(user, &gtt.trigger_id, oco).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Modify must keep the same trigger shape: this GTT has 1 leg(s)."
    );
    let selling = NewGtt {
        side: Side::Sell,
        ..buy(&[below("95")])
    };
    let refused = gtts.modify(user, &gtt.trigger_id, selling).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "action cannot be changed on an existing GTT (BUY -> SELL). Cancel and re-place."
    );
    place.trade_at(&engine, "95").await;
    assert_eq!(place.orders(&engine).await, []);
    place.trade_at(&engine, "105").await;
    let orders = place.orders(&engine).await;
    let quantities: Vec<Quantity> = orders.iter().map(|it| it.intent.order.quantity).collect();
    assert_eq!(quantities, [units(4)]);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn one_that_is_cancelled_is_met_by_nothing_and_is_not_cancelled_twice() {
    let (place, engine, gtt) = paper(buy(&[below("95")])).await;
    let (user, gtts) = (place.owner.id, engine.gtts());
    let cancelled = gtts.cancel(user, &gtt.trigger_id).await.unwrap();
    assert_eq!(cancelled.status, GttStatus::Cancelled);
    place.trade_at(&engine, "95").await;
    assert_eq!(place.orders(&engine).await, []);
    let again = gtts.cancel(user, &gtt.trigger_id).await.unwrap_err();
    assert_eq!(
        again.to_string(),
        format!("No active GTT with trigger_id '{}'", gtt.trigger_id)
    );
    let all = gtts.list(user, None).await.unwrap();
    assert_eq!(all, [cancelled]);
    let active = gtts.list(user, Some(GttStatus::Active)).await.unwrap();
    assert_eq!(active, []);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_same_id_and_words_are_the_same_one() {
    let place = Place::new(Vec::new()).await;
    let (user, engine) = (place.owner.id, place.start().await);
    let named = |legs: &[GttLeg]| NewGtt {
        trigger_id: Some("mine".parse().unwrap()),
        ..buy(legs)
    };
    let gtts = engine.gtts();
    let first = gtts.place(user, named(&[below("95")])).await.unwrap();
    let again = gtts.place(user, named(&[below("95")])).await.unwrap();
    assert_eq!((again.gtt, again.replayed), (first.gtt, true));
    let other = gtts.place(user, named(&[below("94")])).await;
    assert!(matches!(other, Err(PlaceGttError::Conflict(_))));
    place.trade_at(&engine, "90").await;
    assert_eq!(place.orders(&engine).await.len(), 1);
    engine.stop().await;
}
