//! Another place for the key, another passphrase, a recovery key. The data is not touched.

use super::Unlocked;
use super::file::{Kept, Recovery, Vault};
use super::place::{KeyPlace, file_outside, new_entry, wrapped};
use super::settle::{empty_retired, promote};
use crate::folder::DataFolder;
use crate::key_change::KeyMoved;
use crate::key_source::{KeySource, UnlockError};
use openalgo_core::market::Timestamp;
use openalgo_core::port::RandomSource;
use openalgo_crypto::key_source::{KeySourceError, RecoveryKey, RecoveryWrap};
use secrecy::SecretString;

/// Moves the key to another place, or wraps it with another passphrase.
///
/// The key is in the new place, and read back from there, before the vault file names it; the old
/// place is emptied after that. Whenever this is interrupted, the folder opens.
pub(crate) fn move_to(
    folder: &DataFolder,
    unlocked: &Unlocked,
    to: &KeySource,
    (random, now): (&dyn RandomSource, Timestamp),
) -> Result<KeyMoved, UnlockError> {
    let mut vault = settled(unlocked, now)?;
    let from = vault.key.name();
    let target = target(folder, unlocked, to, random)?;
    if target == vault.key {
        return Err(UnlockError::AlreadyThere { place: from });
    }
    let pending = Kept {
        key: target,
        key_check: unlocked.master.check_value(),
    };
    if !is_there(&pending)? {
        vault.pending = Some(pending.clone());
        vault.write(folder)?;
        if let Err(error) = pending.key.keep(&unlocked.master) {
            vault.pending = None;
            vault.write(folder)?;
            return Err(error);
        }
        vault.pending = None;
    }
    promote(&mut vault, pending, now)?;
    let left = if unlocked.place.is_none() {
        // The recovery key was used, and what gave no key is none of ours to remove.
        vault.retired.take().is_some_and(|old| is_still_there(&old))
    } else {
        leaves_something(&vault)
    };
    vault.write(folder)?;
    let emptied = empty_retired(folder, &mut vault);
    if let Err(error) = &emptied {
        tracing::warn!(%error, "the key is still where it was");
    }
    Ok(KeyMoved {
        from,
        to: vault.key.name(),
        is_left_behind: left || emptied.is_err(),
    })
}

/// What the vault file says, or would say if it were there, when no change is under way.
pub(super) fn settled(unlocked: &Unlocked, now: Timestamp) -> Result<Vault, UnlockError> {
    match (&unlocked.vault, &unlocked.place) {
        (Some(vault), _) if vault.pending.is_some() => Err(UnlockError::Unsettled),
        (Some(vault), Some(place @ KeyPlace::File { .. }))
            if matches!(vault.key, KeyPlace::File { .. }) =>
        {
            // The key file was moved, and named where it is now.
            Ok(Vault {
                key: place.clone(),
                ..vault.clone()
            })
        }
        (Some(vault), _) => Ok(vault.clone()),
        (None, Some(place)) => {
            let check = unlocked.master.check_value();
            Ok(Vault::new(place.clone(), check, now))
        }
        (None, None) => Err(UnlockError::Unsettled),
    }
}

/// Where the folder's key was, if [`settled`] takes the place that was named for its new one.
pub(crate) fn named_from_elsewhere(unlocked: &Unlocked) -> Option<String> {
    let recorded = &unlocked.vault.as_ref()?.key;
    match (&unlocked.place, recorded) {
        (Some(named @ KeyPlace::File { .. }), KeyPlace::File { .. })
            if !named.is_same_as(recorded) =>
        {
            Some(recorded.name())
        }
        _ => None,
    }
}

fn target(
    folder: &DataFolder,
    unlocked: &Unlocked,
    to: &KeySource,
    random: &dyn RandomSource,
) -> Result<KeyPlace, UnlockError> {
    match to {
        KeySource::File(path) => file_outside(folder, path),
        KeySource::Passphrase(passphrase) => wrapped(&unlocked.master, passphrase, random),
        KeySource::Credential(name) => Ok(KeyPlace::Credential { name: name.clone() }),
        KeySource::Keychain => match &unlocked.place {
            Some(place @ KeyPlace::Keychain { .. }) => Ok(place.clone()),
            Some(_) | None => new_entry(random),
        },
        KeySource::Recovery(_) => Err(UnlockError::AlreadyThere {
            place: to.to_string(),
        }),
    }
}

/// Whether the key is in its new place already. Another key there is not to be touched.
pub(super) fn is_there(wanted: &Kept) -> Result<bool, UnlockError> {
    let place = &wanted.key;
    match place {
        // Proved when it was wrapped.
        KeyPlace::Passphrase { .. } => Ok(true),
        KeyPlace::Credential { .. } => place.verify(&wanted.key_check, None).map(|()| true),
        KeyPlace::Keychain { .. } => Ok(false),
        KeyPlace::File { path } => match place.load(None) {
            Err(UnlockError::Source(KeySourceError::FileMissing { .. })) => Ok(false),
            Ok(present) if present.matches_check(&wanted.key_check) => Ok(true),
            Ok(_) | Err(UnlockError::Source(KeySourceError::FileMalformed { .. })) => {
                let path = path.clone();
                Err(KeySourceError::FileExists { path }.into())
            }
            Err(error) => Err(error),
        },
    }
}

/// Whether a place holds its key still, as far as can be told without asking anybody.
fn is_still_there(kept: &Kept) -> bool {
    match kept.key.load(None) {
        Ok(key) => key.matches_check(&kept.key_check),
        // It is there, and most likely the key.
        Err(UnlockError::Source(
            KeySourceError::FileExposed { .. } | KeySourceError::FileUnreadable { .. },
        )) => true,
        Err(_) => false,
    }
}

/// Whether the key was in a place from which it cannot be removed.
fn leaves_something(vault: &Vault) -> bool {
    let retired = vault.retired.as_ref().map(|retired| &retired.key);
    matches!(retired, Some(KeyPlace::Credential { .. }))
}

/// Makes a recovery key; one that was made before is worthless from now on.
pub(crate) fn add_recovery(
    folder: &DataFolder,
    unlocked: &mut Unlocked,
    (random, now): (&dyn RandomSource, Timestamp),
) -> Result<SecretString, UnlockError> {
    let mut vault = settled(unlocked, now)?;
    let key = RecoveryKey::make(random)?;
    let wrapped = RecoveryWrap::wrap(&unlocked.master, &key, random)?;
    let text = key.into_text()?;
    // What goes on paper must open what goes on disk.
    let proof = wrapped.unwrap(&RecoveryKey::parse(&text)?)?;
    if !proof.matches_check(&unlocked.master.check_value()) {
        let place = "the recovery key".to_owned();
        return Err(UnlockError::NotKept { place });
    }
    vault.recovery = Some(Recovery {
        wrapped,
        since: now,
    });
    vault.write(folder)?;
    unlocked.vault = Some(vault);
    Ok(text)
}
