//! Limits of risk and the kill switch.

use super::audit_log;
use crate::bridge::{Context, Database};
use crate::column::{Place, Real, Text, Whole};
use crate::error::{Explain, Fault};
use crate::schema::{risk_limits as table, risk_symbols as symbols};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::account::{Halt, LimitAmount, RiskLimits, SymbolRule};
use openalgo_core::id::UserId;
use openalgo_core::market::InstrumentKey;
use openalgo_core::monitor::{AuditEntry, Reason};
use openalgo_core::port::{RiskRepository, StoreError};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
struct LimitRow {
    id: i64,
    max_order_value: Option<Real>,
    max_order_quantity: Option<Whole>,
    max_daily_loss: Option<Real>,
    max_daily_orders: Option<Whole>,
    max_orders_per_second: Option<Whole>,
}

impl LimitRow {
    fn into_limits(
        self,
        symbols: BTreeMap<InstrumentKey, SymbolRule>,
    ) -> Result<RiskLimits, StoreError> {
        let place = Place {
            table: "risk_limits",
            row: self.id,
        };
        Ok(RiskLimits {
            order_value: amount(place, "max_order_value", self.max_order_value)?,
            order_quantity: place.optional_whole("max_order_quantity", self.max_order_quantity)?,
            daily_loss: amount(place, "max_daily_loss", self.max_daily_loss)?,
            daily_orders: place.optional_whole("max_daily_orders", self.max_daily_orders)?,
            orders_per_second: rate(place, self.max_orders_per_second)?,
            symbols,
        })
    }
}

fn amount(
    place: Place,
    column: &'static str,
    cell: Option<Real>,
) -> Result<Option<LimitAmount>, StoreError> {
    let Some(cell) = cell else {
        return Ok(None);
    };
    let limit = LimitAmount::try_new(place.money(column, cell)?);
    let limit = limit.ok_or_else(|| place.corrupt(column, "it is not above zero"))?;
    Ok(Some(limit))
}

fn rate(place: Place, cell: Option<Whole>) -> Result<Option<NonZeroU32>, StoreError> {
    let column = "max_orders_per_second";
    let Some(rate) = place.optional_whole::<u32>(column, cell)? else {
        return Ok(None);
    };
    let rate = NonZeroU32::new(rate).ok_or_else(|| place.corrupt(column, "it is zero"))?;
    Ok(Some(rate))
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
struct SwitchRow {
    id: i64,
    kill_switch: Whole,
    kill_reason: Option<Text>,
    kill_since: Option<Text>,
}

impl SwitchRow {
    /// Only a plain 0 is off: what makes no sense must not let an order through.
    fn into_halt(self) -> Result<Option<Halt>, StoreError> {
        let place = Place {
            table: "risk_limits",
            row: self.id,
        };
        let missing = |column| place.corrupt(column, "it is missing though the switch is on");
        match place.whole("kill_switch", self.kill_switch)? {
            0 => Ok(None),
            1 => Ok(Some(Halt {
                reason: place
                    .optional::<Reason>("kill_reason", self.kill_reason.as_ref())?
                    .ok_or_else(|| missing("kill_reason"))?,
                since: place
                    .optional_instant("kill_since", self.kill_since.as_ref())?
                    .ok_or_else(|| missing("kill_since"))?,
            })),
            _ => Err(place.corrupt("kill_switch", "it is neither 0 nor 1")),
        }
    }
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = symbols, check_for_backend(Sqlite))]
struct SymbolRow {
    id: i64,
    rule: Text,
    exchange: Text,
    symbol: Text,
}

impl SymbolRow {
    fn into_rule(self) -> Result<(InstrumentKey, SymbolRule), StoreError> {
        let place = Place {
            table: "risk_symbols",
            row: self.id,
        };
        let instrument = place.instrument(&self.exchange, &self.symbol)?;
        Ok((instrument, place.word("rule", &self.rule)?))
    }
}

fn limits(c: &mut SqliteConnection, user: UserId) -> Result<RiskLimits, Fault> {
    let rules = symbols::table
        .filter(symbols::user_id.eq(user.get()))
        .select(SymbolRow::as_select())
        .load(c)?
        .into_iter()
        .map(SymbolRow::into_rule)
        .collect::<Result<_, _>>()?;
    let row = table::table
        .filter(table::user_id.eq(user.get()))
        .select(LimitRow::as_select())
        .get_result(c)
        .optional()?;
    Ok(match row {
        Some(row) => row.into_limits(rules)?,
        None => RiskLimits {
            symbols: rules,
            ..RiskLimits::default()
        },
    })
}

