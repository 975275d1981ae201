//! What a set of legs earns.

use openalgo_core::analytics::{Extreme, Payoff, PayoffError, PayoffLeg};
use openalgo_core::market::OptionRight::{Call, Put};
use openalgo_core::order::Side::{self, Buy, Sell};
use openalgo_core::value::{Money, Price, Quantity};
use proptest::prelude::*;

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn leg(
    side: Side,
    right: Option<openalgo_core::market::OptionRight>,
    strike: &str,
    paid: &str,
) -> PayoffLeg {
    PayoffLeg {
        option: right.map(|right| (right, price(strike))),
        side,
        quantity: Quantity::try_new(75).unwrap(),
        price: price(paid),
    }
}

fn evens(payoff: &Payoff) -> Vec<String> {
    let evens = payoff.break_evens().unwrap();
    evens.iter().map(ToString::to_string).collect()
}

fn bounded(text: &str) -> Extreme {
    Extreme::Bounded(text.parse::<Money>().unwrap())
}

#[test]
fn a_short_straddle_earns_its_premium_between_two_prices() {
    let legs = vec![
        leg(Sell, Some(Call), "26100", "184.05"),
        leg(Sell, Some(Put), "26100", "144.9"),
    ];
    let straddle = Payoff::try_new(legs).unwrap();
    assert_eq!(evens(&straddle), ["25771.05", "26428.95"]);
    assert_eq!(straddle.best().unwrap(), bounded("24671.25"));
    assert_eq!(straddle.worst().unwrap(), Extreme::Unbounded);
    assert_eq!(straddle.premium().unwrap().to_string(), "24671.25");
    assert_eq!(straddle.at(price("26100")).unwrap().to_string(), "24671.25");
}

#[test]
fn the_wings_of_an_iron_condor_bound_its_loss() {
    let legs = vec![
        leg(Buy, Some(Put), "25800", "20"),
        leg(Sell, Some(Put), "25900", "45"),
        leg(Sell, Some(Call), "26300", "50"),
        leg(Buy, Some(Call), "26400", "25"),
    ];
    let condor = Payoff::try_new(legs).unwrap();
    assert_eq!(evens(&condor), ["25850.00", "26350.00"]);
    assert_eq!(condor.best().unwrap(), bounded("3750"));
    assert_eq!(condor.worst().unwrap(), bounded("-3750"));
}

#[test]
fn a_future_loses_until_the_price_is_zero() {
    let long = Payoff::try_new(vec![leg(Buy, None, "0", "26000")]).unwrap();
    assert_eq!(long.best().unwrap(), Extreme::Unbounded);
    assert_eq!(long.worst().unwrap(), bounded("-1950000"));
    assert_eq!(evens(&long), ["26000.00"]);
    assert_eq!(long.strikes(), None);
    assert!(long.premium().unwrap().is_zero());
}

/// A call bought with a future sold is a put.
#[test]
fn a_covered_future_is_the_other_option() {
    let legs = vec![
        leg(Sell, None, "0", "26000"),
        leg(Buy, Some(Call), "26000", "100"),
    ];
    let put = Payoff::try_new(legs).unwrap();
    assert_eq!(put.worst().unwrap(), bounded("-7500"));
    assert_eq!(evens(&put), ["25900.00"]);
}

#[test]
fn legs_without_sense_are_refused() {
    assert_eq!(Payoff::try_new(Vec::new()), Err(PayoffError::None));
    let many = vec![leg(Buy, None, "0", "1"); 51];
    assert_eq!(Payoff::try_new(many), Err(PayoffError::TooMany(51)));
}

proptest! {
    /// Between break-evens the sign of the profit does not change, and no price earns more than the
    /// best or loses more than the worst.
    #[test]
    fn signs_change_at_break_evens_only(
        legs in proptest::collection::vec((0_i64..3, 1_i64..30, 0_i64..40, any::<bool>()), 1..6),
        at in 0_i64..800,
    ) {
        let legs = legs.into_iter().map(|(kind, strike, paid, is_bought)| {
            let side = if is_bought { Buy } else { Sell };
            let right = [None, Some(Call), Some(Put)][usize::try_from(kind).unwrap()];
            leg(side, right, &(strike * 20).to_string(), &paid.to_string())
        });
        let payoff = Payoff::try_new(legs.collect()).unwrap();
        let profit = |at: i64| payoff.at(price(&at.to_string())).unwrap();
        let (here, next) = (profit(at), profit(at + 1));
        let crosses = (here.is_negative() && !next.is_negative() && !next.is_zero())
            || (next.is_negative() && !here.is_negative() && !here.is_zero());
        if crosses {
            let (from, until) = (price(&at.to_string()), price(&(at + 1).to_string()));
            let evens = payoff.break_evens().unwrap();
            prop_assert!(evens.iter().any(|even| (from..=until).contains(even)), "{evens:?}");
        }
        if let Extreme::Bounded(best) = payoff.best().unwrap() {
            prop_assert!(here <= best);
        }
        if let Extreme::Bounded(worst) = payoff.worst().unwrap() {
            prop_assert!(here >= worst);
        }
    }
}
