//! Price, implied volatility and Greeks of a European option.
//!
//! Black-76: F. Black, "The pricing of commodity contracts", 1976. Black-Scholes with a dividend
//! yield: R. C. Merton, "Theory of rational option pricing", 1973; it is Black-76 on the forward
//! price that the spot price grows into. Prices and volatilities are computed after P. Jäckel,
//! "Let's be rational", 2015.

use super::OptionLife;
use crate::market::OptionRight;
use crate::value::{Percent, Price};
use implied_vol::{DefaultSpecialFn, ImpliedBlackVolatility, PriceBlackScholes};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::f64::consts::{FRAC_1_SQRT_2, PI};
use thiserror::Error;

/// Theta is told per calendar day.
const DAYS_OF_YEAR: f64 = 365.0;
/// Vega and rho are told per percentage point.
const POINTS: f64 = 100.0;

/// Why a figure of an option is not told. None is made up in its place.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum NotComputable {
    /// A model takes no such number.
    #[error("{field} is {value}, and must be {must}")]
    OutOfRange {
        /// Which number.
        field: &'static str,
        /// What it is.
        value: f64,
        /// What it must be.
        must: &'static str,
    },
    /// It has expired.
    #[error("the option has expired")]
    Expired,
    /// The price is no higher than what exercising would bring, so that no volatility explains it.
    #[error("the price {price} holds no time value: the intrinsic value is {intrinsic}")]
    NoTimeValue {
        /// The price.
        price: f64,
        /// What exercising would bring, discounted.
        intrinsic: f64,
    },
    /// The price is higher than that at any volatility.
    #[error("the price {price} is above {largest}, which no volatility explains")]
    TooDear {
        /// The price.
        price: f64,
        /// The price that grows ever nearer with the volatility.
        largest: f64,
    },
    /// The numbers are too far apart for the precision of a float.
    #[error("the numbers are too far apart to compute with")]
    OutOfReach,
}

/// What an option is on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Underlying {
    /// A forward or future price of the day of expiry: the model is Black-76.
    Forward(f64),
    /// A price of today: the model is Black-Scholes.
    Spot {
        /// The price.
        price: f64,
        /// What holding the underlying pays a year, as a part of its price: 0.01 is 1 %.
        dividend_yield: f64,
    },
}

/// The sensitivities of an option's price, of one unit bought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Greeks {
    /// Change of the price with that of the underlying.
    pub delta: f64,
    /// Change of delta with the price of the underlying.
    pub gamma: f64,
    /// Change of the price in a calendar day.
    pub theta: f64,
    /// Change of the price with a percentage point of volatility.
    pub vega: f64,
    /// Change of the price with a percentage point of the interest rate.
    pub rho: f64,
}

impl Greeks {
    /// Of nothing.
    pub const NONE: Self = Self {
        delta: 0.0,
        gamma: 0.0,
        theta: 0.0,
        vega: 0.0,
        rho: 0.0,
    };
    /// Of a unit of the underlying's future.
    pub const FUTURE: Self = Self {
        delta: 1.0,
        ..Self::NONE
    };

    /// The same with so many units of another; below zero those that were sold.
    #[must_use]
    pub fn plus(&self, other: &Self, units: Decimal) -> Self {
        let units = real(units);
        Self {
            delta: self.delta + units * other.delta,
            gamma: self.gamma + units * other.gamma,
            theta: self.theta + units * other.theta,
            vega: self.vega + units * other.vega,
            rho: self.rho + units * other.rho,
        }
    }
}

/// What a price says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explained {
    /// The volatility that explains it: 0.12 is 12 % a year.
    pub volatility: f64,
    /// The sensitivities at that volatility.
    pub greeks: Greeks,
}

/// A European option in the terms of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionModel {
    right: OptionRight,
    underlying: Underlying,
    strike: f64,
    years: f64,
    rate: f64,
}

impl OptionModel {
    /// An option on a forward price, at a yearly interest rate in per cent: Black-76.
    pub fn on_forward(
        right: OptionRight,
        (forward, strike): (Price, Price),
        life: &OptionLife,
        rate: Percent,
    ) -> Result<Self, NotComputable> {
        let underlying = Underlying::Forward(real(forward.to_decimal()));
        let rate = real(rate.to_decimal()) / POINTS;
        Self::try_new(
            (right, underlying),
            real(strike.to_decimal()),
            life.years(),
            rate,
        )
    }

    /// Takes strike, years until expiry (a year has 365 days) and the yearly interest rate with
    /// continuous compounding, as a part: 0.065 is 6.5 %.
    pub fn try_new(
        (right, underlying): (OptionRight, Underlying),
        strike: f64,
        years: f64,
        rate: f64,
    ) -> Result<Self, NotComputable> {
        let price = match underlying {
            Underlying::Forward(price) => price,
            Underlying::Spot {
                price,
                dividend_yield,
            } => {
                finite("dividend yield", dividend_yield)?;
                price
            }
        };
        positive("underlying price", price)?;
        positive("strike", strike)?;
        finite("interest rate", rate)?;
        finite("time to expiry", years)?;
        if years <= 0.0 {
            return Err(NotComputable::Expired);
        }
        let model = Self {
            right,
            underlying,
            strike,
            years,
            rate,
        };
        // A rate may be so large that nothing is left to compute with.
        let is_usable = |number: f64| number.is_finite() && number > 0.0;
        if is_usable(model.forward()) && is_usable(model.discount()) {
            Ok(model)
        } else {
            Err(NotComputable::OutOfReach)
        }
    }

