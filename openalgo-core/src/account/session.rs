//! Login sessions.

use crate::id::{BrokerName, SessionId, SessionTokenId, UserId};
use crate::market::Timestamp;
use secrecy::SecretString;

/// A login of a user on a device.
#[derive(Debug, Clone)]
pub struct Session {
    /// Row number.
    pub id: SessionId,
    /// The part of its token that finds it.
    pub token_id: SessionTokenId,
    /// Who is logged in.
    pub user: UserId,
    /// The broker chosen in it.
    pub broker: Option<BrokerName>,
    /// The secret part of its token; sealed in the database.
    pub token: SecretString,
    /// Feed token of the broker in it; sealed in the database, forgotten when the session ends.
    pub feed_token: Option<SecretString>,
    /// Where it was opened.
    pub device: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last made use of.
    pub last_used_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Whether nobody has ended it.
    pub is_active: bool,
}

impl Session {
    /// Whether it still holds at `now`: neither ended nor expired.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.is_active && now < self.expires_at
    }
}

/// A session to be opened.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The part of its token that finds it: random, and unlike that of every other session.
    pub token_id: SessionTokenId,
    /// Who is logged in.
    pub user: UserId,
    /// The broker chosen in it.
    pub broker: Option<BrokerName>,
    /// The secret part of its token; the repository seals it.
    pub token: SecretString,
    /// Feed token of the broker in it; the repository seals it.
    pub feed_token: Option<SecretString>,
    /// Where it is opened.
    pub device: Option<String>,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}
