//! Users, their keys and logins, their brokers and their settings.

mod api_key;
mod broker_connection;
mod login;
mod session;
mod setting;
mod telegram;
mod user;

pub use api_key::{ApiKeyRecord, NewApiKey};
pub use broker_connection::{BrokerConnection, BrokerCredentials, BrokerTokens};
pub use login::LoginAddress;
pub use session::{NewSession, Session};
pub use setting::{Setting, SettingError, SettingKey};
pub use telegram::TelegramConfig;
pub use user::{NewUser, PasswordHash, PasswordRule, User, check_password};
