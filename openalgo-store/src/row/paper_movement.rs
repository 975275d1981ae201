//! Rows of `paper_movements`.

use crate::column::{Place, Real, Text, Whole};
use crate::schema::paper_movements;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::id::UserId;
use openalgo_core::paper::{Movement, PaperAccountKey};
use openalgo_core::port::StoreError;
use openalgo_core::portfolio::PositionKey;

/// A row without its number.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = paper_movements, check_for_backend(Sqlite))]
pub(crate) struct MovementRow {
    user_id: i64,
    broker_name: Text,
    exchange: Text,
    symbol: Text,
    product: Text,
    kind: Text,
    units: Whole,
    cash: Real,
    moved_at: Text,
}

impl MovementRow {
    /// The row of a movement in an account.
    pub(crate) fn of(key: &PaperAccountKey, movement: &Movement) -> Self {
        Self {
            user_id: key.user.get(),
            broker_name: key.broker.to_string().into(),
            exchange: movement.instrument.exchange.to_string().into(),
            symbol: movement.instrument.symbol.to_string().into(),
            product: movement.product.to_string().into(),
            kind: movement.kind.to_string().into(),
            units: movement.units.into(),
            cash: movement.cash.into(),
            moved_at: movement.at.to_string().into(),
        }
    }

    /// The movement in row `id`, and the position that it belongs to.
    pub(crate) fn into_movement(self, id: i64) -> Result<(PositionKey, Movement), StoreError> {
        let place = Place {
            table: "paper_movements",
            row: id,
        };
        let movement = Movement {
            instrument: place.instrument(&self.exchange, &self.symbol)?,
            product: place.word("product", &self.product)?,
            kind: place.word("kind", &self.kind)?,
            units: place.net("units", self.units)?,
            cash: place.money("cash", self.cash)?,
            at: place.instant("moved_at", &self.moved_at)?,
        };
        let position = PositionKey {
            user: UserId::new(self.user_id),
            broker: place.broker(&self.broker_name)?,
            instrument: movement.instrument.clone(),
            product: movement.product,
        };
        Ok((position, movement))
    }
}
