//! The money of an account.

use crate::market::Timestamp;
use crate::value::{Money, ValueError};

/// Money of a paper account (`docs/paper-exchange.md`).
///
/// `available + used_margin + paid for holdings = total_capital + realized_pnl` after every step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funds {
    /// Capital that the account was opened or last reset with.
    pub total_capital: Money,
    /// Cash free for new exposure.
    pub available: Money,
    /// Reserved for open orders and positions.
    pub used_margin: Money,
    /// Realised since the account was opened.
    pub realized_pnl: Money,
    /// Realised since the last session boundary.
    pub today_realized_pnl: Money,
    /// What of the realised profit belongs to days that are summed up. What the account realised
    /// since the last of them and before it was reset is less than nothing here, so that the day in
    /// which it was reset has it.
    pub summed_pnl: Money,
    /// How often the account was reset.
    pub reset_count: i64,
    /// When it was reset last.
    pub last_reset: Option<Timestamp>,
}

impl Funds {
    /// Realised since the last day that is summed up.
    pub fn unsummed_pnl(&self) -> Result<Money, ValueError> {
        self.realized_pnl.minus(self.summed_pnl)
    }

    /// The money of a fresh account.
    pub fn opening(capital: Money) -> Self {
        Self {
            total_capital: capital,
            available: capital,
            used_margin: Money::ZERO,
            realized_pnl: Money::ZERO,
            today_realized_pnl: Money::ZERO,
            summed_pnl: Money::ZERO,
            reset_count: 0,
            last_reset: None,
        }
    }
}

/// Money of the user at a live broker, as the broker states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerFunds {
    /// Free for new exposure.
    pub available: Money,
    /// Lent against pledged shares; a part of what is available.
    pub collateral: Money,
    /// Reserved for open orders and positions.
    pub used_margin: Money,
    /// Realised today.
    pub realized_pnl: Money,
    /// Profit of the open positions.
    pub unrealized_pnl: Money,
}
