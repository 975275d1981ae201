//! Orders that get other terms.

use super::samples::{id, limit, order, price, share};
use super::world::World;
use openalgo_core::order::{OrderKind, Product, Side};
use openalgo_core::paper::PaperRefusal;

#[test]
fn a_modified_order_reserves_what_its_new_terms_need() {
    let mut world = World::new();
    let share = share();
    let resting = order(&share, Side::Buy, 10, limit("1400"));
    let id = id(&world.place(&share, resting, "1500").unwrap());
    let before = world.ledger.funds.used_margin;
    for (quantity, price) in [(20, "1400"), (5, "1400"), (5, "1300")] {
        world.modify(&share, &id, (quantity, limit(price))).unwrap();
        let asked = &world.ledger.orders[0].intent.order;
        assert_eq!((asked.quantity.get(), asked.kind), (quantity, limit(price)));
        world.check();
    }
    assert!(world.ledger.funds.used_margin < before);
    let refused = world.modify(&share, &id, (100_000, limit("1300")));
    assert!(matches!(
        refused,
        Err(PaperRefusal::InsufficientFunds { .. })
    ));
    assert_eq!(world.ledger.orders[0].intent.order.quantity.get(), 5);
    world.tick(&share, "1300").unwrap();
    assert_eq!(world.position(&share, Product::Mis).quantity.get(), 5);
    world.check();
    let over = world.modify(&share, &id, (6, limit("1300")));
    assert!(matches!(over, Err(PaperRefusal::UnknownOrder(_))));
}

#[test]
fn a_new_price_that_is_met_already_fills_at_the_last_price() {
    let mut world = World::new();
    let share = share();
    let resting = order(&share, Side::Buy, 10, limit("1400"));
    let id = id(&world.place(&share, resting, "1500").unwrap());
    world.modify(&share, &id, (10, limit("1600"))).unwrap();
    assert_eq!(world.trades[0].price, price("1500"));
    let trigger = |text: &str| OrderKind::StopMarket {
        trigger: price(text),
    };
    let stop = order(&share, Side::Sell, 10, trigger("1400"));
    let id = super::samples::id(&world.place(&share, stop, "1500").unwrap());
    world.modify(&share, &id, (10, trigger("1450"))).unwrap();
    assert_eq!(world.trades.len(), 1);
    world.modify(&share, &id, (10, trigger("1500"))).unwrap();
    assert_eq!(world.trades.len(), 2);
    assert!(world.position(&share, Product::Mis).quantity.is_flat());
    world.check();
}

#[test]
fn an_order_keeps_its_price_type_and_sells_no_more_shares_than_there_are() {
    let mut world = World::new();
    let share = share();
    let mut delivery = order(&share, Side::Buy, 10, OrderKind::Market);
    delivery.product = Product::Cnc;
    world.place(&share, delivery.clone(), "1500").unwrap();
    delivery.side = Side::Sell;
    delivery.kind = limit("1600");
    let id = id(&world.place(&share, delivery, "1500").unwrap());
    let refused = world.modify(&share, &id, (11, limit("1600")));
    assert!(matches!(refused, Err(PaperRefusal::NotCovered(_))));
    let refused = world
        .modify(&share, &id, (10, OrderKind::Market))
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "price type cannot be changed on an order of the paper exchange (LIMIT -> MARKET). \
         Cancel and re-place."
    );
    world.modify(&share, &id, (4, limit("1550"))).unwrap();
    world.check();
}
