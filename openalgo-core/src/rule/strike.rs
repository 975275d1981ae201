//! Which strike an offset from the money means (OpenAlgo's API reference, section 7).

use crate::market::OptionRight;
use crate::value::{Price, ValueError};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use thiserror::Error;

/// How far from the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub enum StrikeOffset {
    /// At the strike nearest to the price of the underlying.
    AtTheMoney,
    /// So many strikes towards those that are worth exercising.
    In(u8),
    /// So many strikes the other way.
    Out(u8),
}

/// The most strikes away.
const FARTHEST: u8 = 50;

/// A word that is no offset.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("Offset must be ATM, ITM1-ITM50, or OTM1-OTM50")]
pub struct OffsetError;

impl FromStr for StrikeOffset {
    type Err = OffsetError;

    /// Reads `ATM`, `ITM2` or `otm10`.
    fn from_str(text: &str) -> Result<Self, OffsetError> {
        let word = text.to_ascii_uppercase();
        if word == "ATM" {
            return Ok(Self::AtTheMoney);
        }
        let (way, number) = word.split_at_checked(3).ok_or(OffsetError)?;
        let steps = number.parse::<u8>().ok();
        let steps = steps.filter(|steps| (1..=FARTHEST).contains(steps));
        let offset = match (way, steps) {
            ("ITM", Some(steps)) => Self::In(steps),
            ("OTM", Some(steps)) => Self::Out(steps),
            _ => return Err(OffsetError),
        };
        // `OTM+1` and `OTM01` are numbers, too.
        (offset.to_string() == word)
            .then_some(offset)
            .ok_or(OffsetError)
    }
}

impl fmt::Display for StrikeOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtTheMoney => f.write_str("ATM"),
            Self::In(steps) => write!(f, "ITM{steps}"),
            Self::Out(steps) => write!(f, "OTM{steps}"),
        }
    }
}

impl From<StrikeOffset> for String {
    fn from(offset: StrikeOffset) -> Self {
        offset.to_string()
    }
}

impl StrikeOffset {
    /// How many strikes above the money it is; below it for a number under zero.
    fn up(self, right: OptionRight) -> i64 {
        let out = match self {
            Self::AtTheMoney => 0,
            Self::In(steps) => i64::from(steps).saturating_neg(),
            Self::Out(steps) => i64::from(steps),
        };
        match right {
            OptionRight::Call => out,
            OptionRight::Put => out.saturating_neg(),
        }
    }
}

/// Where in a list of strikes, the lowest first, the one nearest to a price is: the lower one of
/// two that are as near.
pub fn at_the_money(strikes: &[Price], price: Price) -> Option<usize> {
    let away = |strike: &Price| strike.to_decimal().saturating_sub(price.to_decimal()).abs();
    let nearest = strikes.iter().map(away).min()?;
    strikes.iter().position(|strike| away(strike) == nearest)
}

/// The strike of a list, the lowest first, that an offset means; `None` beyond the list.
pub fn strike_of(
    strikes: &[Price],
    price: Price,
    (offset, right): (StrikeOffset, OptionRight),
) -> Option<Price> {
    let money = i64::try_from(at_the_money(strikes, price)?).ok()?;
    let place = money.checked_add(offset.up(right))?;
    strikes.get(usize::try_from(place).ok()?).copied()
}

/// The strike that an offset means where strikes are a step apart, whether it is listed or not.
pub fn strike_by_step(
    step: NonZeroU32,
    price: Price,
    (offset, right): (StrikeOffset, OptionRight),
) -> Result<Price, ValueError> {
    const TOO_LARGE: ValueError = ValueError::TooLarge { kind: "strike" };
    let step = Decimal::from(step.get());
    let steps = price.to_decimal().checked_div(step).ok_or(TOO_LARGE)?;
    let money = steps.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
    let strike = money
        .checked_add(Decimal::from(offset.up(right)))
        .and_then(|steps| steps.checked_mul(step))
        .ok_or(TOO_LARGE)?;
    Price::try_new(strike)
}

/// What a strike is called that lies so many places above the money, or below it.
pub fn label(above: i64, right: OptionRight) -> String {
    let steps = above.unsigned_abs();
    let is_out = (above > 0) == (right == OptionRight::Call);
    match (steps, is_out) {
        (0, _) => "ATM".to_owned(),
        (_, true) => format!("OTM{steps}"),
        (_, false) => format!("ITM{steps}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes() -> Vec<Price> {
        let strikes = (25_900..=26_300).step_by(50).map(Decimal::from);
        let strikes = strikes.map(Price::try_new);
        strikes.map(Result::unwrap).collect()
    }

    fn strike(offset: &str, right: OptionRight, price: &str) -> Option<String> {
        let offset = (offset.parse().unwrap(), right);
        let strike = strike_of(&strikes(), price.parse().unwrap(), offset);
        strike.map(|strike| strike.to_decimal().normalize().to_string())
    }

    #[test]
    fn calls_are_in_the_money_below_and_puts_above() {
        for (offset, right, expected) in [
            ("ATM", OptionRight::Call, "26100"),
            ("itm2", OptionRight::Call, "26000"),
            ("OTM1", OptionRight::Call, "26150"),
            ("ITM2", OptionRight::Put, "26200"),
            ("OTM3", OptionRight::Put, "25950"),
        ] {
            assert_eq!(strike(offset, right, "26110.45").as_deref(), Some(expected));
        }
    }

    #[test]
    fn of_two_that_are_as_near_the_lower_one_is_at_the_money() {
        assert_eq!(
            strike("ATM", OptionRight::Call, "26125").as_deref(),
            Some("26100")
        );
    }

    #[test]
    fn beyond_the_list_is_no_strike() {
        assert_eq!(strike("OTM5", OptionRight::Call, "26110"), None);
        assert_eq!(strike("ITM5", OptionRight::Call, "26110"), None);
        assert_eq!(
            strike_of(
                &[],
                Price::ZERO,
                (StrikeOffset::AtTheMoney, OptionRight::Put)
            ),
            None
        );
    }

    /// Half a step goes to the even one, as Python rounds.
    #[test]
    fn with_a_step_strikes_are_computed() {
        let by_step = |price: &str, offset: &str| {
            let offset = (offset.parse().unwrap(), OptionRight::Call);
            let step = NonZeroU32::new(100).unwrap();
            let strike = strike_by_step(step, price.parse().unwrap(), offset).unwrap();
            strike.to_decimal().normalize().to_string()
        };
        assert_eq!(by_step("26110.45", "OTM2"), "26300");
        assert_eq!(by_step("26150", "ATM"), "26200");
        assert_eq!(by_step("26250", "ATM"), "26200");
        let below = (StrikeOffset::In(50), OptionRight::Call);
        let step = NonZeroU32::new(100).unwrap();
        assert!(strike_by_step(step, "10".parse().unwrap(), below).is_err());
    }

    #[test]
    fn other_words_are_no_offsets() {
        for word in [
            "", "AT", "XTM", "ITM", "ITM0", "OTM51", "OTM01", "OTM+1", "ITM-1", "ÅTM1",
        ] {
            assert_eq!(word.parse::<StrikeOffset>(), Err(OffsetError), "{word}");
        }
    }

    #[test]
    fn strikes_are_called_by_their_side_of_the_money() {
        assert_eq!(label(0, OptionRight::Put), "ATM");
        assert_eq!(label(2, OptionRight::Call), "OTM2");
        assert_eq!(label(2, OptionRight::Put), "ITM2");
        assert_eq!(label(-3, OptionRight::Call), "ITM3");
    }
}
