//! The places where a master key is kept.
//!
//! Every one of them blocks: callers on an async runtime hand the work to a blocking thread.
//!
//! None of them makes up a key that it does not find. Whether a missing key means a first run is
//! for the caller to know, who sees whether there is a database.

mod credential;
mod digits;
mod error;
mod file;
mod keychain;
mod passphrase;
mod recovery;

pub use credential::Credential;
pub use error::KeySourceError;
pub use file::KeyFile;
pub use keychain::Keychain;
pub use passphrase::{WrappedKey, examine_new_passphrase};
pub use recovery::{RecoveryKey, RecoveryWrap};
