#![doc = include_str!("../README.md")]
#![deny(clippy::float_arithmetic, clippy::float_cmp_const)]
#![warn(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm
)]

mod anchor;
mod before;
mod bridge;
mod check;
mod column;
mod compact;
mod connection;
mod copy;
mod copy_error;
mod error;
mod file;
mod halt;
mod journal;
mod keys;
mod migrate;
mod open_error;
mod plan;
mod presence;
mod reader;
mod replace;
mod repo;
mod row;
mod schema;
mod sealed;
mod source;
mod store;
mod summary;
mod verify;
mod writer;

pub use anchor::{AnchorRule, tells_of_use};
pub use check::{Check, CheckOutcome, CheckReport};
pub use compact::{CompactError, Compacted};
pub use copy::Progress;
pub use copy_error::CopyError;
pub use error::{speaks_of_a_full_disk, speaks_of_damage};
pub use keys::Keys;
pub use migrate::AppliedMigration;
pub use open_error::OpenError;
pub use replace::replace;
pub use store::{OpenMode, Store, StoreOptions};
pub use summary::{Summary, TableSummary};
