//! Why stored data cannot be used or changed: it is damaged, the disk is full, or it does not work.

use super::{CHECK, CliError, Exit, LOST, chain, files};
use openalgo::core::port::StoreError;
use openalgo::store::{speaks_of_a_full_disk, speaks_of_damage};
use std::error::Error;
use std::path::Path;

/// What to do when the disk takes or gives nothing.
const DISK: &str = "make sure that the disk is not full and the folder can be written to";

/// What to do when the disk takes no more.
const ROOM: &str = "the disk is full: make room on it and run the command again";

/// Why the store failed, as far as somebody can do something about it.
enum Trouble {
    Damage,
    FullDisk,
    Disk,
    Lost,
}

impl Trouble {
    fn of(cause: &StoreError) -> Option<Self> {
        Some(match cause {
            StoreError::Failed { .. } if speaks_of_damage(cause) => Self::Damage,
            StoreError::Failed { .. } if speaks_of_a_full_disk(cause) => Self::FullDisk,
            StoreError::Failed { .. } => Self::Disk,
            StoreError::Corrupt { .. } | StoreError::Crypto(_) => Self::Damage,
            StoreError::Lost { .. } => Self::Lost,
            _ => return None,
        })
    }
}

impl CliError {
    /// Names the data folder, where the disk that it is on may be to blame.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        if !["storage", "not_stored", "disk_full"].contains(&&*self.code) {
            return self;
        }
        // SQLite calls it an I/O error when there is no room for its shared memory.
        if files::is_full(folder) {
            self.code = "disk_full".into();
        }
        let shown = folder.display().to_string();
        if !self.message.contains(&shown) {
            self.message = format!("{} (the data folder is {shown})", self.message);
        }
        self
    }

    /// Stored data that cannot be used: the disk does not work, or what is on it makes no sense.
    pub(super) fn unreadable(error: &dyn Error, cause: &StoreError) -> Self {
        let (code, hint) = match Trouble::of(cause) {
            Some(Trouble::FullDisk) => ("disk_full", ROOM),
            Some(Trouble::Disk) => ("storage", DISK),
            Some(Trouble::Lost) => ("data_lost", LOST),
            Some(Trouble::Damage) | None => ("damaged_data", CHECK),
        };
        Self::new(Exit::Unavailable, code, &chain(error)).hint(hint)
    }

    /// A change of an account that could not be stored, and so is none.
    pub(super) fn not_stored(error: &dyn Error, cause: &StoreError) -> Self {
        let (code, hint) = match Trouble::of(cause) {
            Some(Trouble::Damage) => ("damaged_data", CHECK),
            Some(Trouble::FullDisk) => ("disk_full", ROOM),
            Some(Trouble::Lost) => ("data_lost", LOST),
            // Such as an order that was decided after one that could not be stored.
            Some(Trouble::Disk) | None => {
                let again = "make sure that the disk is not full, then try again";
                ("not_stored", again)
            }
        };
        let hint = format!("nothing was placed; {hint}");
        Self::new(Exit::Unavailable, code, &chain(error)).hint(hint)
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::NotFound { .. } => Self::refused("not_found", &error),
            StoreError::Duplicate { .. } => {
                Self::refused("duplicate", &error).hint("choose another one, or use what exists")
            }
            StoreError::Ambiguous { .. } => Self::refused("ambiguous", &error)
                .hint("give the id that the message names for the broker that you mean"),
            StoreError::Corrupt { .. } | StoreError::Failed { .. } | StoreError::Lost { .. } => {
                Self::unreadable(&error, &error)
            }
            _ => Self::internal("the data could not be used", &error),
        }
    }
}
