//! Whether every setting is there and has a value that it can have.

use crate::column::Text;
use crate::error::Fault;
use crate::schema::settings as table;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::account::SettingKey;
use std::collections::BTreeMap;

/// Compares the rows with the settings that this program knows.
pub(super) fn examine(c: &mut SqliteConnection) -> Result<Option<String>, Fault> {
    let rows: Vec<(Text, Text)> = table::table
        .order(table::key.asc())
        .select((table::key, table::value))
        .load(c)?;
    let mut values = BTreeMap::new();
    for (key, value) in &rows {
        let Some(key) = key.as_str() else {
            return Ok(Some("the key of a setting is no text".into()));
        };
        if key.parse::<SettingKey>().is_err() {
            return Ok(Some(format!("there is no setting '{key}'")));
        }
        values.insert(key, value.as_str());
    }
    Ok(SettingKey::ALL
        .iter()
        .find_map(|key| finding(*key, &values)))
}

fn finding(key: SettingKey, values: &BTreeMap<&str, Option<&str>>) -> Option<String> {
    match values.get(key.as_str()) {
        None => Some(format!("the setting {key} is missing")),
        Some(None) => Some(format!("the value of the setting {key} is no text")),
        Some(Some(value)) => key.check(value).err().map(|error| error.to_string()),
    }
}
