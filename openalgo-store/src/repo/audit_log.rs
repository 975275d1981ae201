//! The audit log. Triggers see to it that nothing in it changes.

use crate::bridge::Database;
use crate::column::{Place, Text};
use crate::error::{Explain, Fault};
use crate::schema::audit_log as table;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::id::UserId;
use openalgo_core::monitor::{AuditEntry, Author};
use openalgo_core::port::{AuditQuery, AuditRepository, StoreError};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
struct AuditRow {
    id: i64,
    user_id: Option<i64>,
    action: Text,
    object: Text,
    surface: Text,
    detail: Option<Text>,
    at: Text,
}

impl AuditRow {
    fn into_entry(self) -> Result<AuditEntry, StoreError> {
        let place = Place {
            table: "audit_log",
            row: self.id,
        };
        Ok(AuditEntry {
            by: Author {
                user: self.user_id.map(UserId::new),
                surface: place.word("surface", &self.surface)?,
            },
            action: place.word("action", &self.action)?,
            object: place.text("object", &self.object)?.to_owned(),
            detail: place.optional_text("detail", self.detail.as_ref())?,
            at: place.instant("at", &self.at)?,
        })
    }
}

/// Adds an entry.
pub(crate) fn append(c: &mut SqliteConnection, entry: &AuditEntry) -> Result<(), Fault> {
    let user = entry.by.user.map(UserId::get);
    diesel::insert_into(table::table)
        .values((
            table::user_id.eq(user),
            table::action.eq(entry.action.as_str()),
            table::object.eq(&entry.object),
            table::surface.eq(entry.by.surface.as_str()),
            table::detail.eq(entry.detail.as_deref()),
            table::at.eq(entry.at.to_string()),
        ))
        .execute(c)
        .dangling("user", user.unwrap_or_default())?;
    Ok(())
}

fn list(c: &mut SqliteConnection, query: AuditQuery) -> Result<Vec<AuditEntry>, Fault> {
    let mut rows = table::table
        .select(AuditRow::as_select())
        .order(table::id.desc())
        .limit(query.limit.into())
        .into_boxed();
    if let Some(user) = query.user {
        rows = rows.filter(table::user_id.eq(user.get()));
    }
    let entries = rows
        .load(c)?
        .into_iter()
        .map(AuditRow::into_entry)
        .collect::<Result<_, _>>()?;
    Ok(entries)
}

/// Reads every row; gives the first that makes no sense.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    let rows = table::table.select(AuditRow::as_select());
    for row in rows.load_iter::<AuditRow, _>(c)? {
        row?.into_entry()?;
    }
    Ok(())
}

#[async_trait]
impl AuditRepository for Database {
    async fn append(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let entry = entry.clone();
        self.write("add to the audit log", move |c, _| append(c, &entry))
            .await
    }

    async fn list(&self, query: AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.read("list the audit log", move |c, _| list(c, query))
            .await
    }
}
