//! Rows of `paper_accounts`.

use crate::column::{Place, Real, Text, Whole};
use crate::schema::paper_accounts;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::market::{Timestamp, TradingDay};
use openalgo_core::paper::{LedgerEntry, PaperOpening};
use openalgo_core::port::StoreError;
use openalgo_core::portfolio::Funds;

/// What a ledger entry changes in the row of its account.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = paper_accounts, treat_none_as_null = true, check_for_backend(Sqlite))]
pub(crate) struct PaperAccountRow {
    version: Whole,
    trading_day: Text,
    last_order_number: Whole,
    total_capital: Real,
    available: Real,
    used_margin: Real,
    realized_pnl: Real,
    today_realized_pnl: Real,
    summed_pnl: Real,
    reset_count: Whole,
    last_reset_at: Option<Text>,
    jobs_until: Option<Text>,
    updated_at: Text,
}

impl PaperAccountRow {
    /// The row of a fresh account.
    pub(crate) fn opening(opening: &PaperOpening) -> Self {
        Self::new(
            (0, 0),
            &Funds::opening(opening.capital),
            (opening.day, opening.at),
            opening.at,
        )
    }

    /// The row after an entry.
    pub(crate) fn after(entry: &LedgerEntry) -> Self {
        Self::new(
            (entry.version, entry.last_order_number),
            &entry.funds,
            (entry.trading_day, entry.jobs_until),
            entry.at,
        )
    }

    fn new(
        (version, last_order_number): (u64, u64),
        funds: &Funds,
        (day, jobs_until): (TradingDay, Timestamp),
        at: Timestamp,
    ) -> Self {
        Self {
            version: version.into(),
            trading_day: day.to_string().into(),
            last_order_number: last_order_number.into(),
            total_capital: funds.total_capital.into(),
            available: funds.available.into(),
            used_margin: funds.used_margin.into(),
            realized_pnl: funds.realized_pnl.into(),
            today_realized_pnl: funds.today_realized_pnl.into(),
            summed_pnl: funds.summed_pnl.into(),
            reset_count: funds.reset_count.into(),
            last_reset_at: funds.last_reset.map(|at| at.to_string().into()),
            jobs_until: Some(jobs_until.to_string().into()),
            updated_at: at.to_string().into(),
        }
    }

    fn place(id: i64) -> Place {
        Place {
            table: "paper_accounts",
            row: id,
        }
    }

    /// Number of the last committed entry of account row `id`.
    pub(crate) fn version(&self, id: i64) -> Result<u64, StoreError> {
        Self::place(id).counter("version", self.version)
    }

    /// The last order number given out in account row `id`.
    pub(crate) fn last_order_number(&self, id: i64) -> Result<u64, StoreError> {
        Self::place(id).counter("last_order_number", self.last_order_number)
    }

    /// The session that the figures of account row `id` belong to.
    pub(crate) fn trading_day(&self, id: i64) -> Result<TradingDay, StoreError> {
        Self::place(id).word("trading_day", &self.trading_day)
    }

    /// Up to when everything that happens by itself has happened in account row `id`; a row from
    /// before that was kept says when it last changed.
    pub(crate) fn jobs_until(&self, id: i64) -> Result<Timestamp, StoreError> {
        match &self.jobs_until {
            Some(until) => Self::place(id).instant("jobs_until", until),
            None => self.changed_at(id),
        }
    }

    /// When account row `id` last changed.
    pub(crate) fn changed_at(&self, id: i64) -> Result<Timestamp, StoreError> {
        Self::place(id).instant("updated_at", &self.updated_at)
    }

    /// The money of account row `id`.
    pub(crate) fn funds(&self, id: i64) -> Result<Funds, StoreError> {
        let place = Self::place(id);
        Ok(Funds {
            total_capital: place.money("total_capital", self.total_capital)?,
            available: place.money("available", self.available)?,
            used_margin: place.money("used_margin", self.used_margin)?,
            realized_pnl: place.money("realized_pnl", self.realized_pnl)?,
            today_realized_pnl: place.money("today_realized_pnl", self.today_realized_pnl)?,
            summed_pnl: place.money("summed_pnl", self.summed_pnl)?,
            reset_count: place.whole("reset_count", self.reset_count)?,
            last_reset: match &self.last_reset_at {
                Some(at) => Some(place.instant("last_reset_at", at)?),
                None => None,
            },
        })
    }
}
