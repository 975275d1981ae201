//! Whether the trades of the paper exchange are the fills that its journal tells of.

use super::{CHUNK, PAPER};
use crate::error::Fault;
use crate::journal;
use crate::row::trade::TradeRow;
use crate::schema::{orders, trades as table};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::OrderId;
use openalgo_core::order::{Fill, Order, OrderEvent, OrderEventKind, Trade};

/// Compares the fills in the journal of every paper order with its trades.
pub(super) fn examine(c: &mut SqliteConnection) -> Result<Option<String>, Fault> {
    if let Some(stray) = stray(c)? {
        return Ok(Some(format!(
            "trade {stray} belongs to no order of its account"
        )));
    }
    let mut last = i64::MIN;
    loop {
        let ids: Vec<i64> = orders::table
            .filter(orders::id.gt(last))
            .filter(orders::broker_name.eq(PAPER))
            .order(orders::id.asc())
            .limit(CHUNK)
            .select(orders::id)
            .load(c)?;
        if ids.is_empty() {
            return Ok(None);
        }
        for id in ids {
            last = id;
            if let Some(finding) = compare(c, id)? {
                return Ok(Some(finding));
            }
        }
    }
}

/// A paper trade without an order of the same account. The exchange makes none.
fn stray(c: &mut SqliteConnection) -> Result<Option<i64>, Fault> {
    let stray = sql::<BigInt>(
        "SELECT id FROM trades AS t WHERE broker_name = 'paper' AND NOT EXISTS (\
            SELECT 1 FROM orders AS o WHERE o.id = t.order_id AND o.user_id = t.user_id \
            AND o.broker_name = t.broker_name) ORDER BY id LIMIT 1",
    );
    Ok(stray.get_result(c).optional()?)
}

fn compare(c: &mut SqliteConnection, id: i64) -> Result<Option<String>, Fault> {
    let entries = journal::entries(c, OrderId::new(id))?;
    // A journal that makes no sense is what the check of the orders is for.
    let Ok(order) = Order::fold(OrderId::new(id), &entries) else {
        return Ok(None);
    };
    let fills: Vec<Fill> = entries.iter().filter_map(fill_of).collect();
    let trades = trades_of(c, id)?;
    if fills.len() != trades.len() {
        let (told, kept) = (fills.len(), trades.len());
        return Ok(Some(format!(
            "order {id} has {kept} trades, and its journal tells of {told} fills"
        )));
    }
    let mut pairs = fills.iter().zip(&trades);
    Ok(pairs.find_map(|(fill, trade)| {
        let column = difference(&order, *fill, trade)?;
        let trade = trade.id;
        Some(format!(
            "{column} of trade {trade} is not what the journal of order {id} says"
        ))
    }))
}

fn trades_of(c: &mut SqliteConnection, order: i64) -> Result<Vec<Trade>, Fault> {
    let rows: Vec<(i64, TradeRow)> = table::table
        .filter(table::order_id.eq(order))
        .order(table::id.asc())
        .select((table::id, TradeRow::as_select()))
        .load(c)?;
    let trades = rows
        .into_iter()
        .map(|(id, row)| row.into_trade(id))
        .collect::<Result<_, _>>()?;
    Ok(trades)
}

fn fill_of(event: &OrderEvent) -> Option<Fill> {
    if let OrderEventKind::Filled { fill } = &event.kind {
        Some(*fill)
    } else {
        None
    }
}

/// The first column in which a trade is not the fill of its order.
fn difference(order: &Order, fill: Fill, trade: &Trade) -> Option<&'static str> {
    let (asked, done) = (&order.intent.order, &trade.execution);
    let columns = [
        ("user_id", order.intent.user == trade.user),
        ("broker_name", order.intent.broker == trade.broker),
        (
            "exchange",
            asked.instrument.exchange == done.instrument.exchange,
        ),
        ("symbol", asked.instrument.symbol == done.instrument.symbol),
        ("action", asked.side == done.side),
        ("quantity", fill.quantity == done.quantity),
        ("price", fill.price == done.price),
        ("product", asked.product == done.product),
    ];
    columns
        .into_iter()
        .find_map(|(column, same)| (!same).then_some(column))
}
