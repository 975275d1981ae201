//! The schema against the database design it implements.

use crate::support::Place;
use diesel::connection::{Connection, SimpleConnection};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::SqliteConnection;
use openalgo_core::account::SettingKey;
use std::collections::BTreeSet;

/// Name, type, NOT NULL, default, place in the primary key.
type Column = (String, String, i64, Option<String>, i64);

fn design() -> SqliteConnection {
    let mut c = SqliteConnection::establish(":memory:").unwrap();
    c.batch_execute(include_str!("../../../scripts/seed-schema.sql"))
        .unwrap();
    // Ours is a view of the table in which Diesel keeps the same; a test of migrations reads it.
    c.batch_execute("DROP TABLE schema_migrations").unwrap();
    c
}

fn names(c: &mut SqliteConnection, kind: &str) -> BTreeSet<String> {
    sql::<Text>(&format!(
        "SELECT name FROM sqlite_master WHERE type = '{kind}' AND name NOT LIKE 'sqlite_%'"
    ))
    .load::<String>(c)
    .unwrap()
    .into_iter()
    .collect()
}

fn columns(c: &mut SqliteConnection, table: &str) -> Vec<Column> {
    sql::<(Text, Text, BigInt, Nullable<Text>, BigInt)>(&format!(
        "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{table}')"
    ))
    .load(c)
    .unwrap()
}

fn references(c: &mut SqliteConnection, table: &str) -> BTreeSet<(String, String, String, String)> {
    sql::<(Text, Text, Text, Text)>(&format!(
        "SELECT \"from\", \"table\", \"to\", on_delete FROM pragma_foreign_key_list('{table}')"
    ))
    .load(c)
    .unwrap()
    .into_iter()
    .collect()
}

/// Columns of every index of a table, with their direction and whether it is unique.
fn indexes(c: &mut SqliteConnection, table: &str) -> BTreeSet<(i64, String)> {
    sql::<(BigInt, Text)>(&format!(
        "SELECT l.\"unique\", (SELECT group_concat(name || ' ' || \"desc\") \
         FROM pragma_index_xinfo(l.name) WHERE key) FROM pragma_index_list('{table}') l"
    ))
    .load(c)
    .unwrap()
    .into_iter()
    .collect()
}

#[test]
fn every_table_of_the_design_is_there_as_designed() {
    let place = Place::new();
    drop(place.create());
    let (mut ours, mut design) = (place.raw(), design());
    for table in names(&mut design, "table") {
        let wanted = columns(&mut design, &table);
        let mut have = columns(&mut ours, &table);
        have.truncate(wanted.len());
        assert_eq!(have, wanted, "columns of {table}");
        let missing = references(&mut design, &table);
        assert!(
            references(&mut ours, &table).is_superset(&missing),
            "{table}"
        );
        let wanted = indexes(&mut design, &table);
        assert!(indexes(&mut ours, &table).is_superset(&wanted), "{table}");
    }
}

#[test]
fn every_index_and_trigger_of_the_design_is_there_by_name() {
    let place = Place::new();
    drop(place.create());
    let (mut ours, mut design) = (place.raw(), design());
    for kind in ["table", "index", "trigger"] {
        let wanted = names(&mut design, kind);
        assert!(!wanted.is_empty());
        assert!(names(&mut ours, kind).is_superset(&wanted), "{kind}");
    }
}

#[test]
fn every_setting_of_the_design_has_its_value_and_description() {
    let place = Place::new();
    drop(place.create());
    let rows = |c: &mut SqliteConnection| -> BTreeSet<(String, String, String)> {
        sql::<(Text, Text, Text)>("SELECT key, value, description FROM settings")
            .load(c)
            .unwrap()
            .into_iter()
            .collect()
    };
    let ours = rows(&mut place.raw());
    assert!(ours.is_superset(&rows(&mut design())));
    assert_eq!(ours.len(), SettingKey::ALL.len());
}

#[test]
fn request_logs_are_kept_for_thirty_days() {
    let place = Place::new();
    drop(place.create());
    let mut c = place.raw();
    let log = |age: &str| {
        format!(
            "INSERT INTO order_logs (endpoint, method, created_at) \
             VALUES ('{age}', 'POST', datetime('now', '{age}'));"
        )
    };
    c.batch_execute(&(log("-31 days") + &log("-29 days") + &log("-0 days")))
        .unwrap();
    let left = sql::<Text>("SELECT endpoint FROM order_logs ORDER BY id").load::<String>(&mut c);
    assert_eq!(left.unwrap(), ["-29 days", "-0 days"]);
}
