//! The trade history.

use crate::bridge::{Context, Database};
use crate::error::{Explain, Fault};
use crate::plan::unindexed;
use crate::row::trade::TradeRow;
use crate::schema::{orders, trades as table};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::id::TradeId;
use openalgo_core::market::{Timestamp, TradingDay};
use openalgo_core::order::{NewTrade, Trade};
use openalgo_core::port::{OrderQuery, StoreError, TradeRepository};

/// Keeps an execution.
pub(crate) fn insert_at(
    c: &mut SqliteConnection,
    trade: &NewTrade,
    created_at: Timestamp,
) -> Result<Trade, Fault> {
    let id: i64 = diesel::insert_into(table::table)
        .values(TradeRow::of(trade, created_at))
        .returning(table::id)
        .get_result(c)
        .dangling("user or order of trade", trade.user)?;
    Ok(Trade {
        id: TradeId::new(id),
        user: trade.user,
        broker: trade.broker.clone(),
        order: trade.order,
        execution: trade.execution.clone(),
    })
}

fn insert(c: &mut SqliteConnection, ctx: &Context, trade: &NewTrade) -> Result<Trade, Fault> {
    insert_at(c, trade, ctx.clock.now())
}

/// A trade belongs to the session of its order; one without an order belongs to no session.
fn list(c: &mut SqliteConnection, query: &OrderQuery) -> Result<Vec<Trade>, Fault> {
    let mut rows = table::table
        .select((table::id, TradeRow::as_select()))
        .limit(query.limit.into())
        .into_boxed();
    if let Some(broker) = &query.broker {
        rows = rows.filter(table::broker_name.eq(broker.as_str()));
    }
    rows = match query.day {
        None => rows
            .filter(table::user_id.eq(query.user.get()))
            .order(table::id.desc()),
        Some(day) => rows
            .filter(unindexed(table::user_id).eq(query.user.get()))
            .filter(table::order_id.eq_any(orders_of(query, day)))
            .order(unindexed(table::id).desc()),
    };
    let trades = rows
        .load::<(i64, TradeRow)>(c)?
        .into_iter()
        .map(|(id, row)| row.into_trade(id))
        .collect::<Result<_, _>>()?;
    Ok(trades)
}

/// The numbers of the orders of a day that a query describes.
fn orders_of(
    query: &OrderQuery,
    day: TradingDay,
) -> orders::BoxedQuery<'_, Sqlite, Nullable<BigInt>> {
    let mut numbers = orders::table
        .select(orders::id.nullable())
        .filter(orders::user_id.eq(query.user.get()))
        .filter(orders::trading_day.eq(day.to_string()))
        .into_boxed();
    if let Some(broker) = &query.broker {
        numbers = numbers.filter(orders::broker_name.eq(broker.as_str()));
    }
    numbers
}

#[async_trait]
impl TradeRepository for Database {
    async fn insert(&self, trade: &NewTrade) -> Result<Trade, StoreError> {
        let trade = trade.clone();
        self.write("keep the trade", move |c, ctx| insert(c, ctx, &trade))
            .await
    }

    async fn list(&self, query: &OrderQuery) -> Result<Vec<Trade>, StoreError> {
        let query = query.clone();
        self.read("list the trades", move |c, _| list(c, &query))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan_of;
    use openalgo_core::id::UserId;

    #[test]
    fn lists_stop_early_or_look_at_one_day() {
        for broker in [None, Some("zerodha".parse().unwrap())] {
            let mut query = OrderQuery {
                user: UserId::new(1),
                broker,
                day: None,
                limit: 10,
            };
            let plan = plan_of(|c| list(c, &query));
            assert!(plan.contains("idx_trades_user"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
            query.day = Some("2026-11-25".parse().unwrap());
            let plan = plan_of(|c| list(c, &query));
            assert!(plan.contains("idx_trades_order"), "{plan}");
            assert!(plan.contains("(user_id=? AND trading_day=?"), "{plan}");
        }
    }
}
