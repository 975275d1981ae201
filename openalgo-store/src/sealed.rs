//! The sealed columns: one list for whoever must know all of them.
//!
//! A repository seals and opens its columns with [`SealedColumn::place`]; the check of the database
//! and a copy under other keys walk through [`ALL`].

use crate::column::Text;
use crate::error::Fault;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types;
use diesel::sqlite::SqliteConnection;
use openalgo_core::port::{FieldPlace, Sealer, StoreError};
use secrecy::SecretString;

/// Cells that are read at a time.
const CHUNK: i64 = 1_000;

/// The secret of a second factor.
pub(crate) const TOTP_SECRET: SealedColumn = SealedColumn {
    table: "users",
    column: "totp_secret",
    row: "username",
};

/// The owner's copy of an API key.
pub(crate) const API_KEY: SealedColumn = SealedColumn {
    table: "api_keys",
    column: "key_encrypted",
    row: "CAST(user_id AS TEXT)",
};

/// The owner's copy of a named API key.
pub(crate) const API_TOKEN: SealedColumn = SealedColumn {
    table: "api_tokens",
    column: "key_encrypted",
    row: "user_id || ':' || name",
};

/// The token of a login session.
pub(crate) const SESSION_TOKEN: SealedColumn = SealedColumn {
    table: "sessions",
    column: "access_token",
    row: "token_id",
};

/// The broker's token for prices in a login session.
pub(crate) const SESSION_FEED_TOKEN: SealedColumn = SealedColumn {
    column: "feed_token",
    ..SESSION_TOKEN
};

/// The token of a Telegram bot.
pub(crate) const BOT_TOKEN: SealedColumn = SealedColumn {
    table: "telegram_config",
    column: "bot_token",
    row: "CAST(user_id AS TEXT)",
};

/// The token of a login at a broker.
pub(crate) const BROKER_AUTH_TOKEN: SealedColumn = SealedColumn {
    table: "broker_connections",
    column: "auth_token",
    row: "user_id || ':' || broker_name",
};

/// The token with which a login at a broker is renewed.
pub(crate) const BROKER_REFRESH_TOKEN: SealedColumn = SealedColumn {
    column: "refresh_token",
    ..BROKER_AUTH_TOKEN
};

/// The broker's token for prices.
pub(crate) const BROKER_FEED_TOKEN: SealedColumn = SealedColumn {
    column: "feed_token",
    ..BROKER_AUTH_TOKEN
};

/// The key of an application at a broker.
pub(crate) const BROKER_API_KEY: SealedColumn = SealedColumn {
    column: "api_key",
    ..BROKER_AUTH_TOKEN
};

/// The secret of an application at a broker.
pub(crate) const BROKER_API_SECRET: SealedColumn = SealedColumn {
    column: "api_secret",
    ..BROKER_AUTH_TOKEN
};

/// Every sealed column.
const ALL: [SealedColumn; 11] = [
    TOTP_SECRET,
    API_KEY,
    API_TOKEN,
    SESSION_TOKEN,
    SESSION_FEED_TOKEN,
    BOT_TOKEN,
    BROKER_AUTH_TOKEN,
    BROKER_REFRESH_TOKEN,
    BROKER_FEED_TOKEN,
    BROKER_API_KEY,
    BROKER_API_SECRET,
];

/// A column whose cells are sealed, each for its own row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SealedColumn {
    table: &'static str,
    column: &'static str,
    /// The row's natural key, as SQL: what [`Self::place`] is given.
    row: &'static str,
}

