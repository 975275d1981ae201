//! What the owner of a paper exchange can choose.

use super::{OcoMargin, SquareOffTimes, WeeklyReset};
use crate::market::{MarketHours, TimeOfDay};
use crate::rule::charges::ChargeProfile;
use crate::rule::margin::Leverage;
use crate::value::Money;
use crate::wire::wire_enum;
use chrono::Weekday;
use std::sync::Arc;

wire_enum! {
    /// The day on which every account starts anew.
    pub enum ResetDay as "reset day" {
        /// On Mondays.
        Monday = "Monday",
        /// On Tuesdays.
        Tuesday = "Tuesday",
        /// On Wednesdays.
        Wednesday = "Wednesday",
        /// On Thursdays.
        Thursday = "Thursday",
        /// On Fridays.
        Friday = "Friday",
        /// On Saturdays.
        Saturday = "Saturday",
        /// On Sundays.
        Sunday = "Sunday",
        /// Only when somebody says so.
        Never = "Never",
    }
}

impl ResetDay {
    /// The day of the week, unless it is never.
    pub fn weekday(self) -> Option<Weekday> {
        match self {
            Self::Monday => Some(Weekday::Mon),
            Self::Tuesday => Some(Weekday::Tue),
            Self::Wednesday => Some(Weekday::Wed),
            Self::Thursday => Some(Weekday::Thu),
            Self::Friday => Some(Weekday::Fri),
            Self::Saturday => Some(Weekday::Sat),
            Self::Sunday => Some(Weekday::Sun),
            Self::Never => None,
        }
    }
}

wire_enum! {
    /// When a contract that has expired is settled.
    pub enum ExpiryTiming as "expiry timing" {
        /// When its exchange closes on its last day.
        ExpiryDayClose = "expiry_day_close",
        /// When the next day begins.
        NextDay = "next_day",
    }
}

wire_enum! {
    /// At what price an option that has expired is settled.
    pub enum OptionSettlement as "option settlement" {
        /// At its last price.
        Ltp = "ltp",
        /// As worthless.
        Zero = "zero",
    }
}

/// How contracts that have expired are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpiryTerms {
    /// When.
    pub timing: ExpiryTiming,
    /// At what price, if they are options.
    pub options: OptionSettlement,
}

/// The terms on which the paper exchange keeps its accounts; all of them follow a change at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperTerms {
    /// Capital of every account.
    pub capital: Money,
    /// How much exposure a rupee of margin carries.
    pub leverage: Leverage,
    /// When accounts start anew by themselves.
    pub weekly_reset: WeeklyReset,
    /// Whether orders, and what happens by itself, keep the hours of the exchanges.
    pub hours: MarketHours,
    /// When intraday positions end, where hours bind.
    pub square_off: SquareOffTimes,
    /// How contracts that have expired are settled.
    pub expiry: ExpiryTerms,
    /// What an order that waits for one of two prices reserves.
    pub oco_margin: OcoMargin,
    /// What trades cost besides their price; `None` for nothing.
    pub charges: Option<Arc<ChargeProfile>>,
    /// By how many ticks what trades at the market does so at a worse price.
    pub slippage: u8,
}

impl PaperTerms {
    /// The terms of a new installation, with another capital.
    pub fn with_capital(capital: Money) -> Self {
        Self {
            capital,
            leverage: Leverage::default(),
            weekly_reset: WeeklyReset {
                day: ResetDay::Never,
                time: TimeOfDay::MIDNIGHT,
            },
            hours: MarketHours::Always,
            square_off: SquareOffTimes::default(),
            expiry: ExpiryTerms {
                timing: ExpiryTiming::ExpiryDayClose,
                options: OptionSettlement::Ltp,
            },
            oco_margin: OcoMargin::Max,
            charges: None,
            slippage: 0,
        }
    }
}
