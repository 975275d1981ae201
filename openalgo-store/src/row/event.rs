//! Rows of `order_events`.

use crate::column::Place;
use crate::schema::order_events;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::order::OrderEvent;
use openalgo_core::port::StoreError;

/// An entry without its number.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, QueryableByName)]
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

/// An entry with its number.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = order_events, check_for_backend(Sqlite))]
pub(crate) struct NumberedEvent {
    pub(crate) id: i64,
    #[diesel(embed)]
    pub(crate) event: EventRow,
}

impl NumberedEvent {
    /// Adds the entry under its own number.
    pub(crate) fn insert(&self, c: &mut SqliteConnection) -> QueryResult<()> {
        diesel::insert_into(order_events::table)
            .values((order_events::id.eq(self.id), &self.event))
            .execute(c)
            .map(drop)
    }
}

/// Reads the event that entry `id` holds.
pub(crate) fn read_payload(id: i64, payload: &str) -> Result<OrderEvent, StoreError> {
    let place = Place {
        table: "order_events",
        row: id,
    };
    serde_json::from_str(payload).map_err(|error| place.corrupt("payload", error))
}
