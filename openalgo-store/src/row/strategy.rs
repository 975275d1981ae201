//! Rows of `strategies` and `strategy_symbols`.

use crate::column::{Place, Text, Whole};
use crate::schema::{strategies, strategy_symbols};
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::id::{StrategyId, UserId};
use openalgo_core::market::{TimeOfDay, Timestamp};
use openalgo_core::port::StoreError;
use openalgo_core::strategy::{Schedule, Strategy, StrategyPlan, StrategySymbol, TradingHours};

/// A row of `strategies` without what a person decided about it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = strategies, check_for_backend(Sqlite))]
pub(crate) struct StrategyRow {
    pub(crate) id: i64,
    user_id: i64,
    webhook_id: Text,
    is_active: bool,
    created_at: Text,
    updated_at: Text,
    #[diesel(embed)]
    plan: PlanRow,
}

/// What a person decided about a strategy.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = strategies,
    check_for_backend(Sqlite),
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
pub(crate) struct PlanRow {
    name: Text,
    description: Option<Text>,
    platform: Text,
    trading_mode: Text,
    is_intraday: bool,
    start_time: Option<Text>,
    end_time: Option<Text>,
    squareoff_time: Option<Text>,
}

impl PlanRow {
    /// The columns for a plan.
    pub(crate) fn of(plan: &StrategyPlan) -> Self {
        let hours = plan.schedule.hours();
        let cell = |time: fn(TradingHours) -> _| {
            let time = hours.map(time);
            time.map(|it: TimeOfDay| it.to_string().into())
        };
        Self {
            name: plan.name.to_string().into(),
            description: plan.description.clone().map(Text::from),
            platform: plan.platform.to_string().into(),
            trading_mode: plan.direction.to_string().into(),
            is_intraday: hours.is_some(),
            start_time: cell(TradingHours::start),
            end_time: cell(TradingHours::end),
            squareoff_time: cell(TradingHours::square_off),
        }
    }

    fn read(&self, place: Place) -> Result<StrategyPlan, StoreError> {
        Ok(StrategyPlan {
            name: place.word("name", &self.name)?,
            description: place.optional_text("description", self.description.as_ref())?,
            platform: place.word("platform", &self.platform)?,
            direction: place.word("trading_mode", &self.trading_mode)?,
            schedule: self.schedule(place)?,
        })
    }

    /// Times beside a positional strategy mean nothing and are not written; one that has them is
    /// damaged as much as an intraday one without them.
    fn schedule(&self, place: Place) -> Result<Schedule, StoreError> {
        let start = place.optional("start_time", self.start_time.as_ref())?;
        let end = place.optional("end_time", self.end_time.as_ref())?;
        let square_off = place.optional("squareoff_time", self.squareoff_time.as_ref())?;
        match (self.is_intraday, start, end, square_off) {
            (false, None, None, None) => Ok(Schedule::Positional),
            (true, Some(start), Some(end), Some(square_off)) => {
                let hours = TradingHours::try_new(start, end, square_off);
                let hours = hours.map_err(|error| place.corrupt("squareoff_time", error))?;
                Ok(Schedule::Intraday(hours))
            }
            _ => Err(place.corrupt(
                "is_intraday",
                "an intraday strategy has three times, any other has none",
            )),
        }
    }
}

impl StrategyRow {
    /// The strategy in this row.
    pub(crate) fn into_strategy(
        self,
        symbols: Vec<StrategySymbol>,
    ) -> Result<Strategy, StoreError> {
        let place = Place {
            table: "strategies",
            row: self.id,
        };
        Ok(Strategy {
            id: StrategyId::new(self.id),
            user: UserId::new(self.user_id),
            webhook_id: place.word("webhook_id", &self.webhook_id)?,
            plan: self.plan.read(place)?,
            is_active: self.is_active,
            symbols,
            created_at: place.instant("created_at", &self.created_at)?,
            updated_at: place.instant("updated_at", &self.updated_at)?,
        })
    }
}

/// A row of `strategy_symbols` without its number and time.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = strategy_symbols, check_for_backend(Sqlite))]
pub(crate) struct SymbolRow {
    pub(crate) strategy_id: i64,
    symbol: Text,
    exchange: Text,
    quantity: Whole,
    product: Text,
    created_at: Text,
}

impl SymbolRow {
    /// The row of a symbol that is kept at `now`.
    pub(crate) fn of(strategy: StrategyId, symbol: &StrategySymbol, now: Timestamp) -> Self {
        Self {
            strategy_id: strategy.get(),
            symbol: symbol.instrument.symbol.to_string().into(),
            exchange: symbol.instrument.exchange.to_string().into(),
            quantity: symbol.quantity.into(),
            product: symbol.product.to_string().into(),
            created_at: now.to_string().into(),
        }
    }

    /// The symbol in row `id`.
    pub(crate) fn into_symbol(self, id: i64) -> Result<StrategySymbol, StoreError> {
        let place = Place {
            table: "strategy_symbols",
            row: id,
        };
        Ok(StrategySymbol {
            instrument: place.instrument(&self.exchange, &self.symbol)?,
            quantity: place.quantity("quantity", self.quantity)?,
            product: place.word("product", &self.product)?,
        })
    }
}
