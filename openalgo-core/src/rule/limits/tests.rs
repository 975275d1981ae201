use super::*;
use crate::account::LimitAmount;
use crate::testing::sample::{instrument, money, units};

fn limits() -> RiskLimits {
    RiskLimits {
        order_value: LimitAmount::try_new(money("50000")),
        order_quantity: Some(units(100)),
        daily_loss: LimitAmount::try_new(money("2000")),
        daily_orders: Some(3),
        orders_per_second: None,
        symbols: [(instrument("BAD"), SymbolRule::Deny)].into(),
    }
}

struct Case {
    symbol: &'static str,
    quantity: i64,
    worth: &'static str,
    orders: u32,
    profit: &'static str,
}

const FINE: Case = Case {
    symbol: "GOOD",
    quantity: 100,
    worth: "50000",
    orders: 2,
    profit: "-1999.99",
};

fn judge(limits: &RiskLimits, case: &Case, reduces: bool) -> Result<(), String> {
    let key = instrument(case.symbol);
    let order = Exposure {
        instrument: &key,
        quantity: units(case.quantity),
        worth: money(case.worth),
        reduces,
    };
    let day = Day {
        orders: case.orders,
        profit: money(case.profit),
    };
    check(limits, order, day).map_err(|refusal| format!("{refusal}; {}", refusal.remedy()))
}

#[test]
fn a_limit_binds_beyond_its_value_and_says_what_it_is_and_how_it_is_changed() {
    assert_eq!(judge(&limits(), &FINE, false), Ok(()));
    let cases = [
        (
            Case {
                quantity: 101,
                ..FINE
            },
            "order_quantity: the order is for 101 units and may be for 100",
        ),
        (
            Case {
                worth: "50000.01",
                ..FINE
            },
            "order_value: the order is worth ₹50000.01 and may be worth ₹50000.00",
        ),
        (
            Case { orders: 5, ..FINE },
            "daily_orders: orders taken today: 5, and there may be 3",
        ),
        (
            Case {
                profit: "-2000",
                ..FINE
            },
            "daily_loss: ₹2000.00 are lost today and ₹2000.00 may be",
        ),
        (
            Case {
                symbol: "BAD",
                ..FINE
            },
            "symbols: BAD on NSE may not be traded",
        ),
    ];
    for (case, expected) in cases {
        let refused = judge(&limits(), &case, false).unwrap_err();
        assert!(
            refused.starts_with(&format!("risk limit {expected}")),
            "{refused}"
        );
        assert!(refused.contains("; s"), "{refused}");
        assert_eq!(
            judge(&limits(), &case, true),
            Ok(()),
            "an exit always passes"
        );
        assert_eq!(judge(&RiskLimits::default(), &case, false), Ok(()));
    }
}

#[test]
fn where_symbols_are_allowed_all_others_are_not() {
    let mut limits = limits();
    limits.symbols.insert(instrument("GOOD"), SymbolRule::Allow);
    assert_eq!(judge(&limits, &FINE, false), Ok(()));
    let other = Case {
        symbol: "OTHER",
        ..FINE
    };
    let refused = judge(&limits, &other, false).unwrap_err();
    assert!(refused.contains("OTHER on NSE is not listed"), "{refused}");
    let denied = Case {
        symbol: "BAD",
        ..FINE
    };
    assert!(
        judge(&limits, &denied, false)
            .unwrap_err()
            .contains("may not be traded")
    );
}

#[test]
fn a_remedy_can_be_typed_as_it_stands() {
    for (symbol, word) in [
        ("M&M", "'M&M'"),
        ("BAJAJ-AUTO", "BAJAJ-AUTO"),
        ("A'B", r"'A'\''B'"),
    ] {
        let refusal = LimitRefusal::Denied(instrument(symbol));
        let expected = format!("symbol remove {word} --exchange NSE");
        assert_eq!(refusal.remedy(), expected);
    }
}