impl SealedColumn {
    /// Where the cell of the row with this natural key lives.
    pub(crate) fn place(self, row: &str) -> FieldPlace<'_> {
        FieldPlace {
            table: self.table,
            column: self.column,
            row,
        }
    }

    /// The name of the column.
    pub(crate) fn name(self) -> &'static str {
        self.column
    }

    /// The SQL that gives one cell another content.
    fn update(self) -> String {
        let Self { table, column, .. } = self;
        format!("UPDATE main.{table} SET {column} = ? WHERE id = ?")
    }

    /// Opens every cell of the column in one of the attached databases.
    fn open_all(
        self,
        c: &mut SqliteConnection,
        (database, sealer): (&str, &dyn Sealer),
        mut opened: impl FnMut(&mut SqliteConnection, &Cell, SecretString) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Self { table, column, row } = self;
        let chunk = format!(
            "SELECT id, {row} AS natural_key, {column} AS sealed FROM {database}.{table} \
             WHERE id > ? AND {column} IS NOT NULL ORDER BY id LIMIT {CHUNK}"
        );
        let mut last = i64::MIN;
        loop {
            let cells: Vec<Cell> = sql_query(&chunk)
                .bind::<sql_types::BigInt, _>(last)
                .load(c)?;
            let Some(newest) = cells.last() else {
                return Ok(());
            };
            last = newest.id;
            for cell in &cells {
                let secret = self.open(sealer, cell)?;
                opened(c, cell, secret)?;
            }
        }
    }

    fn open(self, by: &dyn Sealer, cell: &Cell) -> Result<SecretString, StoreError> {
        let corrupt = |reason: String| StoreError::Corrupt {
            table: self.table,
            column: self.column,
            row: cell.id,
            reason,
        };
        let (Some(row), Some(sealed)) = (cell.natural_key.as_str(), cell.sealed.as_str()) else {
            return Err(corrupt("it is not a text".into()));
        };
        let opened = by.open(self.place(row), sealed);
        opened.map_err(|error| corrupt(error.to_string()))
    }
}

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = sql_types::BigInt)]
    id: i64,
    #[diesel(sql_type = sql_types::Text)]
    natural_key: Text,
    #[diesel(sql_type = sql_types::Text)]
    sealed: Text,
}

/// Opens every sealed field; gives the first that does not open.
pub(crate) fn open_all(c: &mut SqliteConnection, sealer: &dyn Sealer) -> Result<(), Fault> {
    for column in ALL {
        column.open_all(c, ("main", sealer), |_, _, _| Ok(()))?;
    }
    Ok(())
}

/// Gives every sealed field of `main` what the same field of the attached `source` holds, sealed
/// with another key.
pub(crate) fn reseal(
    c: &mut SqliteConnection,
    old: &dyn Sealer,
    new: &dyn Sealer,
) -> Result<(), Fault> {
    for column in ALL {
        let update = column.update();
        column.open_all(c, ("source", old), |c, cell, secret| {
            let row = cell.natural_key.as_str().unwrap_or_default();
            let sealed = new.seal(column.place(row), &secret)?;
            sql_query(&update)
                .bind::<sql_types::Text, _>(sealed)
                .bind::<sql_types::BigInt, _>(cell.id)
                .execute(c)?;
            Ok(())
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::ALL;

    /// What a migration calls encrypted is in the list.
    #[test]
    fn no_encrypted_column_is_forgotten() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut found = std::collections::BTreeSet::new();
        for migration in std::fs::read_dir(folder).unwrap() {
            let up = std::fs::read_to_string(migration.unwrap().path().join("up.sql")).unwrap();
            let mut table = String::new();
            for line in up.lines() {
                let words: Vec<_> = line.split_whitespace().collect();
                let column = match words[..] {
                    ["CREATE", "TABLE", name, ..] => {
                        name.clone_into(&mut table);
                        continue;
                    }
                    ["ALTER", "TABLE", name, "ADD", "COLUMN", column, ..] => {
                        name.clone_into(&mut table);
                        column
                    }
                    [column, ..] => column,
                    [] => continue,
                };
                let comment = line.split_once("--").unwrap_or_default().1;
                if comment.to_lowercase().contains("encrypted") {
                    found.insert((table.clone(), column.to_owned()));
                }
            }
        }
        let listed = ALL.iter().map(|one| (one.table, one.column));
        let listed = listed.map(|(table, column)| (table.to_owned(), column.to_owned()));
        assert_eq!(found, listed.collect());
    }
}
