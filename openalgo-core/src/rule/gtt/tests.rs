use super::*;
use crate::id::{GttId, OrderId, UserId};
use crate::market::InstrumentKind;
use crate::order::{
    GttKeeper, GttProduct, GttStatus, OrderEvent, OrderEventKind, OrderIntent, Product, Side,
    TradingMode,
};
use crate::testing::sample::{accepted, at, instrument, intent, paper, price, units};
use crate::value::{Money, Quantity, Tick};

fn asked_legs(trigger_type: GttType) -> AskedLegs {
    AskedLegs {
        trigger_type,
        price_type: PriceType::Limit,
        price: Some(price("99")),
        below: Some(price("100")),
        above: Some(price("120")),
        below_limit: Some(price("98")),
        above_limit: Some(price("121")),
    }
}

fn infy() -> Instrument {
    Instrument {
        key: instrument("INFY"),
        name: "".into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: Tick::try_new("0.05".parse().unwrap()).unwrap(),
        token: None,
        freeze_quantity: None,
    }
}

fn asked(legs: GttLegs) -> NewGtt {
    NewGtt {
        instrument: instrument("INFY"),
        side: Side::Sell,
        quantity: units(10),
        product: GttProduct::Cnc,
        legs,
        strategy: None,
        expires_at: None,
        trigger_id: None,
    }
}

fn waiting(asked: NewGtt) -> Gtt {
    Gtt {
        id: GttId::new(1),
        user: UserId::new(1),
        broker: paper(),
        trigger_id: "GTT-1".parse().unwrap(),
        mode: TradingMode::Paper,
        keeper: GttKeeper::Local,
        instrument: asked.instrument,
        side: asked.side,
        quantity: asked.quantity,
        product: asked.product,
        legs: asked.legs,
        status: GttStatus::Active,
        message: None,
        strategy: asked.strategy,
        last_price: None,
        margin: Money::ZERO,
        expires_at: at(100),
        created_at: at(0),
        updated_at: at(0),
    }
}

fn single() -> GttLegs {
    asked_legs(GttType::Single).legs().unwrap()
}

fn oco() -> GttLegs {
    asked_legs(GttType::Oco).legs().unwrap()
}

fn told(refusal: Result<impl std::fmt::Debug, GttRefusal>) -> String {
    refusal.unwrap_err().to_string()
}

#[test]
fn a_single_takes_the_lower_of_two_triggers_and_its_own_price() {
    let leg = GttLeg::new(TriggerSide::Below, price("100"), Some(price("99")));
    assert_eq!(single().as_slice(), [leg]);
    let upper = AskedLegs {
        below: Some(Price::ZERO),
        price_type: PriceType::Market,
        ..asked_legs(GttType::Single)
    };
    let leg = GttLeg::new(TriggerSide::Above, price("120"), None);
    assert_eq!(upper.legs().unwrap().as_slice(), [leg]);
}

#[test]
fn an_oco_has_a_limit_for_each_leg() {
    let legs = [
        GttLeg::new(TriggerSide::Below, price("100"), Some(price("98"))),
        GttLeg::new(TriggerSide::Above, price("120"), Some(price("121"))),
    ];
    assert_eq!(oco().as_slice(), legs);
}

