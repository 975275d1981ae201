//! Logins at brokers.

use crate::id::{BrokerName, UserId};
use crate::market::Timestamp;
use secrecy::SecretString;

/// What a broker gave the user's program to log in with; each is sealed in the database.
#[derive(Debug, Clone, Default)]
pub struct BrokerCredentials {
    /// The broker's API key.
    pub api_key: Option<SecretString>,
    /// The secret that belongs to it.
    pub api_secret: Option<SecretString>,
}

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
    /// What the login is made with; outlives the tokens.
    pub credentials: BrokerCredentials,
    /// The tokens.
    pub tokens: BrokerTokens,
    /// Whether the login was withdrawn.
    pub is_revoked: bool,
    /// When the tokens die.
    pub expires_at: Option<Timestamp>,
}
