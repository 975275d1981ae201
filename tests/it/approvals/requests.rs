//! Which requests with a key wait, which are refused, and which go on.

use super::{Desk, done, named, order, own, waiting};
use crate::in_memory::traded;
use crate::risk::by;
use futures_util::future::join_all;
use openalgo::core::account::SettingKey;
use openalgo::core::market::Exchange;
use openalgo::core::order::{NewOrder, OrderMode, OrderSource, Product, Side, TradingMode};
use openalgo::core::rule::modification::Modification;
use openalgo::core::strategy::ApprovalStatus;
use openalgo::core::value::{NetQuantity, Quantity};
use openalgo::engine::service::{
    ExitOrigin, KeyedError, KeyedLeg, Requested, SmartOrder, SmartOutcome, SplitSize,
};

#[tokio::test(start_paused = true)]
async fn a_person_waits_for_nobody() {
    let desk = Desk::new().await;
    for source in [OrderSource::Manual, OrderSource::Api] {
        let order = NewOrder {
            source,
            ..order(Side::Buy, 1)
        };
        desk.engine
            .orders()
            .place(desk.user(), order)
            .await
            .unwrap();
    }
    assert_eq!(desk.broker.count(), 2);
    desk.engine.stop().await;
}

/// Analyze mode tries out the whole way.
#[tokio::test(start_paused = true)]
async fn on_paper_orders_wait_as_well_and_are_filled_there() {
    let desk = Desk::new().await;
    let (keyed, settings) = (desk.engine.keyed_orders(), desk.engine.settings());
    settings.set(SettingKey::Analyzer, "true").await.unwrap();
    let queued = waiting(keyed.place(desk.user(), order(Side::Buy, 1)).await.unwrap());
    assert_eq!(queued.pending.asked.mode, TradingMode::Paper);
    let approved = desk.approve(queued.pending.id).await.unwrap();
    let intent = &approved.came_of.order().unwrap().intent;
    assert_eq!(intent.mode, TradingMode::Paper);
    assert_eq!(desk.broker.count(), 0);
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn with_an_automatic_key_orders_go_out_at_once() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    desk.mode(OrderMode::Auto).await;
    let placed = done(keyed.place(desk.user(), order(Side::Buy, 1)).await.unwrap());
    assert_eq!(placed.order.intent.mode, TradingMode::Live);
    let basket = vec![order(Side::Buy, 1), order(Side::Sell, 1)];
    let legs = keyed.basket(desk.user(), basket, None).await.unwrap();
    for leg in legs {
        let placed = done(leg.outcome.unwrap());
        assert_eq!(placed.order.intent.mode, TradingMode::Live);
    }
    assert_eq!(desk.broker.count(), 3);
    let approvals = desk.engine.approvals();
    let queued = approvals.list(desk.user(), None).await.unwrap();
    assert!(queued.is_empty());
    desk.engine.stop().await;
}

