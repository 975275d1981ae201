//! Logins at brokers.

use crate::id::{BrokerName, UserId};
use crate::market::Timestamp;
use secrecy::SecretString;

/// The tokens of a broker login; each is sealed in the database.
#[derive(Debug, Clone, Default)]
pub struct BrokerTokens {
    /// Access token.
    pub auth: Option<SecretString>,
    /// Token that gets a new access token.
    pub refresh: Option<SecretString>,
    /// Token of the market data feed.
    pub feed: Option<SecretString>,
}

/// A user's login at a broker.
#[derive(Debug, Clone)]
pub struct BrokerConnection {
    /// Whose login.
    pub user: UserId,
    /// At which broker.
    pub broker: BrokerName,
    /// Client id at the broker.
    pub client_id: Option<String>,
    /// The broker's own id of the user.
    pub user_broker_id: Option<String>,
    /// The tokens.
    pub tokens: BrokerTokens,
    /// Whether the login was withdrawn.
    pub is_revoked: bool,
    /// When the tokens die.
    pub expires_at: Option<Timestamp>,
}
