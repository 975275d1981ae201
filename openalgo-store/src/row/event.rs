//! Rows of `order_events`.

use crate::column::{Place, Text, Whole};
use crate::schema::order_events;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::id::UserId;
use openalgo_core::journal::ChainKey;
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

/// An entry as it is stored, whatever is in its cells.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = order_events, check_for_backend(Sqlite))]
pub(crate) struct LooseEvent {
    pub(crate) id: i64,
    order_id: Whole,
    user_id: Whole,
    broker_name: Text,
    seq: Whole,
    event: Text,
    payload: Text,
    at: Text,
    mac: Text,
}

impl LooseEvent {
    /// The chain that the entry is in; `None` where its account cannot be read.
    pub(crate) fn chain(&self) -> Option<ChainKey> {
        chain_of(self.user_id, &self.broker_name)
    }

    /// Its seal, whatever else can be read.
    pub(crate) fn seal(&self) -> Option<&str> {
        self.mac.as_str()
    }

    /// The entry, if every cell holds what its column is for.
    pub(crate) fn strict(self) -> Result<NumberedEvent, StoreError> {
        let place = Place {
            table: "order_events",
            row: self.id,
        };
        let text = |column, cell| place.text(column, cell).map(str::to_owned);
        let event = EventRow {
            order_id: place.whole("order_id", self.order_id)?,
            user_id: place.whole("user_id", self.user_id)?,
            broker_name: text("broker_name", &self.broker_name)?,
            seq: place.whole("seq", self.seq)?,
            event: text("event", &self.event)?,
            payload: text("payload", &self.payload)?,
            at: text("at", &self.at)?,
            mac: text("mac", &self.mac)?,
        };
        Ok(NumberedEvent { id: self.id, event })
    }
}

/// The chain of an account; `None` where the cells do not name one.
pub(crate) fn chain_of(user: Whole, broker: &Text) -> Option<ChainKey> {
    Some(ChainKey {
        user: UserId::new(user.get()?),
        broker: broker.as_str()?.to_owned(),
    })
}
