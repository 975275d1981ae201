//! What other crates use. Nothing here takes a nonce, a salt or a label from its caller.

mod api_key;
mod control;
mod database;
mod field;
mod file;
mod journal;
mod master_key;
mod new_password;
mod password;
mod random;
mod totp;

pub use api_key::ApiKeys;
pub use control::ControlKey;
pub use database::DatabaseKey;
pub use field::{FieldKey, FieldSealer};
pub use file::{is_marked, mark_file};
pub use journal::JournalKey;
pub use master_key::MasterKey;
pub use new_password::make_password;
pub use password::{Argon2Cost, Argon2Hasher};
pub use random::SystemRandom;
pub use totp::Rfc6238;
