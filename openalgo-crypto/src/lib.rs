#![doc = include_str!("../README.md")]

mod hazmat;
pub mod key_source;
mod safe;

pub use safe::{
    ApiKeys, Argon2Cost, Argon2Hasher, ControlKey, DatabaseKey, FieldKey, FieldSealer, JournalKey,
    MasterKey, Rfc6238, SystemRandom, is_marked, make_password, mark_file,
};
