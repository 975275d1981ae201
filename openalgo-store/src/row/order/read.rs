//! Orders, straight from the cells of their rows.
//!
//! Message and stage are looked at only where the state of an order has them: `db check` is what
//! compares every cell with the journal.

use crate::column::{Cells, selection};
use crate::schema::orders;
use diesel::deserialize::{self, FromSqlRow};
use diesel::row::Row;
use diesel::sql_types::{BigInt, Double, Nullable, Text};
use diesel::sqlite::Sqlite;
use openalgo_core::id::{BrokerOrderId, OrderId, UserId};
use openalgo_core::market::InstrumentKey;
use openalgo_core::order::{
    Change, Executed, NewOrder, Order, OrderIntent, OrderKind, OrderState, OrderStatus, Outcome,
    PriceType,
};
use openalgo_core::port::StoreError;
use openalgo_core::value::{Money, Price};

selection! {
    /// What an order is read from.
    orders {
        id: BigInt,
        user_id: BigInt,
        broker_name: Text,
        exchange: Text,
        symbol: Text,
        token: Nullable<Text>,
        action: Text,
        quantity: BigInt,
        product: Text,
        price_type: Text,
        price: Double,
        trigger_price: Double,
        strategy: Nullable<Text>,
        order_source: Text,
        placed_at: Text,
        intent_id: Text,
        client_order_id: Nullable<Text>,
        mode: Text,
        trading_day: Text,
        broker_order_id: Text,
        filled_quantity: BigInt,
        filled_value: Double,
        status: Text,
        status_message: Nullable<Text>,
        updated_at: Text,
        intent_state: Text,
        change_sent: Nullable<Text>,
        request: Nullable<Text>,
        margin: Double,
    }
}

/// The order in a row that has [`COLUMNS`], or which cell is damaged.
pub(crate) struct Reading(pub(crate) Result<Order, StoreError>);

/// The same, with what the order reserves at the paper exchange.
pub(crate) struct ReadingWithMargin(pub(crate) Result<(Order, Money), StoreError>);

impl FromSqlRow<SqlTypes, Sqlite> for Reading {
    fn build_from_row<'a>(row: &impl Row<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self(cells(row).and_then(|row| order(&row))))
    }
}

impl FromSqlRow<SqlTypes, Sqlite> for ReadingWithMargin {
    fn build_from_row<'a>(row: &impl Row<'a, Sqlite>) -> deserialize::Result<Self> {
        let read = cells(row).and_then(|row| Ok((order(&row)?, row.money(Column::margin)?)));
        Ok(Self(read))
    }
}

type OrderCells<'r, R> = Cells<'r, R, Column>;

fn cells<'r, 'a, R: Row<'a, Sqlite>>(row: &'r R) -> Result<OrderCells<'r, R>, StoreError> {
    Cells::new(row, ("orders", Column::id))
}

fn order<'a>(row: &OrderCells<'_, impl Row<'a, Sqlite>>) -> Result<Order, StoreError> {
    let intent = intent(row)?;
    Ok(Order {
        id: OrderId::new(row.number()),
        updated_at: row.instant(Column::updated_at)?,
        state: state(row, &intent)?,
        change: change(row)?,
        intent,
    })
}

fn intent<'a>(row: &OrderCells<'_, impl Row<'a, Sqlite>>) -> Result<OrderIntent, StoreError> {
    let symbol = row.word(Column::symbol)?;
    let price = row.price(Column::price)?;
    let kind = kind_of(
        row.word(Column::price_type)?,
        price,
        row.price(Column::trigger_price)?,
    );
    let is_market = kind == OrderKind::Market;
    Ok(OrderIntent {
        ltp: Some(price).filter(|price| is_market && !price.is_zero()),
        id: row.word(Column::intent_id)?,
        user: UserId::new(row.whole(Column::user_id)?),
        broker: row.word(Column::broker_name)?,
        mode: row.word(Column::mode)?,
        trading_day: row.word(Column::trading_day)?,
        at: row.instant(Column::placed_at)?,
        token: row.optional_word(Column::token)?,
        request: row.optional_word(Column::request)?,
        order: NewOrder {
            instrument: InstrumentKey::new(row.word(Column::exchange)?, symbol),
            side: row.word(Column::action)?,
            quantity: row.quantity(Column::quantity)?,
            product: row.word(Column::product)?,
            kind,
            strategy: row.optional_word(Column::strategy)?,
            source: row.word(Column::order_source)?,
            client_order_id: row.optional_word(Column::client_order_id)?,
        },
    })
}

