use super::*;
use openalgo_core::id::UserId;
use openalgo_core::order::Product;
use openalgo_core::port::IdSource;
use openalgo_core::testing::CountingIds;
use openalgo_core::testing::sample::{broker_id, instrument, units, zerodha};

fn order(side: Side, pending: i64) -> UnderWay {
    UnderWay {
        intent: CountingIds::default().make_intent_id().unwrap(),
        broker_order_id: Some(broker_id("B-1")),
        side,
        kind: OrderKind::Market,
        pending: units(pending),
        is_changing: false,
    }
}

fn standing(held: i64, under_way: Vec<UnderWay>) -> Standing {
    Standing {
        key: PositionKey {
            user: UserId::new(1),
            broker: zerodha(),
            instrument: instrument("INFY"),
            product: Product::Mis,
        },
        held: NetQuantity::try_new(held).unwrap(),
        under_way,
        source: Source::Broker,
        turn: Turn::default(),
    }
}

#[test]
fn what_other_orders_take_off_is_not_taken_off_twice() {
    for (held, sells, buys, side, expected) in [
        (10, 0, 0, Side::Sell, 10),
        (10, 4, 0, Side::Sell, 6),
        (10, 14, 0, Side::Sell, 0),
        (10, 4, 9, Side::Sell, 6),
        (10, 0, 0, Side::Buy, 0),
        (-10, 9, 4, Side::Buy, 6),
        (0, 5, 5, Side::Sell, 0),
    ] {
        let under_way = vec![order(Side::Sell, sells), order(Side::Buy, buys)];
        let reducible = standing(held, under_way).reducible(side).unwrap();
        assert_eq!(reducible, units(expected), "{held} {sells} {buys} {side}");
    }
}

#[test]
fn an_order_without_an_outcome_is_unsettled_only_beside_what_the_broker_tells() {
    let mut lost = order(Side::Buy, 5);
    lost.broker_order_id = None;
    let mut standing = standing(5, vec![order(Side::Buy, 1), lost.clone()]);
    assert_eq!(standing.unsettled(), Some(&lost));
    standing.source = Source::Same;
    assert_eq!(standing.unsettled(), None);
}

/// However many of the orders under way are filled, before or after an exit of that size, the
/// position does not come out on the other side.
#[test]
fn an_exit_crosses_zero_in_no_case() {
    for held in -12..=12_i64 {
        let Some(side) = standing(held, Vec::new()).exit_side() else {
            continue;
        };
        for first in 0..=14 {
            for second in 0..=14 {
                let under_way = vec![order(side, first), order(side, second)];
                let exit = standing(held, under_way).reducible(side).unwrap().get();
                // That orders which rest take off more than there is, is not the exit's doing.
                assert!(exit == 0 || exit + first + second <= held.abs());
            }
        }
    }
}

/// Nobody knows yet how many units an order is for that is about to get other terms.
#[test]
fn what_is_about_to_change_leaves_open_what_the_position_comes_to() {
    let changing = UnderWay {
        is_changing: true,
        ..order(Side::Buy, 25)
    };
    let known = order(Side::Buy, 10);
    for (under_way, is_open) in [(known, false), (changing, true)] {
        for source in [Source::Same, Source::Broker] {
            let standing = Standing {
                source,
                ..standing(0, vec![under_way.clone()])
            };
            assert_eq!(standing.unsettled().is_some(), is_open);
        }
    }
}
