//! Exactness and bounds of prices, quantities, amounts and percentages.

use openalgo_core::value::{
    MAX_UNITS, Money, NetQuantity, Percent, Price, Quantity, Tick, ValueError,
};
use proptest::prelude::*;

/// Any price: ten-thousandths from zero up to the bound.
fn prices() -> impl Strategy<Value = Price> {
    (0..MAX_UNITS * 10_000).prop_map(|ten_thousandths| {
        format!(
            "{}.{:04}",
            ten_thousandths / 10_000,
            ten_thousandths % 10_000
        )
        .parse()
        .unwrap()
    })
}

fn amounts() -> impl Strategy<Value = Money> {
    (-1_000_000_000_000_i64..1_000_000_000_000).prop_map(|ten_thousandths| {
        let sign = if ten_thousandths < 0 { "-" } else { "" };
        let size = ten_thousandths.unsigned_abs();
        format!("{sign}{}.{:04}", size / 10_000, size % 10_000)
            .parse()
            .unwrap()
    })
}

fn quantities() -> impl Strategy<Value = Quantity> {
    (1..1_000_000_i64).prop_map(|units| Quantity::try_new(units).unwrap())
}

proptest! {
    #[test]
    fn a_price_reads_back_what_it_writes(price in prices()) {
        prop_assert_eq!(price.to_string().parse::<Price>().unwrap(), price);
    }

    #[test]
    fn adding_and_taking_away_changes_nothing(a in amounts(), b in amounts()) {
        prop_assert_eq!(a.plus(b).unwrap().minus(b).unwrap(), a);
    }

    #[test]
    fn parts_of_an_amount_add_up_to_it(
        amount in amounts(),
        whole in quantities(),
        thousandths in 0..=1_000_i64,
    ) {
        let part = Quantity::try_new(whole.get() * thousandths / 1_000).unwrap();
        let first = amount.prorated(part, whole).unwrap();
        let rest = amount.minus(first).unwrap();
        prop_assert_eq!(first.plus(rest).unwrap(), amount);
        // The rounded share is within half of the last place of the exact one.
        let exact = amount.to_decimal() * rust_decimal::Decimal::from(part.get())
            / rust_decimal::Decimal::from(whole.get());
        let half: rust_decimal::Decimal = "0.00005001".parse().unwrap();
        prop_assert!((first.to_decimal() - exact).abs() <= half);
    }

    #[test]
    fn an_average_times_the_quantity_is_near_the_value(
        price in 1..10_000_000_i64,
        quantity in quantities(),
    ) {
        let price: Price = format!("{}.{:02}", price / 100, price % 100).parse().unwrap();
        let value = price.times(quantity).unwrap();
        prop_assert_eq!(value.per_unit(quantity).unwrap(), price);
    }

    #[test]
    fn the_nearest_price_is_on_the_tick(price in prices(), step in 1..100_000_i64) {
        let step: Price = format!("{}.{:04}", step / 10_000, step % 10_000).parse().unwrap();
        let tick = Tick::try_new(step).unwrap();
        if let Ok(nearest) = tick.nearest(price.to_decimal()) {
            prop_assert!(tick.allows(nearest));
            let distance = (nearest.to_decimal() - price.to_decimal()).abs();
            prop_assert!(distance * rust_decimal::Decimal::TWO <= step.to_decimal());
        }
        if let Ok((below, above)) = tick.around(price) {
            prop_assert!(below <= price && price <= above);
            prop_assert!(tick.allows(below) && tick.allows(above));
        }
    }

    #[test]
    fn no_text_makes_a_value_panic(text in ".{0,40}") {
        let _price = text.parse::<Price>();
        let _money = text.parse::<Money>();
        let _quantity = text.parse::<Quantity>();
        let _percent = text.parse::<Percent>();
    }

    #[test]
    fn no_calculation_panics(a in prices(), b in prices(), units in 0..MAX_UNITS) {
        let quantity = Quantity::try_new(units).unwrap();
        let _value = a.times(quantity);
        if let (Ok(a), Ok(b)) = (Money::try_new(a.to_decimal()), Money::try_new(b.to_decimal())) {
            let _sum = a.plus(b);
            let _share = a.prorated(quantity, Quantity::ONE);
            let _average = a.per_unit(quantity);
            let _percent = Percent::of(a, b);
        }
    }
}

#[test]
fn a_price_keeps_four_decimals_and_refuses_a_fifth() {
    assert_eq!("0.0025".parse::<Price>().unwrap().to_string(), "0.0025");
    assert!(matches!(
        "0.00255".parse::<Price>(),
        Err(ValueError::TooPrecise { .. })
    ));
}

#[test]
fn a_price_is_written_with_two_decimals_at_least() {
    assert_eq!("1500".parse::<Price>().unwrap().to_string(), "1500.00");
    assert_eq!("1500.5".parse::<Price>().unwrap().to_string(), "1500.50");
    assert_eq!("88.5025".parse::<Price>().unwrap().to_string(), "88.5025");
}

#[test]
fn what_is_no_price_says_why() {
    let why = |text: &str| text.parse::<Price>().unwrap_err().to_string();
    assert_eq!(why("-1"), "price -1 must not be negative");
    assert_eq!(
        why("abc"),
        "price 'abc' is not a decimal number such as 1500.05"
    );
    assert_eq!(
        why("100000000000"),
        "price is too large: it must stay below 100000000000"
    );
    assert_eq!(
        why("NaN"),
        "price 'NaN' is not a decimal number such as 1500.05"
    );
}

#[test]
fn the_largest_value_is_below_the_bound() {
    assert!("99999999999.9999".parse::<Money>().is_ok());
    assert!("-99999999999.9999".parse::<Money>().is_ok());
    assert!(
        "99999999999.9999"
            .parse::<Money>()
            .unwrap()
            .plus("0.0001".parse().unwrap())
            .is_err()
    );
}

#[test]
fn a_quantity_is_whole_and_not_negative() {
    assert!("1.5".parse::<Quantity>().is_err());
    assert!("-5".parse::<Quantity>().is_err());
    assert_eq!("0".parse::<Quantity>().unwrap(), Quantity::ZERO);
    assert!(Quantity::ONE.minus("2".parse().unwrap()).is_err());
}

#[test]
fn a_net_quantity_has_a_side() {
    let short = NetQuantity::try_new(-3).unwrap();
    assert!(short.is_short() && !short.is_long() && !short.is_flat());
    assert_eq!(short.size().get(), 3);
    assert!(
        short
            .plus(NetQuantity::try_new(3).unwrap())
            .unwrap()
            .is_flat()
    );
}

#[test]
fn a_tick_of_zero_does_not_exist() {
    assert_eq!(Tick::try_new(Price::ZERO), Err(ValueError::ZeroTick));
}