    /// The price of the underlying for the day of expiry.
    fn forward(&self) -> f64 {
        match self.underlying {
            Underlying::Forward(price) => price,
            Underlying::Spot { price, .. } => price * libm::exp(self.carry() * self.years),
        }
    }

    /// What the price of the underlying is expected to grow by in a year.
    fn carry(&self) -> f64 {
        match self.underlying {
            Underlying::Forward(_) => 0.0,
            Underlying::Spot { dividend_yield, .. } => self.rate - dividend_yield,
        }
    }

    fn discount(&self) -> f64 {
        libm::exp(-self.rate * self.years)
    }

    /// What exercising at the forward price would bring, discounted; it is what an option is worth
    /// at no volatility.
    pub fn intrinsic(&self) -> f64 {
        let gain = match self.right {
            OptionRight::Call => self.forward() - self.strike,
            OptionRight::Put => self.strike - self.forward(),
        };
        self.discount() * gain.max(0.0)
    }

    /// The price that no volatility reaches.
    fn largest(&self) -> f64 {
        self.discount()
            * match self.right {
                OptionRight::Call => self.forward(),
                OptionRight::Put => self.strike,
            }
    }

    /// The price at a volatility: 0.12 is 12 % a year.
    pub fn price(&self, volatility: f64) -> Result<f64, NotComputable> {
        positive("volatility", volatility)?;
        let undiscounted = PriceBlackScholes::builder()
            .forward(self.forward())
            .strike(self.strike)
            .volatility(volatility)
            .expiry(self.years)
            .is_call(self.right == OptionRight::Call)
            .build()
            .ok_or(NotComputable::OutOfReach)?
            .calculate::<DefaultSpecialFn>();
        reached(undiscounted * self.discount())
    }

    /// The volatility at which the option has a price, and the sensitivities there.
    pub fn explain(&self, price: Price) -> Result<Explained, NotComputable> {
        let volatility = self.implied_volatility(real(price.to_decimal()))?;
        let greeks = self.greeks(volatility)?;
        Ok(Explained { volatility, greeks })
    }

    /// The volatility at which the option has a price.
    pub fn implied_volatility(&self, price: f64) -> Result<f64, NotComputable> {
        positive("option price", price)?;
        let (intrinsic, largest) = (self.intrinsic(), self.largest());
        if price <= intrinsic {
            return Err(NotComputable::NoTimeValue { price, intrinsic });
        }
        if price >= largest {
            return Err(NotComputable::TooDear { price, largest });
        }
        let volatility = ImpliedBlackVolatility::builder()
            .option_price(price / self.discount())
            .forward(self.forward())
            .strike(self.strike)
            .expiry(self.years)
            .is_call(self.right == OptionRight::Call)
            .build()
            .and_then(|option| option.calculate::<DefaultSpecialFn>())
            .ok_or(NotComputable::OutOfReach)?;
        // What is left of a price's digits above the intrinsic value may explain nothing.
        if volatility > 0.0 {
            reached(volatility)
        } else {
            Err(NotComputable::NoTimeValue { price, intrinsic })
        }
    }

    /// The sensitivities at a volatility.
    pub fn greeks(&self, volatility: f64) -> Result<Greeks, NotComputable> {
        let price = self.price(volatility)?;
        let (forward, discount) = (self.forward(), self.discount());
        let deviation = volatility * self.years.sqrt();
        let d1 = libm::log(forward / self.strike) / deviation + deviation / 2.0;
        let density = discount * normal_density(d1);
        let delta = discount
            * match self.right {
                OptionRight::Call => normal(d1),
                OptionRight::Put => -normal(-d1),
            };
        // What a rupee more today is on the day of expiry, and what the forward price owes the rate.
        let (growth, forward_owes) = match self.underlying {
            Underlying::Forward(_) => (1.0, 0.0),
            Underlying::Spot { price, .. } => (forward / price, delta * forward * self.years),
        };
        let decay = -forward * density * volatility / (2.0 * self.years.sqrt());
        let greeks = Greeks {
            delta: delta * growth,
            gamma: density / (forward * deviation) * growth * growth,
            theta: (decay + self.rate * price - self.carry() * forward * delta) / DAYS_OF_YEAR,
            vega: forward * density * self.years.sqrt() / POINTS,
            rho: (forward_owes - self.years * price) / POINTS,
        };
        for figure in [
            greeks.delta,
            greeks.gamma,
            greeks.theta,
            greeks.vega,
            greeks.rho,
        ] {
            reached(figure)?;
        }
        Ok(greeks)
    }
}

/// A price as a number of the model; one has at most 15 digits, which a float holds.
pub(super) fn real(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

fn positive(field: &'static str, value: f64) -> Result<(), NotComputable> {
    let must = "above zero";
    let is_so = value.is_finite() && value > 0.0;
    is_so
        .then_some(())
        .ok_or(NotComputable::OutOfRange { field, value, must })
}

fn finite(field: &'static str, value: f64) -> Result<(), NotComputable> {
    let must = "a number";
    let is_so = value.is_finite();
    is_so
        .then_some(())
        .ok_or(NotComputable::OutOfRange { field, value, must })
}

fn reached(figure: f64) -> Result<f64, NotComputable> {
    figure
        .is_finite()
        .then_some(figure)
        .ok_or(NotComputable::OutOfReach)
}

/// The density of the standard normal distribution.
fn normal_density(x: f64) -> f64 {
    libm::exp(-x * x / 2.0) / (2.0 * PI).sqrt()
}

/// The standard normal distribution; exact in the tails too.
fn normal(x: f64) -> f64 {
    libm::erfc(-x * FRAC_1_SQRT_2) / 2.0
}
