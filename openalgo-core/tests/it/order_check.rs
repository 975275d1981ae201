//! What is refused before anything is decided about an order.

use openalgo_core::market::{Exchange, Instrument, InstrumentKey, InstrumentKind, Symbol};
use openalgo_core::order::{NewOrder, OrderKind, Side};
use openalgo_core::rule::order_check::check_order;
use openalgo_core::value::{Quantity, Tick};

fn share() -> Instrument {
    Instrument {
        key: InstrumentKey::new(Exchange::Nse, Symbol::try_new("RELIANCE").unwrap()),
        name: "RELIANCE".into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: Tick::try_new("0.05".parse().unwrap()).unwrap(),
        token: None,
        freeze_quantity: None,
    }
}

fn stop_limit(side: Side, trigger: &str, price: &str) -> Result<(), String> {
    let share = share();
    let (trigger, price) = (trigger.parse().unwrap(), price.parse().unwrap());
    let order = NewOrder {
        kind: OrderKind::StopLimit { trigger, price },
        ..NewOrder::market(share.key.clone(), side, Quantity::ONE)
    };
    check_order(&order, &share).map_err(|refusal| refusal.to_string())
}

#[test]
fn a_stop_order_that_nothing_can_fill_is_refused() {
    assert_eq!(
        stop_limit(Side::Buy, "1510", "1509.95").unwrap_err(),
        "SL BUY orders need a price at or above their trigger_price, or nothing can fill them: \
         price 1509.95, trigger_price 1510.00. Set price to 1510.00 or above."
    );
    assert_eq!(
        stop_limit(Side::Sell, "1490", "1490.05").unwrap_err(),
        "SL SELL orders need a price at or below their trigger_price, or nothing can fill them: \
         price 1490.05, trigger_price 1490.00. Set price to 1490.00 or below."
    );
    assert_eq!(stop_limit(Side::Buy, "1510", "1510"), Ok(()));
    assert_eq!(stop_limit(Side::Sell, "1490", "1490"), Ok(()));
    assert_eq!(stop_limit(Side::Buy, "1510", "1512"), Ok(()));
    assert_eq!(stop_limit(Side::Sell, "1490", "1488"), Ok(()));
}
