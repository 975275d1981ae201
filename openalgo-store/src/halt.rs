//! Keeping a copy of a database from trading beside its original.

use crate::error::Fault;
use crate::repo::audit_log;
use crate::schema::users;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::UserId;
use openalgo_core::market::Timestamp;
use openalgo_core::monitor::{AuditAction, AuditEntry, Author, Surface};

/// Why every user is halted.
const REASON: &str = "restored from a backup";

/// Each statement is given the present instant, most of them as the time of the change.
const STATEMENTS: [&str; 3] = [
    "UPDATE broker_connections SET auth_token = NULL, refresh_token = NULL, feed_token = NULL, \
     is_revoked = 1, updated_at = ?",
    "UPDATE sessions SET is_active = 0, feed_token = NULL, expires_at = min(expires_at, ?)",
    "UPDATE strategies SET is_active = 0, updated_at = ?",
];

/// Drops broker tokens, ends sessions, switches strategies off and every kill switch on.
pub(crate) fn halt(c: &mut SqliteConnection, now: Timestamp) -> Result<(), Fault> {
    let instant = now.to_string();
    for statement in STATEMENTS {
        sql_query(statement).bind::<Text, _>(&instant).execute(c)?;
    }
    let users: Vec<i64> = users::table.select(users::id).load(c)?;
    for user in users {
        turn_on(c, UserId::new(user), now)?;
    }
    Ok(())
}

/// Halts a user, whatever stood in the row, and puts that on record.
fn turn_on(c: &mut SqliteConnection, user: UserId, now: Timestamp) -> Result<(), Fault> {
    sql_query(
        "INSERT INTO risk_limits \
         (user_id, kill_switch, kill_reason, kill_since, created_at, updated_at) \
         VALUES (?1, 1, ?2, ?3, ?3, ?3) \
         ON CONFLICT (user_id) DO UPDATE SET kill_switch = 1, kill_reason = ?2, \
         kill_since = ?3, updated_at = ?3",
    )
    .bind::<BigInt, _>(user.get())
    .bind::<Text, _>(REASON)
    .bind::<Text, _>(now.to_string())
    .execute(c)?;
    let entry = AuditEntry {
        by: Author {
            user: None,
            surface: Surface::Engine,
        },
        action: AuditAction::RiskHalt,
        object: format!("user {user}"),
        detail: Some(REASON.into()),
        at: now,
    };
    audit_log::append(c, &entry)
}
