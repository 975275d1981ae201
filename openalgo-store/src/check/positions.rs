//! Whether the positions of the paper exchange are what its trades and movements come to.
//!
//! A position is the sum of everything that moved its units and its cash: trades, and movements
//! such as delivery, settlement and starting anew.

use super::{CHUNK, PAPER};
use crate::error::Fault;
use crate::row::paper_movement::MovementRow;
use crate::row::position::PositionRow;
use crate::row::trade::TradeRow;
use crate::schema::{paper_movements, positions as table, trades};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::order::{Execution, Side};
use openalgo_core::paper::Movement;
use openalgo_core::portfolio::{Position, PositionKey};
use openalgo_core::value::{Money, NetQuantity, ValueError};
use std::collections::BTreeMap;

/// What moved a position since it was first opened.
#[derive(Debug, Clone, Copy, Default)]
struct Flow {
    /// Units, those sold being negative.
    units: NetQuantity,
    /// What was received for the units sold, less what was paid for those bought.
    cash: Money,
}

impl Flow {
    fn is_nothing(self) -> bool {
        self.units.is_flat() && self.cash.is_zero()
    }

    fn moved(self, movement: &Movement) -> Result<Self, ValueError> {
        Ok(Self {
            units: self.units.plus(movement.units)?,
            cash: self.cash.plus(movement.cash)?,
        })
    }

    fn after(self, done: &Execution) -> Result<Self, ValueError> {
        let (units, value) = (NetQuantity::from(done.quantity), done.value()?);
        let (units, cash) = match done.side {
            Side::Buy => (units, value.negated()),
            Side::Sell => (units.negated(), value),
        };
        Ok(Self {
            units: self.units.plus(units)?,
            cash: self.cash.plus(cash)?,
        })
    }
}

/// One entry for each position there ever was; the trades themselves are read in chunks.
type Flows = BTreeMap<PositionKey, Flow>;

/// Adds up the trades and compares them with every position.
pub(super) fn examine(c: &mut SqliteConnection) -> Result<Option<String>, Fault> {
    let mut flows = Flows::new();
    add_trades(c, &mut flows)?;
    add_movements(c, &mut flows)?;
    let mut last = i64::MIN;
    loop {
        let rows: Vec<(i64, PositionRow)> = table::table
            .filter(table::id.gt(last))
            .filter(table::broker_name.eq(PAPER))
            .order(table::id.asc())
            .limit(CHUNK)
            .select((table::id, PositionRow::as_select()))
            .load(c)?;
        if rows.is_empty() {
            // An account that starts anew has no position any more, and nothing that is left of it.
            let left = flows.into_iter().find(|(_, flow)| !flow.is_nothing());
            return Ok(left.map(|(key, _)| missing(&key)));
        }
        for (id, row) in rows {
            last = id;
            let position = row.into_position(id)?;
            let flow = flows.remove(&position.key).unwrap_or_default();
            if let Some(finding) = compare(id, &position, flow)? {
                return Ok(Some(finding));
            }
        }
    }
}

/// The trades in the order in which they were made, so that no sum grows beyond its position.
fn add_trades(c: &mut SqliteConnection, flows: &mut Flows) -> Result<(), Fault> {
    let mut last = i64::MIN;
    loop {
        let rows: Vec<(i64, TradeRow)> = trades::table
            .filter(trades::id.gt(last))
            .filter(trades::broker_name.eq(PAPER))
            .order(trades::id.asc())
            .limit(CHUNK)
            .select((trades::id, TradeRow::as_select()))
            .load(c)?;
        if rows.is_empty() {
            return Ok(());
        }
        for (id, row) in rows {
            last = id;
            let trade = row.into_trade(id)?;
            let key = PositionKey {
                user: trade.user,
                broker: trade.broker,
                instrument: trade.execution.instrument.clone(),
                product: trade.execution.product,
            };
            let flow = flows.entry(key).or_default();
            *flow = flow.after(&trade.execution)?;
        }
    }
}

/// What moved besides trades.
fn add_movements(c: &mut SqliteConnection, flows: &mut Flows) -> Result<(), Fault> {
    let mut last = i64::MIN;
    loop {
        let rows: Vec<(i64, MovementRow)> = paper_movements::table
            .filter(paper_movements::id.gt(last))
            .filter(paper_movements::broker_name.eq(PAPER))
            .order(paper_movements::id.asc())
            .limit(CHUNK)
            .select((paper_movements::id, MovementRow::as_select()))
            .load(c)?;
        if rows.is_empty() {
            return Ok(());
        }
        for (id, row) in rows {
            last = id;
            let (key, movement) = row.into_movement(id)?;
            let flow = flows.entry(key).or_default();
            *flow = flow.moved(&movement)?;
        }
    }
}

fn compare(id: i64, position: &Position, flow: Flow) -> Result<Option<String>, Fault> {
    let name = name(&position.key);
    if position.quantity != flow.units {
        let (held, traded) = (position.quantity, flow.units);
        return Ok(Some(format!(
            "quantity of position {id} ({name}) is {held}, and its trades come to {traded}"
        )));
    }
    if position.quantity.is_flat() && !position.cost.is_zero() {
        return Ok(Some(format!(
            "cost of position {id} ({name}) is {}, although it is flat",
            position.cost
        )));
    }
    // Cash that came in was earned, or is owed for units sold short; what went out was lost, or
    // paid for units that are held.
    let booked = if position.quantity.is_short() {
        position.realized_pnl.plus(position.cost)?
    } else {
        position.realized_pnl.minus(position.cost)?
    };
    let traded = flow.cash;
    Ok((booked != traded).then(|| {
        format!(
            "realized_pnl and cost of position {id} ({name}) come to {booked} in cash, and its \
             trades to {traded}"
        )
    }))
}

fn missing(key: &PositionKey) -> String {
    format!("the position of the trades of {} is missing", name(key))
}

fn name(key: &PositionKey) -> String {
    let PositionKey {
        user,
        broker,
        instrument,
        product,
    } = key;
    format!(
        "{} {} {product} of account {user}/{broker}",
        instrument.exchange, instrument.symbol
    )
}
