//! Single limits by name: how they are set, and how they stand.

use super::{LimitAmount, RiskLimits, SymbolRule};
use crate::market::InstrumentKey;
use crate::value::Quantity;
use crate::wire::wire_enum;
use std::fmt;
use std::num::NonZeroU32;
use thiserror::Error;

/// What stands for a limit that does not bind.
const OFF: &str = "off";

wire_enum! {
    /// The limits that are a number.
    pub enum LimitName as "limit" {
        /// The most rupees that one order may be worth.
        OrderValue = "order_value",
        /// The most units that one order may be for.
        OrderQuantity = "order_quantity",
        /// The most rupees that may be lost on one day.
        DailyLoss = "daily_loss",
        /// The most orders on one day.
        DailyOrders = "daily_orders",
        /// The most live orders that leave for an exchange segment at a broker in any second.
        OrdersPerSecond = "orders_per_second",
    }
}

/// One limit that is changed; `None` takes it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LimitChange {
    /// The most that one order may be worth.
    OrderValue(Option<LimitAmount>),
    /// The most units that one order may be for.
    OrderQuantity(Option<Quantity>),
    /// The most that may be lost on one day.
    DailyLoss(Option<LimitAmount>),
    /// The most orders on one day.
    DailyOrders(Option<NonZeroU32>),
    /// The most live orders in any second.
    OrdersPerSecond(Option<NonZeroU32>),
    /// What is said of a symbol.
    Symbol(InstrumentKey, Option<SymbolRule>),
}

/// A value that a limit cannot have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{value}' is no value for the limit {name}: it must be {rule}, or off")]
pub struct LimitValueError {
    /// Which limit.
    pub name: LimitName,
    /// The value as given.
    pub value: Box<str>,
    /// What it must be.
    pub rule: &'static str,
}

impl LimitName {
    /// Reads the value of this limit; `off` takes the limit away.
    pub fn parse(self, value: &str) -> Result<LimitChange, LimitValueError> {
        let text = value.trim();
        let change = if text == OFF {
            Some(self.off())
        } else {
            self.given(text)
        };
        change.ok_or_else(|| LimitValueError {
            name: self,
            value: value.into(),
            rule: self.rule(),
        })
    }

    /// What a value of it must be.
    fn rule(self) -> &'static str {
        match self {
            Self::OrderValue | Self::DailyLoss => {
                "an amount of rupees above zero and below 100000000000, such as 50000"
            }
            Self::OrderQuantity => "a whole number of units above zero and below 100000000000",
            Self::DailyOrders | Self::OrdersPerSecond => "a whole number of orders above zero",
        }
    }

    fn off(self) -> LimitChange {
        match self {
            Self::OrderValue => LimitChange::OrderValue(None),
            Self::OrderQuantity => LimitChange::OrderQuantity(None),
            Self::DailyLoss => LimitChange::DailyLoss(None),
            Self::DailyOrders => LimitChange::DailyOrders(None),
            Self::OrdersPerSecond => LimitChange::OrdersPerSecond(None),
        }
    }

    fn given(self, text: &str) -> Option<LimitChange> {
        let amount = || LimitAmount::try_new(text.parse().ok()?);
        let units = || {
            let units: Quantity = text.parse().ok()?;
            (!units.is_zero()).then_some(units)
        };
        let count = || text.parse::<NonZeroU32>().ok();
        Some(match self {
            Self::OrderValue => LimitChange::OrderValue(Some(amount()?)),
            Self::OrderQuantity => LimitChange::OrderQuantity(Some(units()?)),
            Self::DailyLoss => LimitChange::DailyLoss(Some(amount()?)),
            Self::DailyOrders => LimitChange::DailyOrders(Some(count()?)),
            Self::OrdersPerSecond => LimitChange::OrdersPerSecond(Some(count()?)),
        })
    }
}

impl RiskLimits {
    /// The limits after a change.
    #[must_use]
    pub fn after(mut self, change: &LimitChange) -> Self {
        match change {
            LimitChange::OrderValue(limit) => self.order_value = *limit,
            LimitChange::OrderQuantity(limit) => self.order_quantity = *limit,
            LimitChange::DailyLoss(limit) => self.daily_loss = *limit,
            LimitChange::DailyOrders(limit) => self.daily_orders = limit.map(NonZeroU32::get),
            LimitChange::OrdersPerSecond(limit) => self.orders_per_second = *limit,
            LimitChange::Symbol(symbol, Some(rule)) => {
                self.symbols.insert(symbol.clone(), *rule);
            }
            LimitChange::Symbol(symbol, None) => {
                self.symbols.remove(symbol);
            }
        }
        self
    }