/// What could never be placed is refused before anybody is asked.
#[tokio::test(start_paused = true)]
async fn a_wrong_order_is_not_put_before_a_person() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    let refused = keyed.place(desk.user(), order(Side::Buy, 0)).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "Quantity must be positive"
    );
    let mut unknown = order(Side::Buy, 1);
    unknown.instrument.symbol = "INFO".parse().unwrap();
    let basket = vec![order(Side::Buy, 1), unknown, order(Side::Sell, 1)];
    let legs = keyed.basket(desk.user(), basket, None).await.unwrap();
    let text = |leg: &KeyedLeg| leg.outcome.as_ref().map(drop).map_err(ToString::to_string);
    let told: Vec<_> = legs.iter().map(text).collect();
    let missing = "Symbol INFO not found on NSE".to_owned();
    assert_eq!(told, [Ok(()), Err(missing), Ok(())]);
    assert_eq!(
        desk.engine
            .approvals()
            .list(desk.user(), None)
            .await
            .unwrap()
            .len(),
        2
    );
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_same_request_again_is_the_same_order() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    let asked = named("client-1", order(Side::Buy, 1));
    let asking = (0..50).map(|_| keyed.place(desk.user(), asked.clone()));
    let queued = join_all(asking).await.into_iter();
    let queued: Vec<_> = queued.map(|it| waiting(it.unwrap())).collect();
    let id = queued[0].pending.id;
    assert!(queued.iter().all(|it| it.pending.id == id));
    assert_eq!(queued.iter().filter(|it| !it.replayed).count(), 1);

    let other = keyed
        .place(desk.user(), named("client-1", order(Side::Buy, 2)))
        .await;
    assert_eq!(
        other.unwrap_err().to_string(),
        format!("the client order id 'client-1' was used for another order (pending order {id})")
    );
    // Whatever the key may do by now, somebody is asked about this one.
    desk.mode(OrderMode::Auto).await;
    let again = waiting(keyed.place(desk.user(), asked.clone()).await.unwrap());
    assert!(again.replayed);
    let settings = desk.engine.settings();
    settings.set(SettingKey::Analyzer, "true").await.unwrap();
    assert!(keyed.place(desk.user(), asked.clone()).await.is_err());
    settings.set(SettingKey::Analyzer, "false").await.unwrap();
    assert_eq!(desk.broker.count(), 0);

    let approved = desk.approve(id).await.unwrap();
    let order = approved.came_of.order().unwrap();
    assert_eq!(order.intent.order.client_order_id, Some(own("client-1")));
    let again = done(keyed.place(desk.user(), asked.clone()).await.unwrap());
    assert!(again.replayed);
    assert_eq!(again.order.id, order.id);
    // Nor does it come again when it is off the list.
    let owner = by(&desk.place.owner);
    desk.engine
        .approvals()
        .delete(desk.user(), id, owner)
        .await
        .unwrap();
    assert!(done(keyed.place(desk.user(), asked).await.unwrap()).replayed);
    assert_eq!(desk.broker.count(), 1);
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_rejected_request_again_is_answered_with_the_rejection() {
    let desk = Desk::new().await;
    let asked = named("client-1", order(Side::Buy, 1));
    let id = desk.queue(asked.clone()).await.id;
    let rejecting = desk.engine.approvals();
    let rejected = rejecting.reject(desk.user(), id, (None, by(&desk.place.owner)));
    rejected.await.unwrap();
    let again = desk.queue(asked).await;
    assert_eq!(again.id, id);
    assert_eq!(again.approval.status(), ApprovalStatus::Rejected);
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_same_basket_again_asks_only_for_what_was_not_asked() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    let basket = || vec![order(Side::Buy, 1), order(Side::Sell, 2)];
    desk.limit("1").await;
    let first = keyed
        .basket(desk.user(), basket(), Some(own("hedge")))
        .await
        .unwrap();
    assert!(first[1].outcome.is_err());
    desk.limit("off").await;
    let again = keyed
        .basket(desk.user(), basket(), Some(own("hedge")))
        .await
        .unwrap();
    let again: Vec<_> = again
        .into_iter()
        .map(|leg| waiting(leg.outcome.unwrap()))
        .collect();
    assert_eq!([again[0].replayed, again[1].replayed], [true, false]);
    let basket_of = |at: usize| again[at].pending.asked.basket.clone().unwrap().basket;
    assert_eq!(basket_of(0), basket_of(1));

    let twice = vec![
        named("one", order(Side::Buy, 1)),
        named("one", order(Side::Buy, 1)),
    ];
    let twice = keyed.basket(desk.user(), twice, None).await.unwrap();
    assert!(matches!(twice[0].outcome, Ok(Requested::Waits(_))));
    assert!(twice[1].outcome.is_err());
    assert_eq!(
        desk.engine
            .approvals()
            .list(desk.user(), None)
            .await
            .unwrap()
            .len(),
        3
    );
    desk.engine.stop().await;
}

/// An automatic key places the rest of what it began, and not what a person is asked about.
#[tokio::test(start_paused = true)]
async fn what_waits_of_a_basket_is_not_placed_by_another_mode() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    let basket = || {
        vec![
            order(Side::Buy, 1),
            order(Side::Sell, 2),
            order(Side::Buy, 3),
        ]
    };
    desk.limit("2").await;
    keyed
        .basket(desk.user(), basket(), Some(own("hedge")))
        .await
        .unwrap();
    desk.limit("off").await;
    desk.mode(OrderMode::Auto).await;
    let again = keyed
        .basket(desk.user(), basket(), Some(own("hedge")))
        .await
        .unwrap();
    let waits: Vec<_> = again
        .iter()
        .map(|leg| matches!(leg.outcome, Ok(Requested::Waits(_))))
        .collect();
    assert_eq!(waits, [true, true, false]);
    assert_eq!(desk.broker.count(), 1);
    desk.engine.stop().await;
}

