//! Rows of `daily_pnl`.

use crate::column::{Place, Real, Text};
use crate::schema::daily_pnl;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::market::TradingDay;
use openalgo_core::paper::{DailyPnl, PaperAccountKey};
use openalgo_core::port::StoreError;

/// A row without its number.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = daily_pnl, check_for_backend(Sqlite))]
pub(crate) struct DailyPnlRow {
    user_id: i64,
    broker_name: Text,
    date: Text,
    realized_pnl: Real,
    positions_unrealized_pnl: Real,
    holdings_unrealized_pnl: Real,
    total_mtm: Real,
    available_balance: Real,
    used_margin: Real,
    portfolio_value: Real,
}

impl DailyPnlRow {
    /// The row of a day of an account.
    pub(crate) fn of(key: &PaperAccountKey, day: &DailyPnl) -> Self {
        Self {
            user_id: key.user.get(),
            broker_name: key.broker.to_string().into(),
            date: day.date.to_string().into(),
            realized_pnl: day.realized.into(),
            positions_unrealized_pnl: day.positions_unrealized.into(),
            holdings_unrealized_pnl: day.holdings_unrealized.into(),
            total_mtm: day.total.into(),
            available_balance: day.available.into(),
            used_margin: day.used_margin.into(),
            portfolio_value: day.portfolio_value.into(),
        }
    }

    /// The day in row `id`.
    pub(crate) fn into_day(self, id: i64) -> Result<DailyPnl, StoreError> {
        let place = Place {
            table: "daily_pnl",
            row: id,
        };
        let date: TradingDay = place.word("date", &self.date)?;
        Ok(DailyPnl {
            date: date.date(),
            realized: place.money("realized_pnl", self.realized_pnl)?,
            positions_unrealized: place
                .money("positions_unrealized_pnl", self.positions_unrealized_pnl)?,
            holdings_unrealized: place
                .money("holdings_unrealized_pnl", self.holdings_unrealized_pnl)?,
            total: place.money("total_mtm", self.total_mtm)?,
            available: place.money("available_balance", self.available_balance)?,
            used_margin: place.money("used_margin", self.used_margin)?,
            portfolio_value: place.money("portfolio_value", self.portfolio_value)?,
        })
    }
}