/// What is taken away, and what is said then.
type Case = (fn(&mut AskedLegs), &'static str);

#[test]
fn what_is_missing_is_told_as_clients_know_it() {
    let zero = Some(Price::ZERO);
    let of = |change: fn(&mut AskedLegs), trigger_type| {
        let mut asked = asked_legs(trigger_type);
        change(&mut asked);
        told(asked.legs())
    };
    let none = AskedLegs {
        below: zero,
        above: None,
        ..asked_legs(GttType::Single)
    };
    assert_eq!(
        told(none.legs()),
        "SINGLE GTT requires a positive triggerprice_sl or triggerprice_tg."
    );
    let no_price = of(|it| it.price = None, GttType::Single);
    assert_eq!(no_price, "LIMIT orders require price");
    let cases: [Case; 5] = [
        (|it| it.below = None, "Required for OCO (stoploss trigger)."),
        (
            |it| it.below_limit = None,
            "Required for OCO (stoploss leg limit).",
        ),
        (|it| it.above = None, "Required for OCO (target trigger)."),
        (
            |it| it.above_limit = None,
            "Required for OCO (target leg limit).",
        ),
        (
            |it| it.below = it.above,
            "Stoploss trigger must be less than target trigger (triggerprice_tg).",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(of(change, GttType::Oco), expected);
    }
    assert_eq!(
        GttProduct::try_from(Product::Mis).unwrap_err().to_string(),
        "GTT supports only CNC (delivery) or NRML (overnight F&O); MIS is intraday-only."
    );
}

#[test]
fn each_order_that_may_be_placed_is_checked() {
    let check = |asked: &NewGtt| check_gtt(asked, &infy(), at(0));
    check(&asked(oco())).unwrap();
    let none = NewGtt {
        quantity: Quantity::ZERO,
        ..asked(oco())
    };
    assert_eq!(told(check(&none)), "Quantity must be positive");
    let carried = NewGtt {
        product: GttProduct::Nrml,
        ..asked(oco())
    };
    assert!(told(check(&carried)).starts_with("NRML product not allowed for NSE"));
    let off_tick = |below, limit| {
        let legs = AskedLegs {
            below: Some(price(below)),
            price: Some(price(limit)),
            ..asked_legs(GttType::Single)
        };
        told(check(&asked(legs.legs().unwrap())))
    };
    assert!(off_tick("100.01", "99").starts_with("trigger_price 100.01 is not a multiple"));
    assert!(off_tick("100", "99.99").starts_with("price 99.99 is not a multiple"));
}

#[test]
fn one_that_has_lapsed_is_not_taken_and_any_id_is() {
    let until = |end| NewGtt {
        expires_at: Some(at(end)),
        ..asked(single())
    };
    let check = |asked: &NewGtt| check_gtt(asked, &infy(), at(10));
    assert_eq!(told(check(&until(10))), "expires_at must be in the future");
    check(&until(11)).unwrap();
    let named = |length| NewGtt {
        trigger_id: Some("x".repeat(length).parse().unwrap()),
        ..asked(single())
    };
    check(&named(64)).unwrap();
}

#[test]
fn what_it_trades_and_its_shape_stay() {
    let gtt = waiting(asked(oco()));
    check_change(&gtt, &gtt.as_asked()).unwrap();
    let shape = check_change(&gtt, &asked(single()));
    assert_eq!(
        told(shape),
        "Modify must keep the same trigger shape: this GTT has 2 leg(s)."
    );
    let bought = NewGtt {
        side: Side::Buy,
        ..asked(oco())
    };
    assert_eq!(
        told(check_change(&gtt, &bought)),
        "action cannot be changed on an existing GTT (SELL -> BUY). Cancel and re-place."
    );
    let other = NewGtt {
        instrument: instrument("TCS"),
        ..asked(oco())
    };
    assert_eq!(
        told(check_change(&gtt, &other)),
        "symbol cannot be changed on an existing GTT (INFY -> TCS). Cancel and re-place."
    );
}

#[test]
fn a_price_meets_a_leg_at_its_trigger_and_beyond() {
    let mut gtt = waiting(asked(oco()));
    for (last, expected) in [
        ("99", Some(TriggerSide::Below)),
        ("100", Some(TriggerSide::Below)),
        ("100.05", None),
        ("119.95", None),
        ("120", Some(TriggerSide::Above)),
        ("121", Some(TriggerSide::Above)),
    ] {
        assert_eq!(met(&gtt, price(last)), expected, "{last}");
    }
    gtt.legs.set(TriggerSide::Below, LegState::Cancelled);
    assert_eq!(met(&gtt, price("99")), None);
}

#[test]
fn its_order_is_known_by_trigger_side_and_attempt() {
    let mut gtt = waiting(asked(oco()));
    gtt.legs
        .set(TriggerSide::Above, LegState::Pending { attempts: 1 });
    let [below, above] = gtt.legs.as_slice() else {
        panic!("an OCO has two legs");
    };
    let (below, above) = (
        order_of(&gtt, below).unwrap(),
        order_of(&gtt, above).unwrap(),
    );
    assert_eq!(below.client_order_id.unwrap().as_str(), "GTT-1-below");
    assert_eq!(above.client_order_id.unwrap().as_str(), "GTT-1-above-2");
    assert_eq!(below.strategy.as_deref(), Some("GTT"));
    assert_eq!((below.product, below.quantity), (Product::Cnc, units(10)));
    let limit = price("98");
    assert_eq!(below.kind, OrderKind::Limit { price: limit });
}

#[test]
fn the_same_words_are_the_same_one() {
    let gtt = waiting(asked(oco()));
    assert!(gtt.came_from(&asked(oco())));
    assert!(!gtt.came_from(&asked(single())));
    let more = NewGtt {
        quantity: units(11),
        ..asked(oco())
    };
    assert!(!gtt.came_from(&more));
}

/// An order of this mode after these events, each so many seconds after it was decided.
fn order_after(mode: TradingMode, events: &[(i64, OrderEventKind)]) -> Order {
    let intent = OrderIntent {
        mode,
        ..intent(UserId::new(1), paper())
    };
    let begun = Order::planned(OrderId::new(1), intent);
    events.iter().fold(begun, |order, (seconds, kind)| {
        let event = OrderEvent {
            at: order.intent.at.plus(Duration::seconds(*seconds)),
            kind: kind.clone(),
        };
        order.after(&event).unwrap()
    })
}

#[test]
fn only_what_was_refused_at_once_is_no_order() {
    let sent = || (0, OrderEventKind::Sent);
    let rejected = |seconds| {
        let rejected = OrderEventKind::Rejected {
            broker_order_id: None,
            reason: "no".into(),
        };
        (seconds, rejected)
    };
    let reported = OrderEventKind::Reported {
        status: OrderStatus::Rejected,
        filled: Quantity::ZERO,
        average: Price::ZERO,
    };
    let live = |events: &[_]| came_to_nothing(&order_after(TradingMode::Live, events));
    assert!(live(&[sent(), rejected(15)]));
    assert!(!live(&[sent()]));
    // It counts as one that never arrived, or was taken before it was rejected.
    assert!(!live(&[sent(), rejected(35)]));
    assert!(!live(&[sent(), (1, accepted("B-1")), (2, reported)]));
    let late = [sent(), rejected(35)];
    assert!(came_to_nothing(&order_after(TradingMode::Paper, &late)));
}

#[test]
fn what_only_reduces_is_met_alike_and_asks_for_no_more() {
    let bought = |quantity: i64, (trigger, limit): (&str, Option<&str>)| {
        let leg = GttLeg::new(TriggerSide::Below, price(trigger), limit.map(price));
        NewGtt {
            side: Side::Buy,
            quantity: units(quantity),
            ..asked(GttLegs::try_new(vec![leg]).unwrap())
        }
    };
    let gtt = waiting(bought(10, ("100", Some("101"))));
    for (quantity, prices, reduces) in [
        (10, ("100", Some("101")), true),
        (9, ("100", Some("100.50")), true),
        (11, ("100", Some("101")), false),
        (9, ("100", Some("101.05")), false),
        (9, ("100", None), false),
        (9, ("99", Some("101")), false),
        (9, ("101", Some("101")), false),
    ] {
        let terms = bought(quantity, prices);
        assert_eq!(only_reduces(&gtt, &terms), reduces, "{terms:?}");
    }
}
