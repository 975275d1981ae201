//! Keeping a copy of a database from trading beside its original.

use crate::error::Fault;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use openalgo_core::market::Timestamp;

/// Each statement is given the present instant, most of them as the time of the change.
const STATEMENTS: [&str; 4] = [
    "UPDATE broker_connections SET auth_token = NULL, refresh_token = NULL, feed_token = NULL, \
     is_revoked = 1, updated_at = ?",
    "UPDATE sessions SET is_active = 0, feed_token = NULL, expires_at = min(expires_at, ?)",
    "UPDATE strategies SET is_active = 0, updated_at = ?",
    "INSERT INTO risk_limits (user_id, kill_switch, kill_reason, kill_since, created_at, updated_at) \
     SELECT users.id, 1, reason, now, now, now FROM users, \
     (SELECT ? AS now, 'restored from a backup' AS reason) WHERE true \
     ON CONFLICT (user_id) DO UPDATE SET kill_switch = 1, kill_reason = excluded.kill_reason, \
     kill_since = excluded.kill_since, updated_at = excluded.updated_at",
];

/// Drops broker tokens, ends sessions, switches strategies off and every kill switch on.
pub(crate) fn halt(c: &mut SqliteConnection, now: Timestamp) -> Result<(), Fault> {
    let now = now.to_string();
    for statement in STATEMENTS {
        sql_query(statement).bind::<Text, _>(&now).execute(c)?;
    }
    Ok(())
}
