//! Rows of `trades`.

use crate::column::{Place, Real, Text, Whole};
use crate::schema::trades;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::id::{OrderId, TradeId, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::order::{Execution, NewTrade, Trade};
use openalgo_core::port::StoreError;

/// A row without its number.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = trades, check_for_backend(Sqlite), treat_none_as_default_value = false)]
pub(crate) struct TradeRow {
    user_id: i64,
    order_id: Option<i64>,
    broker_name: Text,
    broker_trade_id: Option<Text>,
    exchange: Text,
    symbol: Text,
    action: Text,
    quantity: Whole,
    price: Real,
    product: Text,
    trade_time: Text,
    created_at: Text,
}

impl TradeRow {
    /// The row of a trade that is kept at `created_at`.
    pub(crate) fn of(trade: &NewTrade, created_at: Timestamp) -> Self {
        let executed = &trade.execution;
        Self {
            user_id: trade.user.get(),
            order_id: trade.order.map(OrderId::get),
            broker_name: trade.broker.to_string().into(),
            broker_trade_id: executed
                .broker_trade_id
                .as_ref()
                .map(|it| it.to_string().into()),
            exchange: executed.instrument.exchange.to_string().into(),
            symbol: executed.instrument.symbol.to_string().into(),
            action: executed.side.to_string().into(),
            quantity: executed.quantity.into(),
            price: executed.price.into(),
            product: executed.product.to_string().into(),
            trade_time: executed.at.to_string().into(),
            created_at: created_at.to_string().into(),
        }
    }

    /// The trade in row `id`.
    pub(crate) fn into_trade(self, id: i64) -> Result<Trade, StoreError> {
        let place = Place {
            table: "trades",
            row: id,
        };
        Ok(Trade {
            id: TradeId::new(id),
            user: UserId::new(self.user_id),
            broker: place.broker(&self.broker_name)?,
            order: self.order_id.map(OrderId::new),
            execution: Execution {
                broker_trade_id: place
                    .optional("broker_trade_id", self.broker_trade_id.as_ref())?,
                instrument: place.instrument(&self.exchange, &self.symbol)?,
                side: place.word("action", &self.action)?,
                quantity: place.quantity("quantity", self.quantity)?,
                price: place.price("price", self.price)?,
                product: place.word("product", &self.product)?,
                at: place.instant("trade_time", &self.trade_time)?,
            },
        })
    }
}
