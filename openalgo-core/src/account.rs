//! Users, their keys and logins, their brokers and their settings.

mod api_key;
mod api_token;
mod broker_connection;
mod broker_session;
mod login;
mod risk;
mod session;
mod setting;
mod telegram;
mod user;
mod watchlist;

pub use api_key::{ApiKeyRecord, NewApiKey};
pub use api_token::{ApiScope, ApiScopes, ApiToken, NewApiToken, ScopeError};
pub use broker_connection::{BrokerConnection, BrokerCredentials, BrokerTokens};
pub use broker_session::{EXPIRING, SessionEnd, SessionState};
pub use login::LoginAddress;
pub use risk::{
    Halt, LimitAmount, LimitChange, LimitName, LimitValueError, RiskLimits, SymbolRule,
};
pub use session::{NewSession, Session};
pub use setting::{Setting, SettingError, SettingKey};
pub use telegram::TelegramConfig;
pub use user::{NewUser, PasswordHash, PasswordRule, User, check_password};
pub use watchlist::{Watchlist, WatchlistError, WatchlistItems};
