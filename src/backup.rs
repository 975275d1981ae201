//! Backups: one portable file that opens on any machine with its passphrase or, where the data
//! folder has one, its recovery key.
//!
//! | file | what is in it |
//! |---|---|
//! | `format` | the file: a public header that is authenticated, and an encrypted database |
//! | `create` | making one while the data folder is in use |
//! | `open` | opening one, and proving that it is sound |
//! | `restore` | making a new data folder from one |
//! | `error` | why something of that did not happen |

mod create;
mod error;
mod format;
mod open;
mod restore;

pub use error::BackupError;
pub use format::BackupInfo;
pub use open::{Backup, BackupSecret};
pub use restore::{RestoreTarget, Restored};

pub(crate) use restore::discard_unfinished;

#[cfg(test)]
mod tests;
