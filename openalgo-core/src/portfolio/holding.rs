//! Shares in the demat account.

use crate::id::{BrokerName, InstrumentToken, UserId};
use crate::market::{InstrumentKey, Timestamp};
use crate::value::{Money, Percent, Price, Quantity, ValueError};

/// What names a holding: one row for a symbol, whatever exchange it was bought on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldingKey {
    /// Whose holding.
    pub user: UserId,
    /// Where it is held.
    pub broker: BrokerName,
    /// What is held.
    pub instrument: InstrumentKey,
}

/// Delivered shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Whose, where and what.
    pub key: HoldingKey,
    /// The broker's number for the instrument.
    pub token: Option<InstrumentToken>,
    /// International securities number.
    pub isin: Option<String>,
    /// Units held.
    pub quantity: Quantity,
    /// Units bought and not yet settled.
    pub t1_quantity: Quantity,
    /// Exact cost of the units held.
    pub cost: Money,
    /// What of the cost was paid in cash on the paper exchange: less than all of it where delivery
    /// was bought with leverage, and nothing at a broker, who does not tell.
    pub paid: Money,
    /// Last price seen.
    pub ltp: Price,
    /// When the row last changed.
    pub updated_at: Timestamp,
}

impl Holding {
    /// Cost per unit, rounded to four places.
    pub fn average_price(&self) -> Result<Price, ValueError> {
        if self.quantity.is_zero() {
            Ok(Price::ZERO)
        } else {
            self.cost.per_unit(self.quantity)
        }
    }

    /// What the holding is worth at the last price.
    pub fn current_value(&self) -> Result<Money, ValueError> {
        self.ltp.times(self.quantity)
    }

    /// Value less cost.
    pub fn pnl(&self) -> Result<Money, ValueError> {
        self.current_value()?.minus(self.cost)
    }

    /// Profit in per cent of the cost.
    pub fn pnl_percent(&self) -> Result<Percent, ValueError> {
        Percent::of(self.pnl()?, self.cost)
    }
}
