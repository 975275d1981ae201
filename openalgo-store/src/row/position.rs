//! Rows of `positions`.

use crate::column::{Place, Real, Text, Whole};
use crate::error::Fault;
use crate::schema::positions;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::id::UserId;
use openalgo_core::port::StoreError;
use openalgo_core::portfolio::{DayTotals, Position, PositionKey};

/// A row without its number.
///
/// `average_price`, `pnl`, `pnl_percent` and the averages of the day are rounded, for people who
/// read the file; this program reads the exact sums beside them.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = positions,
    check_for_backend(Sqlite),
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
pub(crate) struct PositionRow {
    user_id: i64,
    broker_name: Text,
    exchange: Text,
    symbol: Text,
    token: Option<Text>,
    product: Text,
    quantity: Whole,
    average_price: Real,
    ltp: Real,
    pnl: Real,
    pnl_percent: Real,
    day_buy_qty: Whole,
    day_sell_qty: Whole,
    day_buy_avg: Real,
    day_sell_avg: Real,
    updated_at: Text,
    cost: Real,
    margin: Real,
    realized_pnl: Real,
    today_realized_pnl: Real,
    day_buy_value: Real,
    day_sell_value: Real,
}

impl PositionRow {
    /// The row of a position.
    pub(crate) fn of(position: &Position) -> Result<Self, Fault> {
        let marked = position.clone().marked_at(position.ltp)?;
        let PositionKey {
            user,
            broker,
            instrument,
            product,
        } = &position.key;
        Ok(Self {
            user_id: user.get(),
            broker_name: broker.to_string().into(),
            exchange: instrument.exchange.to_string().into(),
            symbol: instrument.symbol.to_string().into(),
            token: position.token.as_ref().map(|it| it.to_string().into()),
            product: product.to_string().into(),
            quantity: position.quantity.into(),
            average_price: position.average_price()?.into(),
            ltp: position.ltp.into(),
            pnl: marked.pnl.into(),
            pnl_percent: marked.pnl_percent.into(),
            day_buy_qty: position.day_buy.quantity.into(),
            day_sell_qty: position.day_sell.quantity.into(),
            day_buy_avg: position.day_buy.average()?.into(),
            day_sell_avg: position.day_sell.average()?.into(),
            updated_at: position.updated_at.to_string().into(),
            cost: position.cost.into(),
            margin: position.margin.into(),
            realized_pnl: position.realized_pnl.into(),
            today_realized_pnl: position.today_realized_pnl.into(),
            day_buy_value: position.day_buy.value.into(),
            day_sell_value: position.day_sell.value.into(),
        })
    }

    /// The position in row `id`.
    pub(crate) fn into_position(self, id: i64) -> Result<Position, StoreError> {
        let place = Place {
            table: "positions",
            row: id,
        };
        Ok(Position {
            key: PositionKey {
                user: UserId::new(self.user_id),
                broker: place.broker(&self.broker_name)?,
                instrument: place.instrument(&self.exchange, &self.symbol)?,
                product: place.word("product", &self.product)?,
            },
            token: place.token(self.token.as_ref())?,
            quantity: place.net("quantity", self.quantity)?,
            cost: place.money("cost", self.cost)?,
            margin: place.money("margin", self.margin)?,
            realized_pnl: place.money("realized_pnl", self.realized_pnl)?,
            today_realized_pnl: place.money("today_realized_pnl", self.today_realized_pnl)?,
            day_buy: DayTotals {
                quantity: place.quantity("day_buy_qty", self.day_buy_qty)?,
                value: place.money("day_buy_value", self.day_buy_value)?,
            },
            day_sell: DayTotals {
                quantity: place.quantity("day_sell_qty", self.day_sell_qty)?,
                value: place.money("day_sell_value", self.day_sell_value)?,
            },
            ltp: place.price("ltp", self.ltp)?,
            updated_at: place.instant("updated_at", &self.updated_at)?,
        })
    }
}
