//! Rows of `order_events`.

use crate::column::Place;
use crate::schema::order_events;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::order::OrderEvent;
use openalgo_core::port::StoreError;

/// An entry without its number.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = order_events, check_for_backend(Sqlite))]
pub(crate) struct EventRow {
    pub(crate) order_id: i64,
    pub(crate) user_id: i64,
    pub(crate) broker_name: String,
    pub(crate) seq: i64,
    pub(crate) event: String,
    pub(crate) payload: String,
    pub(crate) at: String,
    pub(crate) mac: String,
}

/// Reads the event that entry `id` holds.
pub(crate) fn read_payload(id: i64, payload: &str) -> Result<OrderEvent, StoreError> {
    let place = Place {
        table: "order_events",
        row: id,
    };
    serde_json::from_str(payload).map_err(|error| place.corrupt("payload", error))
}