fn set_limits(
    c: &mut SqliteConnection,
    ctx: &Context,
    (user, limits): (UserId, &RiskLimits),
) -> Result<(), Fault> {
    let now = ctx.clock.now().to_string();
    let amount = |limit: Option<LimitAmount>| limit.map(|limit| Real::from(limit.get()));
    let set = (
        table::max_order_value.eq(amount(limits.order_value)),
        table::max_order_quantity.eq(limits.order_quantity.map(Whole::from)),
        table::max_daily_loss.eq(amount(limits.daily_loss)),
        table::max_daily_orders.eq(limits.daily_orders.map(i64::from)),
        table::max_orders_per_second.eq(limits.orders_per_second.map(|rate| i64::from(rate.get()))),
        table::updated_at.eq(&now),
    );
    let created = (table::user_id.eq(user.get()), table::created_at.eq(&now));
    diesel::insert_into(table::table)
        .values((created, set))
        .on_conflict(table::user_id)
        .do_update()
        .set(set)
        .execute(c)
        .dangling("user", user)?;
    diesel::delete(symbols::table.filter(symbols::user_id.eq(user.get()))).execute(c)?;
    for (instrument, rule) in &limits.symbols {
        diesel::insert_into(symbols::table)
            .values((
                symbols::user_id.eq(user.get()),
                symbols::rule.eq(rule.as_str()),
                symbols::exchange.eq(instrument.exchange.as_str()),
                symbols::symbol.eq(instrument.symbol.as_str()),
                symbols::created_at.eq(&now),
            ))
            .execute(c)?;
    }
    Ok(())
}

fn halt(c: &mut SqliteConnection, user: UserId) -> Result<Option<Halt>, Fault> {
    let row = table::table
        .filter(table::user_id.eq(user.get()))
        .select(SwitchRow::as_select())
        .get_result(c)
        .optional()?;
    match row {
        Some(row) => Ok(row.into_halt()?),
        None => Ok(None),
    }
}

fn set_halt(
    c: &mut SqliteConnection,
    ctx: &Context,
    (user, halt): (UserId, Option<&Halt>),
) -> Result<(), Fault> {
    let now = ctx.clock.now().to_string();
    let set = (
        table::kill_switch.eq(i64::from(halt.is_some())),
        table::kill_reason.eq(halt.map(|halt| halt.reason.as_str())),
        table::kill_since.eq(halt.map(|halt| halt.since.to_string())),
        table::updated_at.eq(&now),
    );
    let created = (table::user_id.eq(user.get()), table::created_at.eq(&now));
    diesel::insert_into(table::table)
        .values((created, set.clone()))
        .on_conflict(table::user_id)
        .do_update()
        .set(set)
        .execute(c)
        .dangling("user", user)?;
    Ok(())
}

/// Reads every row; gives the first that makes no sense.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    let rows = table::table.select((LimitRow::as_select(), SwitchRow::as_select()));
    for (limits, switch) in rows.load::<(LimitRow, SwitchRow)>(c)? {
        limits.into_limits(BTreeMap::new())?;
        switch.into_halt()?;
    }
    let rows = symbols::table.select(SymbolRow::as_select());
    for row in rows.load_iter::<SymbolRow, _>(c)? {
        row?.into_rule()?;
    }
    Ok(())
}

#[async_trait]
impl RiskRepository for Database {
    async fn limits(&self, user: UserId) -> Result<RiskLimits, StoreError> {
        self.read("read the limits", move |c, _| limits(c, user))
            .await
    }

    async fn set_limits(
        &self,
        user: UserId,
        limits: &RiskLimits,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let (limits, entry) = (limits.clone(), entry.clone());
        self.write("change the limits", move |c, ctx| {
            set_limits(c, ctx, (user, &limits))?;
            audit_log::append(c, &entry)
        })
        .await
    }

    async fn halt(&self, user: UserId) -> Result<Option<Halt>, StoreError> {
        self.read("read the kill switch", move |c, _| halt(c, user))
            .await
    }

    async fn set_halt(
        &self,
        user: UserId,
        halt: Option<Halt>,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let entry = entry.clone();
        self.write("turn the kill switch", move |c, ctx| {
            set_halt(c, ctx, (user, halt.as_ref()))?;
            audit_log::append(c, &entry)
        })
        .await
    }
}
