//! What can happen to an order, and what cannot.

use openalgo_core::id::{BrokerOrderId, IntentId, OrderId, UserId};
use openalgo_core::market::{Exchange, InstrumentKey, SessionBoundary, Symbol, Timestamp};
use openalgo_core::order::{
    Fill, KindError, NewOrder, Order, OrderEvent, OrderEventKind, OrderIntent, OrderKind,
    OrderState, OrderStatus, PriceType, Side, TradingMode, TransitionError,
};
use openalgo_core::port::{Clock, IdSource};
use openalgo_core::testing::{CountingIds, FakeClock};
use openalgo_core::value::{Price, Quantity};
use proptest::prelude::*;

fn at() -> Timestamp {
    FakeClock::at("2026-11-25T10:30:00+05:30").now()
}

fn intent(quantity: i64) -> OrderIntent {
    let id: IntentId = CountingIds::default().make_intent_id().unwrap();
    let key = InstrumentKey::new(Exchange::Nse, Symbol::try_new("RELIANCE").unwrap());
    OrderIntent {
        id,
        user: UserId::new(1),
        broker: "paper".parse().unwrap(),
        mode: TradingMode::Paper,
        token: None,
        request: None,
        ltp: None,
        trading_day: SessionBoundary::default().day_of(at()),
        order: NewOrder::market(key, Side::Buy, Quantity::try_new(quantity).unwrap()),
        at: at(),
    }
}

fn event(kind: OrderEventKind) -> OrderEvent {
    OrderEvent { at: at(), kind }
}

fn accepted() -> OrderEvent {
    let broker_order_id = BrokerOrderId::try_new("26112537800000").unwrap();
    event(OrderEventKind::Accepted {
        broker_order_id,
        awaits_trigger: false,
    })
}

fn filled(quantity: i64, price: &str) -> OrderEvent {
    let quantity = Quantity::try_new(quantity).unwrap();
    event(OrderEventKind::Filled {
        fill: Fill {
            quantity,
            price: price.parse().unwrap(),
        },
    })
}

fn reported(status: OrderStatus, filled: i64) -> OrderEvent {
    let average = if filled == 0 { "0" } else { "1500.05" };
    event(OrderEventKind::Reported {
        status,
        filled: Quantity::try_new(filled).unwrap(),
        average: average.parse().unwrap(),
    })
}

fn waits() -> OrderEvent {
    event(OrderEventKind::Accepted {
        broker_order_id: BrokerOrderId::try_new("1").unwrap(),
        awaits_trigger: true,
    })
}

fn after(events: &[OrderEvent]) -> Result<Order, TransitionError> {
    let planned = Order::planned(OrderId::new(1), intent(10));
    events.iter().try_fold(planned, Order::after)
}

#[test]
fn an_order_goes_from_plan_to_fill() {
    let order = after(&[
        event(OrderEventKind::Sent),
        accepted(),
        filled(4, "1500.05"),
    ])
    .unwrap();
    assert_eq!(order.status(), OrderStatus::Open);
    assert_eq!(order.pending_quantity().get(), 6);
    let order = order.after(&filled(6, "1500.15")).unwrap();
    assert_eq!(order.status(), OrderStatus::Complete);
    assert_eq!(order.pending_quantity(), Quantity::ZERO);
    assert_eq!(
        order.average_price().unwrap(),
        "1500.11".parse::<Price>().unwrap()
    );
    assert_eq!(order.public_id(), "26112537800000");
}

#[test]
fn until_the_broker_answers_the_id_is_ours() {
    let order = after(&[event(OrderEventKind::Sent)]).unwrap();
    assert_eq!(order.status(), OrderStatus::Pending);
    assert_eq!(
        order.public_id(),
        "local:00000000-0000-0000-0000-000000000001"
    );
}

#[test]
fn a_lost_answer_is_a_state_that_only_news_of_the_broker_ends() {
    let lost = event(OrderEventKind::OutcomeUnknown {
        reason: "timed out".into(),
    });
    let order = after(&[event(OrderEventKind::Sent), lost]).unwrap();
    assert!(matches!(order.state, OrderState::Unconfirmed { .. }));
    assert_eq!(order.state.message(), Some("timed out"));
    assert!(order.clone().after(&event(OrderEventKind::Sent)).is_err());
    assert_eq!(
        order.after(&accepted()).unwrap().status(),
        OrderStatus::Open
    );
}