/// What waits is the request that it came from, before it is let go and after.
#[tokio::test(start_paused = true)]
async fn another_request_under_an_id_of_what_waits_is_a_conflict() {
    let desk = Desk::new().await;
    let (keyed, user) = (desk.engine.keyed_orders(), desk.user());
    let smart = |position| SmartOrder {
        order: named("mine", order(Side::Buy, 1)),
        position: NetQuantity::try_new(position).unwrap(),
    };
    let basket = |second| vec![order(Side::Buy, 1), order(Side::Buy, second)];
    let split = async |units| {
        let size = SplitSize::Units(Quantity::try_new(units).unwrap());
        let order = named("mine", order(Side::Buy, 4));
        keyed.split(user, order, size).await
    };
    waiting(keyed.smart(user, smart(9)).await.unwrap());
    let legs = keyed.basket(user, basket(2), Some(own("mine"))).await;
    assert!(legs.unwrap().iter().all(|leg| leg.outcome.is_ok()));
    assert_eq!(split(3).await.unwrap().len(), 2);
    let conflicts = async || {
        let smart = keyed.smart(user, smart(8)).await;
        let basket = keyed.basket(user, basket(3), Some(own("mine"))).await;
        let split = split(2).await;
        let texts = [
            smart.unwrap_err().to_string(),
            basket.unwrap_err().to_string(),
            split.unwrap_err().to_string(),
        ];
        let told = "the client order id 'mine' was used for another order (";
        assert!(texts.iter().all(|text| text.starts_with(told)), "{texts:?}");
    };
    conflicts().await;
    let approvals = desk.engine.approvals();
    let all = approvals.approve_all(user, by(&desk.place.owner));
    let all = all.await.unwrap();
    assert!(all.iter().all(|it| it.outcome.is_ok()), "{all:?}");
    assert_eq!(desk.broker.count(), 5);
    conflicts().await;
    assert!(approvals.open(user).await.unwrap().is_empty());
    let SmartOutcome::Placed(again) = done(keyed.smart(user, smart(9)).await.unwrap()) else {
        panic!("no order");
    };
    assert!(again.replayed);
    assert_eq!(desk.broker.count(), 5);
    desk.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_parts_of_a_large_order_wait_in_their_order() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    let size = SplitSize::Units(20.try_into().unwrap());
    let split = keyed.split(desk.user(), named("big", order(Side::Sell, 45)), size);
    for leg in split.await.unwrap() {
        let asked = waiting(leg.outcome.unwrap()).pending.asked;
        let id = asked.order.client_order_id.unwrap();
        assert_eq!(id.as_str(), format!("big-{}", leg.number));
    }
    let approvals = desk.engine.approvals();
    let all = approvals.approve_all(desk.user(), by(&desk.place.owner));
    assert!(all.await.unwrap().iter().all(|it| it.outcome.is_ok()));
    let sent = desk.broker.change(|ledger| {
        let orders = ledger.orders.iter();
        orders.map(|it| it.quantity.get()).collect::<Vec<_>>()
    });
    assert_eq!(sent, [20, 20, 5]);
    desk.engine.stop().await;
}

const MODIFY: &str = "Modify order operation is not allowed in Semi-Auto mode. Please switch to \
                      Auto mode to modify orders.";
const CANCEL: &str = "Cancel order operation is not allowed in Semi-Auto mode. Please switch to \
                      Auto mode to cancel orders.";
const CANCEL_ALL: &str = "Cancel all orders operation is not allowed in Semi-Auto mode. Please \
                          switch to Auto mode to cancel orders.";
const CLOSE: &str = "Close position operation is not allowed in Semi-Auto mode. Please switch to \
                     Auto mode to close positions.";
const TOGGLE: &str = "Operation analyzer/toggle is not allowed in Semi-Auto mode. This operation \
                      can only be performed by the client via the UI. This restriction ensures \
                      SEBI Research Analyst compliance where mode switching is a client-only \
                      decision.";

/// What each change that a key asks for is answered with.
async fn changes(desk: &Desk, id: &str) -> [Option<String>; 5] {
    fn text<T, E: std::error::Error>(answer: &Result<T, KeyedError<E>>) -> Option<String> {
        match answer {
            Err(KeyedError::SemiAuto(refusal)) => Some(refusal.to_string()),
            _ => None,
        }
    }
    let (keyed, user) = (desk.engine.keyed_orders(), desk.user());
    let slot = (traded(Exchange::Nse), Product::Mis);
    [
        text(&keyed.modify(user, id, Modification::default()).await),
        text(&keyed.cancel(user, id).await),
        text(&keyed.cancel_all(user).await),
        text(&keyed.close(user, slot, ExitOrigin::api()).await),
        text(&keyed.close_all(user, ExitOrigin::api()).await),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_key_does_not_change_what_a_person_decides_on() {
    let desk = Desk::new().await;
    let orders = desk.engine.orders();
    let placed = orders
        .place(desk.user(), order(Side::Buy, 1))
        .await
        .unwrap();
    let id = placed.order.public_id();
    let refused = [MODIFY, CANCEL, CANCEL_ALL, CLOSE, CLOSE].map(|it| Some(it.to_owned()));
    assert_eq!(changes(&desk, &id).await, refused);
    // On paper a key may, but a live order stays one.
    let settings = desk.engine.settings();
    settings.set(SettingKey::Analyzer, "true").await.unwrap();
    let [modify, cancel, rest @ ..] = changes(&desk, &id).await;
    assert_eq!(
        [modify.as_deref(), cancel.as_deref()],
        [Some(MODIFY), Some(CANCEL)]
    );
    assert_eq!(rest, [None, None, None]);
    let keyed = desk.engine.keyed_orders();
    let toggled = keyed.set_analyzer(desk.user(), false).await;
    assert_eq!(toggled.unwrap_err().to_string(), TOGGLE);
    desk.mode(OrderMode::Auto).await;
    keyed.set_analyzer(desk.user(), false).await.unwrap();
    assert_eq!(changes(&desk, &id).await, [None, None, None, None, None]);
    desk.engine.stop().await;
}
