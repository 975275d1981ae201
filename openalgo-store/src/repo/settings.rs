//! Settings of the installation.

use crate::bridge::{Context, Database};
use crate::column::{Place, Text};
use crate::error::{Fault, met_a_row};
use crate::schema::settings as table;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::account::{Setting, SettingKey};
use openalgo_core::port::{SettingRepository, StoreError};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
struct SettingRow {
    key: String,
    value: String,
    description: Option<String>,
    updated_at: Text,
}

impl SettingRow {
    fn into_setting(self, key: SettingKey) -> Result<Setting, StoreError> {
        let place = Place {
            table: "settings",
            row: 0,
        };
        let named = |error| format!("setting {key}: {error}");
        let updated_at = place
            .instant("updated_at", &self.updated_at)
            .map_err(|error| place.corrupt("updated_at", named(error)))?;
        Ok(Setting {
            key,
            value: self.value,
            description: self.description,
            updated_at,
        })
    }
}

fn get(c: &mut SqliteConnection, key: SettingKey) -> Result<Setting, Fault> {
    let row: SettingRow = table::table
        .find(key.as_str())
        .select(SettingRow::as_select())
        .get_result(c)
        .optional()?
        .ok_or_else(|| Fault::not_found("setting", key))?;
    Ok(row.into_setting(key)?)
}

/// All settings that this program knows. A row of another key is left alone here; `db check`
/// reports it.
fn list(c: &mut SqliteConnection) -> Result<Vec<Setting>, Fault> {
    let rows: Vec<SettingRow> = table::table
        .order(table::key.asc())
        .select(SettingRow::as_select())
        .load(c)?;
    let known = rows
        .into_iter()
        .filter_map(|row| Some((row.key.parse().ok()?, row)));
    let settings = known
        .map(|(key, row)| row.into_setting(key))
        .collect::<Result<_, _>>()?;
    Ok(settings)
}

fn set(
    c: &mut SqliteConnection,
    ctx: &Context,
    (key, value): (SettingKey, &str),
) -> Result<Setting, Fault> {
    let rows = diesel::update(table::table.find(key.as_str()))
        .set((
            table::value.eq(value),
            table::updated_at.eq(ctx.clock.now().to_string()),
        ))
        .execute(c)?;
    met_a_row(rows, "setting", key)?;
    get(c, key)
}

#[async_trait]
impl SettingRepository for Database {
    async fn get(&self, key: SettingKey) -> Result<Setting, StoreError> {
        self.read("read the setting", move |c, _| get(c, key)).await
    }

    async fn list(&self) -> Result<Vec<Setting>, StoreError> {
        self.read("list the settings", |c, _| list(c)).await
    }

    async fn set(&self, key: SettingKey, value: &str) -> Result<Setting, StoreError> {
        let value = value.to_owned();
        self.write("change the setting", move |c, ctx| {
            set(c, ctx, (key, &value))
        })
        .await
    }
}