#[test]
fn more_than_was_ordered_cannot_be_filled() {
    let overfilled = after(&[accepted(), filled(11, "1")]);
    assert!(matches!(
        overfilled,
        Err(TransitionError::Overfilled { .. })
    ));
}

#[test]
fn a_stop_order_is_filled_only_after_its_trigger() {
    let order = after(&[waits()]).unwrap();
    assert_eq!(order.status(), OrderStatus::TriggerPending);
    assert!(order.clone().after(&filled(10, "1")).is_err());
    let order = order.after(&event(OrderEventKind::Triggered)).unwrap();
    assert_eq!(
        order.after(&filled(10, "1")).unwrap().status(),
        OrderStatus::Complete
    );
}

#[test]
fn a_report_cannot_contradict_what_is_known() {
    let order = after(&[accepted(), filled(4, "1500")]).unwrap();
    let refused = |status, filled| order.clone().after(&reported(status, filled)).unwrap_err();
    let units = |quantity| Quantity::try_new(quantity).unwrap();
    for &status in OrderStatus::ALL {
        let (filled, ordered) = (units(11), units(10));
        let overfilled = TransitionError::Overfilled { filled, ordered };
        assert_eq!(refused(status, 11), overfilled, "{status}");
        let (known, reported) = (units(4), units(3));
        let unfilled = TransitionError::Unfilled { known, reported };
        assert_eq!(refused(status, 3), unfilled, "{status}");
    }
    assert_eq!(
        refused(OrderStatus::Complete, 9).to_string(),
        "an order for 10 units is reported as complete with 9 filled"
    );
    let complete = order.after(&reported(OrderStatus::Complete, 10)).unwrap();
    assert_eq!(complete.status(), OrderStatus::Complete);
    assert_eq!(complete.executed().quantity, units(10));
}

#[test]
fn a_refusal_of_the_rest_keeps_what_was_filled() {
    let order = after(&[accepted(), filled(4, "1500")]).unwrap();
    let refused = event(OrderEventKind::Rejected {
        broker_order_id: None,
        reason: "no".into(),
    });
    for refusal in [refused, reported(OrderStatus::Rejected, 4)] {
        let order = order.clone().after(&refusal).unwrap();
        assert_eq!(order.status(), OrderStatus::Rejected);
        assert_eq!(order.executed().quantity.get(), 4);
        assert_eq!(order.public_id(), "26112537800000");
        assert!(order.state.message().is_some());
    }
}

#[test]
fn a_stale_report_does_not_undo_a_trigger() {
    let stale = reported(OrderStatus::TriggerPending, 0);
    let waiting = after(&[waits()]).unwrap();
    assert_eq!(waiting.clone().after(&stale).unwrap(), waiting);
    let pending = reported(OrderStatus::Pending, 0);
    assert_eq!(waiting.clone().after(&pending).unwrap(), waiting);
    let partly = reported(OrderStatus::TriggerPending, 4);
    assert_eq!(waiting.after(&partly), Err(TransitionError::Untriggered));
    let triggered = after(&[waits(), event(OrderEventKind::Triggered)]).unwrap();
    assert_eq!(triggered.after(&stale), Err(TransitionError::Untriggered));
}

#[test]
fn a_report_that_repeats_a_fill_leaves_its_exact_value_alone() {
    let order = after(&[accepted(), filled(1, "1500.05"), filled(2, "1500.10")]).unwrap();
    let exact = order.executed();
    let average = exact.average().unwrap();
    assert_ne!(average.times(exact.quantity).unwrap(), exact.value);
    let cancelled = event(OrderEventKind::Reported {
        status: OrderStatus::Cancelled,
        filled: exact.quantity,
        average,
    });
    assert_eq!(order.after(&cancelled).unwrap().executed(), exact);
}

