//! Whether every order is what its journal says.

use super::CHUNK;
use crate::column::Place;
use crate::error::Fault;
use crate::journal;
use crate::row::order::OrderRow;
use crate::schema::orders as table;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::OrderId;
use openalgo_core::order::Order;

/// Folds every journal and compares the result with the row.
pub(super) fn examine(c: &mut SqliteConnection) -> Result<Option<String>, Fault> {
    let mut last = i64::MIN;
    loop {
        let rows: Vec<(i64, OrderRow)> = table::table
            .filter(table::id.gt(last))
            .order(table::id.asc())
            .limit(CHUNK)
            .select((table::id, OrderRow::as_select()))
            .load(c)?;
        if rows.is_empty() {
            return Ok(None);
        }
        for (id, row) in rows {
            last = id;
            if let Some(finding) = compare(c, id, &row)? {
                return Ok(Some(finding));
            }
        }
    }
}

fn compare(c: &mut SqliteConnection, id: i64, row: &OrderRow) -> Result<Option<String>, Fault> {
    let order = OrderId::new(id);
    let entries = journal::entries(c, order)?;
    let folded = match Order::fold(order, &entries) {
        Ok(folded) => folded,
        Err(error) => {
            return Ok(Some(format!(
                "the journal of order {id} makes no sense: {error}"
            )));
        }
    };
    let place = Place {
        table: "orders",
        row: id,
    };
    let expected = OrderRow::of(&folded, place.money("margin", row.margin)?)?;
    let differing = row.first_difference(&expected);
    Ok(differing.map(|column| format!("{column} of order {id} is not what its journal says")))
}
