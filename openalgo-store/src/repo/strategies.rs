//! Webhook strategies and the symbols they may trade.

use crate::bridge::{Context, Database};
use crate::error::{Explain, Fault, met_a_row};
use crate::row::strategy::{PlanRow, StrategyRow, SymbolRow};
use crate::schema::{strategies as table, strategy_symbols as symbols};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::{StrategyId, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::port::{StoreError, StrategyRepository};
use openalgo_core::strategy::{NewStrategy, Strategy, StrategyPlan, StrategySymbol, WebhookId};
use std::collections::BTreeMap;

fn insert(
    c: &mut SqliteConnection,
    ctx: &Context,
    strategy: &NewStrategy,
) -> Result<Strategy, Fault> {
    let now = ctx.clock.now();
    let name = &strategy.plan.name;
    let id: i64 = diesel::insert_into(table::table)
        .values((
            table::user_id.eq(strategy.user.get()),
            table::webhook_id.eq(strategy.webhook_id.as_str()),
            table::is_active.eq(strategy.is_active),
            PlanRow::of(&strategy.plan),
            table::created_at.eq(now.to_string()),
            table::updated_at.eq(now.to_string()),
        ))
        .returning(table::id)
        .get_result(c)
        .duplicate("strategies.name", "strategy", name)
        // The id itself is not for everybody's eyes.
        .duplicate("strategies.webhook_id", "webhook id of strategy", name)
        .dangling("user", strategy.user)?;
    let id = StrategyId::new(id);
    insert_symbols(c, (id, &strategy.symbols), now)?;
    get(c, id)
}

fn insert_symbols(
    c: &mut SqliteConnection,
    (id, added): (StrategyId, &[StrategySymbol]),
    now: Timestamp,
) -> Result<(), Fault> {
    for symbol in added {
        let instrument = &symbol.instrument;
        diesel::insert_into(symbols::table)
            .values(SymbolRow::of(id, symbol, now))
            .execute(c)
            .duplicate(
                "strategy_symbols.symbol",
                "symbol of the strategy",
                format!("{}:{}", instrument.exchange, instrument.symbol),
            )?;
    }
    Ok(())
}

/// The strategies of `rows` with their symbols, in the same order.
fn complete(c: &mut SqliteConnection, rows: Vec<StrategyRow>) -> Result<Vec<Strategy>, Fault> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let found: Vec<(i64, SymbolRow)> = symbols::table
        .filter(symbols::strategy_id.eq_any(ids))
        .order(symbols::id.asc())
        .select((symbols::id, SymbolRow::as_select()))
        .load(c)?;
    let mut by_strategy: BTreeMap<i64, Vec<StrategySymbol>> = BTreeMap::new();
    for (id, row) in found {
        let of_strategy = by_strategy.entry(row.strategy_id).or_default();
        of_strategy.push(row.into_symbol(id)?);
    }
    let strategies = rows.into_iter().map(|row| {
        let symbols = by_strategy.remove(&row.id).unwrap_or_default();
        row.into_strategy(symbols)
    });
    Ok(strategies.collect::<Result<_, _>>()?)
}

fn get(c: &mut SqliteConnection, id: StrategyId) -> Result<Strategy, Fault> {
    let rows = table::table
        .filter(table::id.eq(id.get()))
        .select(StrategyRow::as_select())
        .load(c)?;
    let found = complete(c, rows)?.pop();
    found.ok_or_else(|| Fault::not_found("strategy", id))
}

fn find_by_webhook(c: &mut SqliteConnection, id: &WebhookId) -> Result<Option<Strategy>, Fault> {
    let rows = table::table
        .filter(table::webhook_id.eq(id.as_str()))
        .select(StrategyRow::as_select())
        .load(c)?;
    Ok(complete(c, rows)?.pop())
}