#[test]
fn what_is_over_stays_over() {
    let cancelled = event(OrderEventKind::Cancelled { reason: None });
    let order = after(&[accepted(), cancelled.clone()]).unwrap();
    assert_eq!(order.status(), OrderStatus::Cancelled);
    for late in [
        cancelled,
        filled(1, "1"),
        accepted(),
        event(OrderEventKind::Sent),
    ] {
        assert!(order.clone().after(&late).is_err(), "{late:?}");
    }
}

#[test]
fn an_order_that_surely_never_left_is_cancelled_here() {
    let cancelled = event(OrderEventKind::Cancelled { reason: None });
    let sent = event(OrderEventKind::Sent);
    let order = after(std::slice::from_ref(&cancelled)).unwrap();
    assert_eq!(order.status(), OrderStatus::Cancelled);
    assert_eq!(order.state.broker_order_id(), None);
    // Unlike one that counted as lost, it cannot come late.
    assert!(order.after(&accepted()).is_err());
    // The broker may have seen one that was sent.
    assert!(after(&[sent.clone(), cancelled.clone()]).is_err());
    let lost = event(OrderEventKind::OutcomeUnknown {
        reason: String::new(),
    });
    assert!(after(&[sent, lost, cancelled]).is_err());
}

#[test]
fn a_journal_begins_with_the_intent_and_folds_to_the_order() {
    let planned = event(OrderEventKind::Planned {
        intent: Box::new(intent(10)),
    });
    let journal = [planned, accepted(), filled(10, "1500")];
    let order = Order::fold(OrderId::new(1), &journal).unwrap();
    assert_eq!(order, after(&journal[1..]).unwrap());
    assert_eq!(
        Order::fold(OrderId::new(1), &journal[1..]),
        Err(TransitionError::NoIntent)
    );
}

#[test]
fn a_limit_order_without_a_limit_does_not_exist() {
    let price = Some("10".parse().unwrap());
    let make = OrderKind::from_parts;
    assert_eq!(
        make(PriceType::Limit, None, price),
        Err(KindError::PriceMissing(PriceType::Limit))
    );
    assert_eq!(
        make(PriceType::StopMarket, price, Some(Price::ZERO)),
        Err(KindError::TriggerMissing(PriceType::StopMarket))
    );
    assert_eq!(make(PriceType::Market, price, price), Ok(OrderKind::Market));
}

/// An order that counted as one that the broker never had, and is in its book after all.
fn comes_late(order: &Order, event: &OrderEvent) -> bool {
    order.status() == OrderStatus::Rejected
        && order.state.broker_order_id().is_none()
        && order.executed().quantity.is_zero()
        && matches!(event.kind, OrderEventKind::Accepted { .. })
}

#[test]
fn an_order_that_counted_as_absent_may_come_late() {
    let absent = event(OrderEventKind::Rejected {
        broker_order_id: None,
        reason: "never arrived".into(),
    });
    let late = after(&[event(OrderEventKind::Sent), absent, accepted()]).unwrap();
    assert_eq!(late.status(), OrderStatus::Open);
    let refused = event(OrderEventKind::Rejected {
        broker_order_id: Some(BrokerOrderId::try_new("B-1").unwrap()),
        reason: "no margin".into(),
    });
    let known = after(&[event(OrderEventKind::Sent), refused, accepted()]);
    assert!(known.is_err(), "{known:?}");
}

/// Any event, whether it fits or not.
fn events() -> impl Strategy<Value = OrderEvent> {
    prop_oneof![
        Just(event(OrderEventKind::Sent)),
        Just(accepted()),
        Just(waits()),
        Just(event(OrderEventKind::Triggered)),
        (prop::sample::select(OrderStatus::ALL), 0..13_i64)
            .prop_map(|(status, filled)| reported(status, filled)),
        (1..12_i64).prop_map(|quantity| filled(quantity, "1500.05")),
        Just(event(OrderEventKind::Cancelled { reason: None })),
        Just(event(OrderEventKind::OutcomeUnknown {
            reason: "lost".into()
        })),
        Just(event(OrderEventKind::Rejected {
            broker_order_id: None,
            reason: "no".into()
        })),
    ]
}