/// Terms that are on their way to the broker.
fn change<'a>(row: &OrderCells<'_, impl Row<'a, Sqlite>>) -> Result<Option<Change>, StoreError> {
    let written: Option<String> = row.optional_word(Column::change_sent)?;
    let change = written.map(|written| serde_json::from_str(&written));
    let not_read = |error| row.corrupt(Column::change_sent, error);
    change.transpose().map_err(not_read)
}

/// Puts a price type and the prices that belong to it together.
pub(crate) fn kind_of(price_type: PriceType, price: Price, trigger: Price) -> OrderKind {
    match price_type {
        PriceType::Market => OrderKind::Market,
        PriceType::Limit => OrderKind::Limit { price },
        PriceType::StopLimit => OrderKind::StopLimit { trigger, price },
        PriceType::StopMarket => OrderKind::StopMarket { trigger },
    }
}

fn state<'a>(
    row: &OrderCells<'_, impl Row<'a, Sqlite>>,
    intent: &OrderIntent,
) -> Result<OrderState, StoreError> {
    let status = row.word(Column::status)?;
    let outcome = match status {
        OrderStatus::Pending => return unresolved(row),
        OrderStatus::Open | OrderStatus::TriggerPending => {
            return Ok(OrderState::Open {
                broker_order_id: row.word(Column::broker_order_id)?,
                executed: executed(row)?,
                awaits_trigger: status == OrderStatus::TriggerPending,
            });
        }
        OrderStatus::Complete => Outcome::Complete(executed(row)?),
        OrderStatus::Cancelled => Outcome::Cancelled {
            executed: executed(row)?,
            reason: row.optional_word(Column::status_message)?,
        },
        OrderStatus::Rejected => Outcome::Rejected {
            executed: executed(row)?,
            reason: reason(row)?,
        },
    };
    Ok(OrderState::Closed {
        broker_order_id: final_broker_order_id(row, intent)?,
        outcome,
    })
}

fn unresolved<'a>(row: &OrderCells<'_, impl Row<'a, Sqlite>>) -> Result<OrderState, StoreError> {
    let stage: String = row.word(Column::intent_state)?;
    match stage.as_str() {
        "planned" => Ok(OrderState::Planned),
        "sent" => Ok(OrderState::Sent),
        "unknown" => Ok(OrderState::Unconfirmed {
            since: row.instant(Column::updated_at)?,
            reason: reason(row)?,
        }),
        other => {
            let is_wrong = format!("a PENDING order is '{other}'");
            Err(row.corrupt(Column::intent_state, is_wrong))
        }
    }
}

fn reason<'a>(row: &OrderCells<'_, impl Row<'a, Sqlite>>) -> Result<String, StoreError> {
    Ok(row
        .optional_word(Column::status_message)?
        .unwrap_or_default())
}

fn executed<'a>(row: &OrderCells<'_, impl Row<'a, Sqlite>>) -> Result<Executed, StoreError> {
    Ok(Executed {
        quantity: row.quantity(Column::filled_quantity)?,
        value: row.money(Column::filled_value)?,
    })
}

/// The broker's id of an order that is over, unless it never got one.
fn final_broker_order_id<'a>(
    row: &OrderCells<'_, impl Row<'a, Sqlite>>,
    intent: &OrderIntent,
) -> Result<Option<BrokerOrderId>, StoreError> {
    let id: BrokerOrderId = row.word(Column::broker_order_id)?;
    Ok(Some(id).filter(|id| !intent.id.is_local_order_id(id.as_str())))
}
