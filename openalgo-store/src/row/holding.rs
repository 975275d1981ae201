//! Rows of `holdings`.

use crate::column::{Place, Real, Text, Whole};
use crate::error::Fault;
use crate::schema::holdings;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::id::UserId;
use openalgo_core::port::StoreError;
use openalgo_core::portfolio::{Holding, HoldingKey};

/// A row without its number. `average_price`, `current_value`, `pnl` and `pnl_percent` follow
/// from the other columns and are there for people who read the file.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = holdings,
    check_for_backend(Sqlite),
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
pub(crate) struct HoldingRow {
    user_id: i64,
    broker_name: Text,
    exchange: Text,
    symbol: Text,
    token: Option<Text>,
    isin: Option<Text>,
    quantity: Whole,
    t1_quantity: Whole,
    average_price: Real,
    ltp: Real,
    current_value: Real,
    pnl: Real,
    pnl_percent: Real,
    updated_at: Text,
    cost: Real,
    paid: Real,
}

impl HoldingRow {
    /// The row of a holding.
    pub(crate) fn of(holding: &Holding) -> Result<Self, Fault> {
        let HoldingKey {
            user,
            broker,
            instrument,
        } = &holding.key;
        Ok(Self {
            user_id: user.get(),
            broker_name: broker.to_string().into(),
            exchange: instrument.exchange.to_string().into(),
            symbol: instrument.symbol.to_string().into(),
            token: holding.token.as_ref().map(|it| it.to_string().into()),
            isin: holding.isin.clone().map(Text::from),
            quantity: holding.quantity.into(),
            t1_quantity: holding.t1_quantity.into(),
            average_price: holding.average_price()?.into(),
            ltp: holding.ltp.into(),
            current_value: holding.current_value()?.into(),
            pnl: holding.pnl()?.into(),
            pnl_percent: holding.pnl_percent()?.into(),
            updated_at: holding.updated_at.to_string().into(),
            cost: holding.cost.into(),
            paid: holding.paid.into(),
        })
    }

    /// The holding in row `id`.
    pub(crate) fn into_holding(self, id: i64) -> Result<Holding, StoreError> {
        let place = Place {
            table: "holdings",
            row: id,
        };
        Ok(Holding {
            key: HoldingKey {
                user: UserId::new(self.user_id),
                broker: place.broker(&self.broker_name)?,
                instrument: place.instrument(&self.exchange, &self.symbol)?,
            },
            token: place.token(self.token.as_ref())?,
            isin: place.optional_text("isin", self.isin.as_ref())?,
            quantity: place.quantity("quantity", self.quantity)?,
            t1_quantity: place.quantity("t1_quantity", self.t1_quantity)?,
            cost: place.money("cost", self.cost)?,
            paid: place.money("paid", self.paid)?,
            ltp: place.price("ltp", self.ltp)?,
            updated_at: place.instant("updated_at", &self.updated_at)?,
        })
    }
}
