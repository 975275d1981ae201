//! What a set of legs earns at expiry.
//!
//! The profit of options and futures of one expiry is a line with a kink at each strike, so that
//! everything asked here is told by its kinks and its last slope, exactly.

use crate::market::OptionRight;
use crate::order::Side;
use crate::value::{Money, Price, Quantity, ValueError};
use rust_decimal::Decimal;
use thiserror::Error;

/// A set may have so many legs.
pub const MOST_LEGS: usize = 50;

/// What was bought or sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayoffLeg {
    /// The right and strike of an option; `None` for a future.
    pub option: Option<(OptionRight, Price)>,
    /// Bought or sold.
    pub side: Side,
    /// In units, not lots.
    pub quantity: Quantity,
    /// What was paid or received for a unit.
    pub price: Price,
}

impl PayoffLeg {
    /// What a unit is worth when the underlying expires at a price.
    fn worth(&self, price: Decimal) -> Decimal {
        match self.option {
            None => price,
            Some((OptionRight::Call, strike)) => {
                price.saturating_sub(strike.to_decimal()).max(Decimal::ZERO)
            }
            Some((OptionRight::Put, strike)) => {
                strike.to_decimal().saturating_sub(price).max(Decimal::ZERO)
            }
        }
    }

    /// Its units, those that were sold below zero.
    pub fn signed_units(&self) -> Decimal {
        let sign = match self.side {
            Side::Buy => Decimal::ONE,
            Side::Sell => Decimal::NEGATIVE_ONE,
        };
        sign.saturating_mul(Decimal::from(self.quantity.get()))
    }
}

/// Why legs make no payoff.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PayoffError {
    /// There are none.
    #[error("legs: there is none; give at least one")]
    None,
    /// There are too many.
    #[error("legs: there are {0}, and {MOST_LEGS} are the most")]
    TooMany(usize),
    /// The amounts are too large to compute with.
    #[error(transparent)]
    Value(#[from] ValueError),
}

/// The largest profit or loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extreme {
    /// No more than this: above zero a profit, below it a loss.
    Bounded(Money),
    /// There is no bound: it grows with the price of the underlying.
    Unbounded,
}

/// Legs of one expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payoff {
    legs: Vec<PayoffLeg>,
    /// Each price at which the line has a kink, from zero up, and the profit there.
    kinks: Vec<(Decimal, Decimal)>,
    /// What is earned with each rupee above the last kink.
    slope: Decimal,
}

impl Payoff {
    /// Takes legs that expire on one day.
    pub fn try_new(legs: Vec<PayoffLeg>) -> Result<Self, PayoffError> {
        match legs.len() {
            0 => return Err(PayoffError::None),
            many if many > MOST_LEGS => return Err(PayoffError::TooMany(many)),
            _ => {}
        }
        let strikes = legs.iter().filter_map(|leg| leg.option);
        let mut prices: Vec<_> = strikes.map(|(_, strike)| strike.to_decimal()).collect();
        prices.push(Decimal::ZERO);
        prices.sort_unstable();
        prices.dedup();
        let kinks = prices.into_iter().map(|price| {
            let profit = profit(&legs, price)?;
            Ok((price, profit))
        });
        let kinks = kinks.collect::<Result<_, ValueError>>()?;
        let rises = |leg: &&PayoffLeg| !matches!(leg.option, Some((OptionRight::Put, _)));
        let slope = legs.iter().filter(rises).map(PayoffLeg::signed_units).sum();
        Ok(Self { legs, kinks, slope })
    }

    /// The legs.
    pub fn legs(&self) -> &[PayoffLeg] {
        &self.legs
    }

    /// The lowest and the highest strike; `None` of futures alone.
    pub fn strikes(&self) -> Option<(Price, Price)> {
        let strikes = self.legs.iter().filter_map(|leg| leg.option);
        let strikes = strikes.map(|(_, strike)| strike);
        Some((strikes.clone().min()?, strikes.max()?))
    }

    /// Profit or loss if the underlying expires at a price.
    pub fn at(&self, price: Price) -> Result<Money, PayoffError> {
        Ok(Money::rounded(profit(&self.legs, price.to_decimal())?)?)
    }

    /// What the set costs today, below zero, or brings in, above it. Futures cost nothing.
    pub fn premium(&self) -> Result<Money, PayoffError> {
        let options = self.legs.iter().filter(|leg| leg.option.is_some());
        let mut premium = Decimal::ZERO;
        for leg in options {
            premium = plus(premium, times(leg.signed_units(), leg.price.to_decimal())?)?;
        }
        Ok(Money::rounded(premium)?.negated())
    }

    /// The largest profit.
    pub fn best(&self) -> Result<Extreme, PayoffError> {
        let best = self.kinks.iter().map(|(_, profit)| *profit).max();
        extreme(self.slope > Decimal::ZERO, best)
    }

    /// The largest loss.
    pub fn worst(&self) -> Result<Extreme, PayoffError> {
        let worst = self.kinks.iter().map(|(_, profit)| *profit).min();
        extreme(self.slope < Decimal::ZERO, worst)
    }

    /// The prices at which nothing is earned or lost, the lowest first; of a stretch without profit
    /// or loss both ends.
    pub fn break_evens(&self) -> Result<Vec<Price>, PayoffError> {
        let mut evens = Vec::new();
        for pair in self.kinks.windows(2) {
            let [(from, earned), (until, then)] = *pair else {
                continue;
            };
            if earned.is_zero() {
                evens.push(from);
            }
            let crosses = (earned < Decimal::ZERO && then > Decimal::ZERO)
                || (earned > Decimal::ZERO && then < Decimal::ZERO);
            if crosses {
                let part = over(earned.abs(), plus(earned.abs(), then.abs())?)?;
                evens.push(plus(from, times(part, until.saturating_sub(from))?)?);
            }
        }
        if let Some((last, earned)) = self.kinks.last().copied() {
            if earned.is_zero() {
                evens.push(last);
            } else if (earned < Decimal::ZERO && self.slope > Decimal::ZERO)
                || (earned > Decimal::ZERO && self.slope < Decimal::ZERO)
            {
                evens.push(plus(last, over(earned.abs(), self.slope.abs())?)?);
            }
        }
        let evens = evens.into_iter().map(Price::rounded);
        Ok(evens.collect::<Result<_, ValueError>>()?)
    }
}

fn extreme(is_unbounded: bool, bound: Option<Decimal>) -> Result<Extreme, PayoffError> {
    if is_unbounded {
        return Ok(Extreme::Unbounded);
    }
    Ok(Extreme::Bounded(Money::rounded(bound.unwrap_or_default())?))
}

fn profit(legs: &[PayoffLeg], price: Decimal) -> Result<Decimal, ValueError> {
    let mut profit = Decimal::ZERO;
    for leg in legs {
        let gained = leg.worth(price).saturating_sub(leg.price.to_decimal());
        profit = plus(profit, times(leg.signed_units(), gained)?)?;
    }
    Ok(profit)
}

const TOO_LARGE: ValueError = ValueError::TooLarge { kind: "payoff" };

fn plus(a: Decimal, b: Decimal) -> Result<Decimal, ValueError> {
    a.checked_add(b).ok_or(TOO_LARGE)
}

fn times(a: Decimal, b: Decimal) -> Result<Decimal, ValueError> {
    a.checked_mul(b).ok_or(TOO_LARGE)
}

fn over(a: Decimal, b: Decimal) -> Result<Decimal, ValueError> {
    a.checked_div(b).ok_or(TOO_LARGE)
}
