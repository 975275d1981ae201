//! Whether the money of every paper account is where its books say.

use super::{CHUNK, PAPER};
use crate::column::{Place, Real};
use crate::error::Fault;
use crate::row::paper_account::PaperAccountRow;
use crate::row::position::PositionRow;
use crate::schema::{holdings, orders, paper_accounts as table, paper_reservations, positions};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use openalgo_core::order::OrderStatus;
use openalgo_core::portfolio::Funds;
use openalgo_core::value::Money;

/// The words of the states in which an order still reserves margin.
const WORKING: [OrderStatus; 3] = [
    OrderStatus::Pending,
    OrderStatus::Open,
    OrderStatus::TriggerPending,
];

/// Compares the money of every account with its positions and its working orders.
pub(super) fn examine(c: &mut SqliteConnection) -> Result<Option<String>, Fault> {
    if let Some((position, user)) = ownerless(c)? {
        return Ok(Some(format!(
            "position {position} belongs to account {user}/{PAPER}, which does not exist"
        )));
    }
    let mut last = i64::MIN;
    loop {
        let rows: Vec<(i64, i64, PaperAccountRow)> = table::table
            .filter(table::id.gt(last))
            .filter(table::broker_name.eq(PAPER))
            .order(table::id.asc())
            .limit(CHUNK)
            .select((table::id, table::user_id, PaperAccountRow::as_select()))
            .load(c)?;
        if rows.is_empty() {
            return Ok(None);
        }
        for (id, user, row) in rows {
            last = id;
            if let Some(finding) = compare(c, user, &row.funds(id)?)? {
                return Ok(Some(finding));
            }
        }
    }
}

/// A position whose account is gone: the account would be opened anew, with its capital whole.
fn ownerless(c: &mut SqliteConnection) -> Result<Option<(i64, i64)>, Fault> {
    let ownerless = sql::<(BigInt, BigInt)>(
        "SELECT id, user_id FROM positions AS p WHERE broker_name = 'paper' AND NOT EXISTS (\
            SELECT 1 FROM paper_accounts AS a WHERE a.user_id = p.user_id \
            AND a.broker_name = p.broker_name) ORDER BY id LIMIT 1",
    );
    Ok(ownerless.get_result(c).optional()?)
}

fn compare(c: &mut SqliteConnection, user: i64, funds: &Funds) -> Result<Option<String>, Fault> {
    let held = held(c, user)?;
    let reserved = held.margin.plus(waiting(c, user)?)?;
    let reserved = reserved.plus(reserved_for_gtts(c, user)?)?;
    let owned = funds.total_capital.plus(funds.realized_pnl)?;
    let kept = funds.available.plus(funds.used_margin)?;
    let sums = [
        (
            "available and used_margin",
            kept,
            "total_capital and realized_pnl, less what was paid for holdings,",
            owned.minus(paid(c, user)?)?,
        ),
        (
            "used_margin",
            funds.used_margin,
            "its positions, working orders and reservations",
            reserved,
        ),
        (
            "realized_pnl",
            funds.realized_pnl,
            "its positions",
            held.realized_pnl,
        ),
    ];
    let differing = sums.into_iter().find(|(_, stated, _, due)| stated != due);
    Ok(differing.map(|(columns, stated, others, due)| {
        format!("{columns} of account {user}/{PAPER} come to {stated}, and {others} to {due}")
    }))
}

/// What the positions of an account come to.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    margin: Money,
    realized_pnl: Money,
}

fn held(c: &mut SqliteConnection, user: i64) -> Result<Held, Fault> {
    let mut held = Held::default();
    let mut last = i64::MIN;
    loop {
        let rows: Vec<(i64, PositionRow)> = positions::table
            .filter(positions::id.gt(last))
            .filter(positions::user_id.eq(user))
            .filter(positions::broker_name.eq(PAPER))
            .order(positions::id.asc())
            .limit(CHUNK)
            .select((positions::id, PositionRow::as_select()))
            .load(c)?;
        if rows.is_empty() {
            return Ok(held);
        }
        for (id, row) in rows {
            last = id;
            let position = row.into_position(id)?;
            held.margin = held.margin.plus(position.margin)?;
            held.realized_pnl = held.realized_pnl.plus(position.realized_pnl)?;
        }
    }
}

/// What was paid for the holdings of an account.
fn paid(c: &mut SqliteConnection, user: i64) -> Result<Money, Fault> {
    let rows: Vec<(i64, Real)> = holdings::table
        .filter(holdings::user_id.eq(user))
        .filter(holdings::broker_name.eq(PAPER))
        .select((holdings::id, holdings::paid))
        .load(c)?;
    let mut sum = Money::ZERO;
    for (row, paid) in rows {
        let table = "holdings";
        sum = sum.plus(Place { table, row }.money("paid", paid)?)?;
    }
    Ok(sum)
}

/// What is reserved for orders of an account that wait for a price.
fn reserved_for_gtts(c: &mut SqliteConnection, user: i64) -> Result<Money, Fault> {
    let rows: Vec<(i64, Real)> = paper_reservations::table
        .filter(paper_reservations::user_id.eq(user))
        .filter(paper_reservations::broker_name.eq(PAPER))
        .select((paper_reservations::id, paper_reservations::margin))
        .load(c)?;
    let mut sum = Money::ZERO;
    for (row, margin) in rows {
        let table = "paper_reservations";
        sum = sum.plus(Place { table, row }.money("margin", margin)?)?;
    }
    Ok(sum)
}

/// What the working orders of an account reserve.
fn waiting(c: &mut SqliteConnection, user: i64) -> Result<Money, Fault> {
    let mut sum = Money::ZERO;
    let mut last = i64::MIN;
    loop {
        let rows: Vec<(i64, Real)> = orders::table
            .filter(orders::id.gt(last))
            .filter(orders::user_id.eq(user))
            .filter(orders::broker_name.eq(PAPER))
            .filter(orders::status.eq_any(WORKING.map(OrderStatus::as_str)))
            .order(orders::id.asc())
            .limit(CHUNK)
            .select((orders::id, orders::margin))
            .load(c)?;
        if rows.is_empty() {
            return Ok(sum);
        }
        for (row, margin) in rows {
            last = row;
            let table = "orders";
            sum = sum.plus(Place { table, row }.money("margin", margin)?)?;
        }
    }
}