proptest! {
    #[test]
    fn no_history_fills_more_than_was_ordered_or_reopens_an_order(
        history in prop::collection::vec(events(), 0..20),
    ) {
        let mut order = Order::planned(OrderId::new(1), intent(10));
        for event in &history {
            let before = order.clone();
            if let Ok(next) = order.clone().after(event) {
                prop_assert!(!before.status().is_final() || comes_late(&before, event));
                prop_assert!(next.executed().quantity >= before.executed().quantity);
                let full = next.pending_quantity().is_zero();
                prop_assert!(full || next.status() != OrderStatus::Complete);
                let works = before.status() == OrderStatus::Open;
                prop_assert!(!works || next.status() != OrderStatus::TriggerPending);
                order = next;
            }
            prop_assert!(order.executed().quantity <= order.intent.order.quantity);
        }
    }
}

fn modified(quantity: i64, awaits_trigger: bool) -> OrderEvent {
    event(OrderEventKind::Modified {
        quantity: Quantity::try_new(quantity).unwrap(),
        kind: OrderKind::Limit {
            price: "1400".parse().unwrap(),
        },
        awaits_trigger,
    })
}

fn sent(quantity: i64) -> OrderEvent {
    event(OrderEventKind::ModificationSent {
        quantity: Quantity::try_new(quantity).unwrap(),
        kind: OrderKind::Market,
    })
}

fn failed() -> OrderEvent {
    event(OrderEventKind::ModificationFailed {
        reason: "too late".into(),
    })
}

/// Until it is known which terms hold, the order may be filled for the larger of the two.
#[test]
fn terms_under_way_count_until_it_is_known_whether_they_hold() {
    let most = |events: &[OrderEvent]| {
        let order = after(events).unwrap();
        (order.pending_quantity().get(), order.most_pending().get())
    };
    let half = [accepted(), filled(4, "1500")];
    let with = |more: &[OrderEvent]| most(&[&half[..], more].concat());
    assert_eq!(with(&[sent(12)]), (6, 8));
    assert_eq!(with(&[sent(5)]), (6, 6));
    assert_eq!(with(&[sent(12), failed()]), (6, 6));
    assert_eq!(with(&[sent(12), modified(12, false)]), (8, 8));
    assert_eq!(with(&[sent(12), filled(6, "1500")]), (0, 0));
}

/// Of two modifications under way no answer could tell which one holds.
#[test]
fn a_modification_waits_for_the_one_before_it() {
    after(&[accepted(), sent(12), sent(13)]).unwrap_err();
    after(&[accepted(), sent(12), failed(), sent(13)]).unwrap();
    after(&[accepted(), sent(12), modified(12, false), sent(13)]).unwrap();
    after(&[sent(12)]).unwrap_err();
}

#[test]
fn a_modified_order_goes_on_under_its_new_terms() {
    let order = after(&[accepted(), filled(4, "1500"), modified(12, false)]).unwrap();
    assert_eq!(order.intent.order.quantity.get(), 12);
    assert_eq!(order.intent.order.kind.price_type(), PriceType::Limit);
    assert_eq!(order.pending_quantity().get(), 8);
    let order = order.after(&filled(8, "1400")).unwrap();
    assert_eq!(order.status(), OrderStatus::Complete);
    let waiting = after(&[waits(), modified(5, true)]).unwrap();
    assert_eq!(waiting.status(), OrderStatus::TriggerPending);
    let working = after(&[waits(), modified(5, false)]).unwrap();
    assert_eq!(working.status(), OrderStatus::Open);
}

#[test]
fn an_order_is_never_for_less_than_what_is_filled() {
    let partly = after(&[accepted(), filled(4, "1500")]).unwrap();
    let less = partly.clone().after(&modified(3, false));
    assert!(matches!(less, Err(TransitionError::Overfilled { .. })));
    let order = partly.after(&modified(4, false)).unwrap();
    assert_eq!(order.status(), OrderStatus::Complete);
    assert!(after(&[accepted(), modified(0, false)]).is_err());
    assert!(after(&[modified(3, false)]).is_err());
    assert!(after(&[accepted(), filled(10, "1500"), modified(12, false)]).is_err());
}
