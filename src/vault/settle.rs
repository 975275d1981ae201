//! Finishing or undoing a change of the key that was interrupted.
//!
//! The vault file announces a change before the first thing is done about it. Whoever opens the
//! folder next tries the old and the new key on the database, and the one that opens it decides.

use super::Unlocked;
use super::file::{Kept, Vault};
use super::place::{KeyPlace, key_file};
use super::rotation;
use crate::folder::DataFolder;
use crate::key_source::UnlockError;
use openalgo_core::market::Timestamp;
use openalgo_crypto::key_source::KeySourceError;

/// Brings a change to its end, now that `unlocked` has opened the database.
///
/// A failure keeps nobody from the data: the change stays announced, and the next opening tries
/// again.
pub(crate) fn settle(folder: &DataFolder, unlocked: &mut Unlocked, now: Timestamp) {
    let settled = finish_or_undo(folder, unlocked, now).and_then(|()| {
        if let Some(vault) = &mut unlocked.vault {
            empty_retired(folder, vault)?;
        }
        Ok(())
    });
    if let Err(error) = settled {
        tracing::warn!(%error, "a change of the key is not finished yet");
    }
}

fn finish_or_undo(
    folder: &DataFolder,
    unlocked: &mut Unlocked,
    now: Timestamp,
) -> Result<(), UnlockError> {
    let Some(mut vault) = unlocked.vault.clone() else {
        return Ok(());
    };
    let Some(pending) = vault.pending.take() else {
        return Ok(());
    };
    rotation::discard_copy(folder);
    let is_changed = !unlocked.master.matches_check(&vault.key_check);
    if is_changed || unlocked.place.as_ref() == Some(&pending.key) {
        promote(&mut vault, pending, now)?;
        unlocked.source = vault.key.name();
        unlocked.place = Some(vault.key.clone());
    } else {
        vault.retired = Some(pending);
    }
    vault.write(folder)?;
    unlocked.vault = Some(vault);
    Ok(())
}

/// Makes the pending key the one of the folder.
pub(super) fn promote(
    vault: &mut Vault,
    pending: Kept,
    now: Timestamp,
) -> Result<(), KeySourceError> {
    let old = vault.current();
    let is_changed = old.key_check != pending.key_check;
    match (&old.key, &pending.key) {
        // A changed key goes where the old one was, since that is what people have named.
        (KeyPlace::File { path }, KeyPlace::File { path: next })
            if is_changed && *next == rotation::next_of(path).path =>
        {
            if next.exists() {
                key_file(next).take_place_of(&key_file(path))?;
            }
        }
        _ => {
            vault.key = pending.key;
            vault.retired = Some(old);
        }
    }
    if is_changed {
        // It wraps the old key.
        vault.recovery = None;
    }
    vault.key_check = pending.key_check;
    vault.since = Some(now);
    Ok(())
}

/// Removes a key from where it was.
pub(super) fn empty_retired(folder: &DataFolder, vault: &mut Vault) -> Result<(), UnlockError> {
    let Some(retired) = &vault.retired else {
        return Ok(());
    };
    if retired.key != vault.key {
        match retired.key.empty(&retired.key_check) {
            // Something else is there now, which is none of ours to remove.
            Ok(())
            | Err(
                KeySourceError::FileExists { .. }
                | KeySourceError::FileMalformed { .. }
                | KeySourceError::KeychainOccupied { .. }
                | KeySourceError::KeychainMalformed { .. },
            ) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let emptied = Vault {
        retired: None,
        ..vault.clone()
    };
    emptied.write(folder)?;
    *vault = emptied;
    Ok(())
}
