//! Put-call ratio and max pain.

use openalgo_core::analytics::{OpenInterest, StrikeInterest};
use openalgo_core::value::Price;
use proptest::prelude::*;
use rust_decimal::Decimal;

fn chain(strikes: &[(i64, i64, i64)]) -> OpenInterest {
    let strikes = strikes.iter().map(|(strike, calls, puts)| StrikeInterest {
        strike: Price::try_new(Decimal::from(*strike)).unwrap(),
        calls: *calls,
        puts: *puts,
    });
    OpenInterest::new(strikes.collect())
}

#[test]
fn open_puts_are_told_for_each_open_call() {
    let chain = chain(&[(100, 300, 100), (110, 0, 150)]);
    assert_eq!(
        chain.put_call_ratio().unwrap().unwrap().to_string(),
        "0.8333"
    );
}

#[test]
fn without_open_calls_there_is_no_ratio() {
    assert_eq!(chain(&[(100, 0, 5)]).put_call_ratio(), Ok(None));
    assert_eq!(chain(&[]).put_call_ratio(), Ok(None));
    assert_eq!(chain(&[(100, 0, 0)]).max_pain(), Ok(None));
}

/// At 100 the puts of 110 cost 10 × 50, at 110 the calls of 100 cost 10 × 10, at 120 both calls.
#[test]
fn sellers_pay_the_least_at_max_pain() {
    let chain = chain(&[(100, 10, 0), (110, 20, 50), (120, 0, 0)]);
    assert_eq!(chain.max_pain().unwrap().unwrap().to_string(), "110.00");
}

proptest! {
    /// No price at all, between strikes or beyond them, is cheaper for the sellers.
    #[test]
    fn no_price_is_cheaper_than_max_pain(
        open in proptest::collection::vec((0_i64..50, 0_i64..50), 1..12),
        price in 0_i64..300,
    ) {
        let strikes: Vec<_> = (1_i64..).zip(&open).map(|(n, (c, p))| (n * 20, *c, *p)).collect();
        let paid = |at: i64| -> i64 {
            let each = strikes.iter();
            each.map(|(strike, c, p)| (at - strike).max(0) * c + (strike - at).max(0) * p).sum()
        };
        if let Some(pain) = chain(&strikes).max_pain().unwrap() {
            let pain: i64 = pain.to_decimal().try_into().unwrap();
            prop_assert!(paid(pain) <= paid(price));
        }
    }
}
