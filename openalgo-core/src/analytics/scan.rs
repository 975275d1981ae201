//! What a set of futures and options may lose in a day, as clearing houses look at it.
//!
//! It follows SPAN, by which NSE Clearing computes margins: the set is valued anew at sixteen
//! prices and volatilities, and the worst of them counts. The ranges are the floors that NSE
//! Clearing publishes (<https://www.nseclearing.in/risk-management/equity-derivatives/span-risk-parameters>,
//! read in November 2026), without what it adds on nervous days and for spreads between months: an
//! estimate, and no broker's figure.

use super::model::real;
use super::{OptionModel, PayoffLeg, Underlying};
use crate::market::OptionRight;
use crate::value::Price;

/// Fourteen scenarios move the price by these parts of its range, each with more and less
/// volatility.
const MOVES: [f64; 7] = [0.0, 1.0 / 3.0, -1.0 / 3.0, 2.0 / 3.0, -2.0 / 3.0, 1.0, -1.0];
/// Two more move it by twice the range; of what is lost there, this part counts.
const EXTREME: f64 = 0.35;
/// Volatility moves by this part of itself, and by no less than a floor.
const VOLATILITY_SHIFT: f64 = 0.25;

/// How far prices are moved, and what is asked for besides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScanRule {
    /// The part of its price that the underlying moves by.
    pub price_range: f64,
    /// The least that volatility moves by: 0.04 is four percentage points.
    pub volatility_floor: f64,
    /// The part of the underlying's price that is asked for each unit of a future, or of an option
    /// that is sold.
    pub exposure: f64,
}

impl ScanRule {
    /// Of an index.
    pub const INDEX: Self = Self {
        price_range: 0.093,
        volatility_floor: 0.04,
        exposure: 0.02,
    };
    /// Of a share, and of whatever else is no index.
    pub const SHARE: Self = Self {
        price_range: 0.142,
        volatility_floor: 0.10,
        exposure: 0.035,
    };
}

/// A future or an option of the set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScanLeg {
    /// Right and strike of an option; `None` of a future.
    pub option: Option<(OptionRight, f64)>,
    /// Units; those that are sold below zero.
    pub units: f64,
    /// What a unit costs now.
    pub price: f64,
    /// What the underlying costs on the last day.
    pub forward: f64,
    /// The volatility that explains the price; `None` where none does, and the option is worth what
    /// exercising would bring.
    pub volatility: Option<f64>,
    /// Years until the last day.
    pub years: f64,
}

/// What a set needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScanMargin {
    /// The largest loss of the scenarios, with what was received for options that are sold.
    pub span: f64,
    /// What is asked for besides.
    pub exposure: f64,
}

impl ScanMargin {
    /// Of nothing.
    pub const NONE: Self = Self {
        span: 0.0,
        exposure: 0.0,
    };

    /// Both together.
    pub fn total(&self) -> f64 {
        self.span + self.exposure
    }

    /// By how much it is less than what its parts need one by one.
    pub fn less_than<'p>(&self, parts: impl Iterator<Item = &'p Self>) -> f64 {
        parts.map(Self::total).sum::<f64>() - self.total()
    }

    /// What a set of one underlying needs.
    pub fn of(legs: &[ScanLeg], rule: ScanRule) -> Self {
        let range = |move_by: f64| move_by * rule.price_range;
        let ordinary = MOVES
            .into_iter()
            .flat_map(|move_by| [1.0, -1.0].map(|shift| loss(legs, (range(move_by), shift), rule)));
        let extreme = [2.0, -2.0].map(|move_by| EXTREME * loss(legs, (range(move_by), 0.0), rule));
        let worst = ordinary.chain(extreme).fold(0.0, f64::max);
        let options = legs.iter().filter(|leg| leg.option.is_some());
        let worth: f64 = options.map(|leg| leg.units * leg.price).sum();
        let exposed = legs
            .iter()
            .filter(|leg| leg.option.is_none() || leg.units < 0.0);
        let exposure = exposed.map(|leg| leg.units.abs() * leg.forward * rule.exposure);
        Self {
            span: (worst - worth).max(0.0),
            exposure: exposure.sum(),
        }
    }
}

/// What the set loses when the price moves by a part of itself, and volatility up or down.
fn loss(legs: &[ScanLeg], (move_by, shift): (f64, f64), rule: ScanRule) -> f64 {
    let lost = legs.iter().map(|leg| {
        let forward = leg.forward * (1.0 + move_by);
        leg.units * (leg.price - leg.worth(forward, shift, rule.volatility_floor))
    });
    lost.sum()
}

impl ScanLeg {
    /// A leg as it stands: its last price and what the underlying costs on the last day, the
    /// volatility that explains the price, and the years left.
    pub fn new(
        leg: &PayoffLeg,
        (ltp, forward): (Price, Price),
        (volatility, years): (Option<f64>, f64),
    ) -> Self {
        let number = |price: Price| real(price.to_decimal());
        Self {
            option: leg.option.map(|(right, strike)| (right, number(strike))),
            units: real(leg.signed_units()),
            price: number(ltp),
            forward: number(forward),
            volatility,
            years,
        }
    }

    /// What a unit is worth at another price of the underlying.
    fn worth(&self, forward: f64, shift: f64, floor: f64) -> f64 {
        let Some((right, strike)) = self.option else {
            return self.price + forward - self.forward;
        };
        let intrinsic = match right {
            OptionRight::Call => (forward - strike).max(0.0),
            OptionRight::Put => (strike - forward).max(0.0),
        };
        let valued = self.volatility.and_then(|volatility| {
            let moved = volatility + shift * (volatility * VOLATILITY_SHIFT).max(floor);
            let underlying = Underlying::Forward(forward);
            let model = OptionModel::try_new((right, underlying), strike, self.years, 0.0).ok()?;
            model.price(moved).ok()
        });
        valued.unwrap_or(intrinsic)
    }
}