fn list(c: &mut SqliteConnection, user: UserId) -> Result<Vec<Strategy>, Fault> {
    let rows = table::table
        .filter(table::user_id.eq(user.get()))
        .order(table::name.asc())
        .select(StrategyRow::as_select())
        .load(c)?;
    complete(c, rows)
}

fn set_plan(
    c: &mut SqliteConnection,
    ctx: &Context,
    (id, plan): (StrategyId, &StrategyPlan),
) -> Result<(), Fault> {
    let rows = diesel::update(table::table.find(id.get()))
        .set((
            PlanRow::of(plan),
            table::updated_at.eq(ctx.clock.now().to_string()),
        ))
        .execute(c)
        .duplicate("strategies.name", "strategy", &plan.name)?;
    met_a_row(rows, "strategy", id)
}

fn set_active(
    c: &mut SqliteConnection,
    ctx: &Context,
    (id, active): (StrategyId, bool),
) -> Result<(), Fault> {
    let rows = diesel::update(table::table.find(id.get()))
        .set((
            table::is_active.eq(active),
            table::updated_at.eq(ctx.clock.now().to_string()),
        ))
        .execute(c)?;
    met_a_row(rows, "strategy", id)
}

fn set_symbols(
    c: &mut SqliteConnection,
    ctx: &Context,
    (id, replaced): (StrategyId, &[StrategySymbol]),
) -> Result<(), Fault> {
    let now = ctx.clock.now();
    let rows = diesel::update(table::table.find(id.get()))
        .set(table::updated_at.eq(now.to_string()))
        .execute(c)?;
    met_a_row(rows, "strategy", id)?;
    diesel::delete(symbols::table.filter(symbols::strategy_id.eq(id.get()))).execute(c)?;
    insert_symbols(c, (id, replaced), now)
}

fn delete(c: &mut SqliteConnection, id: StrategyId) -> Result<(), Fault> {
    let rows = diesel::delete(table::table.find(id.get())).execute(c)?;
    met_a_row(rows, "strategy", id)
}

/// Reads every row; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    let rows = table::table
        .order(table::id.asc())
        .select(StrategyRow::as_select())
        .load(c)?;
    complete(c, rows).map(drop)
}

#[async_trait]
impl StrategyRepository for Database {
    async fn insert(&self, strategy: &NewStrategy) -> Result<Strategy, StoreError> {
        let strategy = strategy.clone();
        self.write("add the strategy", move |c, ctx| insert(c, ctx, &strategy))
            .await
    }

    async fn get(&self, id: StrategyId) -> Result<Strategy, StoreError> {
        self.read("read the strategy", move |c, _| get(c, id)).await
    }

    async fn find_by_webhook(&self, id: &WebhookId) -> Result<Option<Strategy>, StoreError> {
        let id = id.clone();
        self.read("find the strategy", move |c, _| find_by_webhook(c, &id))
            .await
    }

    async fn list(&self, user: UserId) -> Result<Vec<Strategy>, StoreError> {
        self.read("list the strategies", move |c, _| list(c, user))
            .await
    }

    async fn set_plan(&self, id: StrategyId, plan: &StrategyPlan) -> Result<(), StoreError> {
        let plan = plan.clone();
        self.write("change the strategy", move |c, ctx| {
            set_plan(c, ctx, (id, &plan))
        })
        .await
    }

    async fn set_active(&self, id: StrategyId, active: bool) -> Result<(), StoreError> {
        self.write("start or stop the strategy", move |c, ctx| {
            set_active(c, ctx, (id, active))
        })
        .await
    }

    async fn set_symbols(
        &self,
        id: StrategyId,
        symbols: &[StrategySymbol],
    ) -> Result<(), StoreError> {
        let symbols = symbols.to_vec();
        self.write("replace the symbols of the strategy", move |c, ctx| {
            set_symbols(c, ctx, (id, &symbols))
        })
        .await
    }

    async fn delete(&self, id: StrategyId) -> Result<(), StoreError> {
        self.write("remove the strategy", move |c, _| delete(c, id))
            .await
    }
}
