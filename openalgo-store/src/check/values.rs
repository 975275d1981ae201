//! Whether every price and amount is an exact decimal, and every row that no other check reads
//! has a meaning.

use crate::column::Real;
use crate::error::Fault;
use crate::repo::{
    api_keys, api_tokens, audit_log, bot_states, broker_connections, candles, gtt, latency_metrics,
    master_contracts, order_logs, pending_orders, risk, sessions, strategies, telegram, users,
    watchlists,
};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double};
use diesel::sqlite::SqliteConnection;
use openalgo_core::port::{CryptoError, FieldPlace, Sealer};
use secrecy::SecretString;

/// The REAL columns of each table.
const COLUMNS: [(&str, &[&str]); 6] = [
    (
        "orders",
        &[
            "price",
            "trigger_price",
            "average_price",
            "filled_value",
            "margin",
        ],
    ),
    ("trades", &["price"]),
    (
        "positions",
        &[
            "average_price",
            "ltp",
            "pnl",
            "pnl_percent",
            "day_buy_avg",
            "day_sell_avg",
            "cost",
            "margin",
            "realized_pnl",
            "today_realized_pnl",
            "day_buy_value",
            "day_sell_value",
        ],
    ),
    (
        "holdings",
        &[
            "average_price",
            "ltp",
            "current_value",
            "pnl",
            "pnl_percent",
            "cost",
        ],
    ),
    ("pending_orders", &["price", "trigger_price"]),
    (
        "paper_accounts",
        &[
            "total_capital",
            "available",
            "used_margin",
            "realized_pnl",
            "today_realized_pnl",
            "summed_pnl",
        ],
    ),
];

/// Converts every cell, and reads every row.
pub(super) fn examine(c: &mut SqliteConnection) -> Result<Option<String>, Fault> {
    for (table, columns) in COLUMNS {
        for column in columns {
            if let Some(finding) = convert_all(c, table, column)? {
                return Ok(Some(finding));
            }
        }
    }
    users::read_all(c, &Unopened)?;
    api_keys::read_all(c, &Unopened)?;
    broker_connections::read_all(c, &Unopened)?;
    sessions::read_all(c, &Unopened)?;
    telegram::read_all(c, &Unopened)?;
    strategies::read_all(c)?;
    pending_orders::read_all(c)?;
    order_logs::read_all(c)?;
    latency_metrics::read_all(c)?;
    api_tokens::read_all(c, &Unopened)?;
    gtt::read_all(c)?;
    watchlists::read_all(c)?;
    risk::read_all(c)?;
    audit_log::read_all(c)?;
    master_contracts::read_all(c)?;
    candles::read_all(c)?;
    bot_states::read_all(c)?;
    Ok(None)
}

fn convert_all(
    c: &mut SqliteConnection,
    table: &str,
    column: &str,
) -> Result<Option<String>, Fault> {
    let cells = sql::<(BigInt, Double)>(&format!("SELECT id, {column} FROM {table}"));
    for cell in cells.load_iter::<(i64, Real), _>(c)? {
        let (row, cell) = cell?;
        if let Err(error) = cell.to_decimal() {
            return Ok(Some(format!("{table}.{column} of row {row}: {error}")));
        }
    }
    Ok(None)
}

/// Leaves sealed fields closed: another check opens them, and one that does not open is reported
/// once.
#[derive(Debug)]
struct Unopened;

impl Sealer for Unopened {
    fn seal(&self, _: FieldPlace<'_>, _: &SecretString) -> Result<String, CryptoError> {
        let operation = "sealing during a check";
        Err(CryptoError::Failed { operation })
    }

    fn open(&self, _: FieldPlace<'_>, _: &str) -> Result<SecretString, CryptoError> {
        Ok(SecretString::default())
    }
}
