//! The days on which the real exchanges trade; contracts expire on one of them.
//!
//! The simulated exchange itself trades around the clock.

use super::SimulatedError;
use super::table::{self, Record};
use chrono::{Datelike, NaiveDate, Weekday};
use openalgo_core::market::Exchange;
use std::collections::BTreeSet;

/// No run of closed days is longer.
const LONGEST_CLOSURE: usize = 14;

/// Weekends and holidays.
#[derive(Debug)]
pub(super) struct Calendar {
    holidays: BTreeSet<(NaiveDate, Exchange)>,
}

impl Calendar {
    /// Reads holidays from columns `date` and `exchanges`, the latter separated by blanks.
    pub(super) fn parse(text: &str) -> Result<Self, SimulatedError> {
        let mut holidays = BTreeSet::new();
        for record in table::records("holidays", text, &["date", "exchanges"])? {
            let date = record.value("date")?;
            for exchange in exchanges(&record)? {
                holidays.insert((date, exchange));
            }
        }
        Ok(Self { holidays })
    }

    /// Whether an exchange trades on a date.
    pub(super) fn is_trading_day(&self, exchange: Exchange, date: NaiveDate) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        !weekend && !self.holidays.contains(&(date, exchange))
    }

    /// The date itself where it is a trading day, else the last trading day before it.
    pub(super) fn on_or_before(&self, exchange: Exchange, date: NaiveDate) -> Option<NaiveDate> {
        std::iter::successors(Some(date), NaiveDate::pred_opt)
            .take(LONGEST_CLOSURE)
            .find(|date| self.is_trading_day(exchange, *date))
    }
}

fn exchanges(record: &Record) -> Result<Vec<Exchange>, SimulatedError> {
    let words = record.text("exchanges").split_whitespace();
    words
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|unknown| record.invalid("exchanges", unknown))
}
