//! The file beside the database that says where the key is. It holds nothing secret: a wrapped
//! key is worthless without its passphrase or recovery key, and the check value tells nothing about
//! the key.
//!
//! | file | what is in it |
//! |---|---|
//! | `file` | what the file says, read and written durably |
//! | `place` | the places where a key is |
//! | `create` | the key of a new folder |
//! | `unlock` | the key of an existing folder |
//! | `change` | another place, another passphrase, a recovery key |
//! | `rotation` | another key |
//! | `settle` | finishing or undoing a change that was interrupted |
//! | `report` | what there is to say about the key, without opening anything |

mod change;
mod create;
mod file;
mod place;
mod report;
mod rotation;
mod settle;
mod unlock;

pub(crate) use change::{add_recovery, move_to, named_from_elsewhere};
pub(crate) use create::create;
pub(crate) use file::{Kept, Vault};
pub(crate) use place::KeyPlace;
pub(crate) use rotation::{begin as begin_rotation, discard_kept, keep_old};
pub(crate) use settle::settle;
pub(crate) use unlock::{Found, unlock};

pub use report::{KeyReach, KeyReport};

use openalgo_crypto::MasterKey;

/// The master key, and where it came from.
#[derive(Debug)]
pub(crate) struct Unlocked {
    pub(crate) master: MasterKey,
    pub(crate) source: String,
    /// Where the key was found; `None` when a recovery key gave it.
    pub(crate) place: Option<KeyPlace>,
    /// What the vault file says; `None` when it is lost or damaged.
    pub(crate) vault: Option<Vault>,
    /// Whether a key file was chosen because there is no keychain, which people should know.
    pub(crate) fell_back_to_file: bool,
    /// Whether a new folder had a key already, which people should know, too.
    pub(crate) had_key: bool,
}

impl Unlocked {
    /// Whether the check value has shown that the key is that of the folder.
    pub(crate) fn is_checked(&self) -> bool {
        self.vault.is_some()
    }
}

impl From<Unlocked> for Found {
    fn from(first: Unlocked) -> Self {
        Self {
            first,
            second: None,
        }
    }
}

#[cfg(test)]
mod tests;
