//! Rows of `paper_reservations`.

use crate::column::{Place, Real, Text};
use crate::schema::paper_reservations;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::paper::{PaperAccountKey, Reservation};
use openalgo_core::port::StoreError;

/// A row without its number.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = paper_reservations, check_for_backend(Sqlite))]
pub(crate) struct ReservationRow {
    user_id: i64,
    broker_name: Text,
    trigger_id: Text,
    margin: Real,
}

impl ReservationRow {
    /// The row of a reservation in an account.
    pub(crate) fn of(key: &PaperAccountKey, reservation: &Reservation) -> Self {
        Self {
            user_id: key.user.get(),
            broker_name: key.broker.to_string().into(),
            trigger_id: reservation.gtt.to_string().into(),
            margin: reservation.margin.into(),
        }
    }

    /// The reservation in row `id`.
    pub(crate) fn into_reservation(self, id: i64) -> Result<Reservation, StoreError> {
        let place = Place {
            table: "paper_reservations",
            row: id,
        };
        Ok(Reservation {
            gtt: place.word("trigger_id", &self.trigger_id)?,
            margin: place.money("margin", self.margin)?,
        })
    }
}
