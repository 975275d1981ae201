//! Login sessions.

use crate::id::{BrokerName, SessionId, UserId};
use crate::market::Timestamp;
use secrecy::SecretString;

/// A login of a user on a device.
#[derive(Debug, Clone)]
pub struct Session {
    /// Row number.
    pub id: SessionId,
    /// Who is logged in.
    pub user: UserId,
    /// The broker chosen in it.
    pub broker: Option<BrokerName>,
    /// The session's own token; sealed in the database.
    pub token: SecretString,
    /// Feed token of the broker in it; sealed in the database.
    pub feed_token: Option<SecretString>,
    /// Where it was opened.
    pub device: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it still holds.
    pub is_active: bool,
}