    /// How the limit stands that a change is about.
    pub fn standing(&self, change: &LimitChange) -> LimitChange {
        match change {
            LimitChange::OrderValue(_) => LimitChange::OrderValue(self.order_value),
            LimitChange::OrderQuantity(_) => LimitChange::OrderQuantity(self.order_quantity),
            LimitChange::DailyLoss(_) => LimitChange::DailyLoss(self.daily_loss),
            LimitChange::DailyOrders(_) => {
                LimitChange::DailyOrders(self.daily_orders.and_then(NonZeroU32::new))
            }
            LimitChange::OrdersPerSecond(_) => LimitChange::OrdersPerSecond(self.orders_per_second),
            LimitChange::Symbol(symbol, _) => {
                LimitChange::Symbol(symbol.clone(), self.symbols.get(symbol).copied())
            }
        }
    }
}

/// The limit and its value, such as `daily_orders 40`, `order_value off` or `deny NSE:YESBANK`.
impl fmt::Display for LimitChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = |limit: &Option<LimitAmount>| limit.map(LimitAmount::get);
        match self {
            Self::OrderValue(limit) => named(f, LimitName::OrderValue, amount(limit)),
            Self::OrderQuantity(limit) => named(f, LimitName::OrderQuantity, *limit),
            Self::DailyLoss(limit) => named(f, LimitName::DailyLoss, amount(limit)),
            Self::DailyOrders(limit) => named(f, LimitName::DailyOrders, *limit),
            Self::OrdersPerSecond(limit) => named(f, LimitName::OrdersPerSecond, *limit),
            Self::Symbol(symbol, Some(rule)) => write!(f, "{rule} {symbol}"),
            Self::Symbol(symbol, None) => write!(f, "no rule for {symbol}"),
        }
    }
}

fn named(
    f: &mut fmt::Formatter<'_>,
    name: LimitName,
    value: Option<impl fmt::Display>,
) -> fmt::Result {
    match value {
        Some(value) => write!(f, "{name} {value}"),
        None => write!(f, "{name} {OFF}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample::instrument;

    #[test]
    fn a_limit_is_set_by_its_name_and_taken_away_by_off() {
        let limits = RiskLimits::default();
        for (name, value, shown) in [
            ("order_value", "50000", "order_value 50000.00"),
            ("order_value", "0.0001", "order_value 0.0001"),
            ("order_quantity", " 100 ", "order_quantity 100"),
            ("daily_loss", "2500.50", "daily_loss 2500.50"),
            ("daily_orders", "40", "daily_orders 40"),
            ("orders_per_second", "5", "orders_per_second 5"),
        ] {
            let name: LimitName = name.parse().unwrap();
            let change = name.parse(value).unwrap();
            assert_eq!(change.to_string(), shown);
            let set = limits.clone().after(&change);
            assert_eq!(set.standing(&change), change);
            let off = name.parse("off").unwrap();
            assert_eq!(off.to_string(), format!("{name} off"));
            assert_eq!(set.after(&off), limits);
        }
    }

    #[test]
    fn what_is_no_limit_is_refused_with_what_would_be_one() {
        for name in LimitName::ALL {
            for value in ["0", "-1", "", "none", "OFF", "99999999999999999999"] {
                let refused = name.parse(value).unwrap_err().to_string();
                let expected = format!("'{value}' is no value for the limit {name}: it must be ");
                assert!(refused.starts_with(&expected), "{refused}");
            }
        }
        assert!(LimitName::OrderQuantity.parse("1.5").is_err());
        assert!(LimitName::OrderValue.parse("1.00001").is_err());
    }

    #[test]
    fn a_symbol_has_one_rule_at_a_time() {
        let symbol = instrument("INFY");
        let say = |rule| LimitChange::Symbol(symbol.clone(), rule);
        let mut limits = RiskLimits::default();
        for rule in [Some(SymbolRule::Deny), Some(SymbolRule::Allow), None] {
            limits = limits.after(&say(rule));
            assert_eq!(limits.standing(&say(None)), say(rule));
        }
        assert_eq!(limits, RiskLimits::default());
        assert_eq!(say(Some(SymbolRule::Deny)).to_string(), "deny NSE:INFY");
    }
}
