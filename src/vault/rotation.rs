//! Another key for the same data.
//!
//! The protocol, of which [`super::settle`] is the other half:
//!
//! 1. the vault file announces the place of the new key (`pending`);
//! 2. the new key is put there and read back;
//! 3. the database is copied under the new key, to another name, and the copy is examined;
//! 4. the database is closed, and the copy takes its place in one step, of which its anchor knows;
//! 5. the new key takes the place of the old one, and the vault file names it.
//!
//! Before step 4 the old key opens the database, after it the new one. Both are at hand until
//! step 5, whenever this is interrupted.

use super::Unlocked;
use super::change::{is_there, settled};
use super::file::Kept;
use super::place::{KeyPlace, file_outside, key_file, new_entry, wrapped_anew};
use crate::file;
use crate::folder::{DataFolder, resolve};
use crate::key_source::UnlockError;
use openalgo_core::market::Timestamp;
use openalgo_core::port::RandomSource;
use openalgo_crypto::MasterKey;
use openalgo_crypto::key_source::{KeyFile, KeySourceError};
use secrecy::SecretString;
use std::path::Path;

/// Where a new key waits for the place of the old one.
pub(super) fn next_of(path: &Path) -> KeyFile {
    key_file(path).beside(".next")
}

/// Steps 1 and 2: makes a new key in the same kind of place and announces it. Gives the state in
/// which the new key opens the data.
pub(crate) fn begin(
    folder: &DataFolder,
    unlocked: &mut Unlocked,
    passphrase: Option<&SecretString>,
    (random, now): (&dyn RandomSource, Timestamp),
) -> Result<Unlocked, UnlockError> {
    let mut vault = settled(unlocked, now)?;
    let master = MasterKey::make(random)?;
    let place = match &vault.key {
        KeyPlace::File { path } => KeyPlace::File {
            path: next_of(path).path,
        },
        KeyPlace::Keychain { .. } => new_entry(random)?,
        KeyPlace::Passphrase { wrapped } => {
            let passphrase = passphrase.ok_or(UnlockError::PassphraseNeeded)?;
            // The same passphrase, and not a slip that would lock everybody out.
            wrapped_anew(wrapped, &master, passphrase, random)?
        }
        KeyPlace::Credential { .. } => return Err(UnlockError::ReadOnlyPlace),
    };
    discard_copy(folder);
    vault.pending = Some(Kept {
        key: place.clone(),
        key_check: master.check_value(),
    });
    vault.write(folder)?;
    unlocked.vault = Some(vault.clone());
    place.keep(&master)?;
    Ok(Unlocked {
        master,
        source: place.name(),
        place: Some(place),
        vault: Some(vault),
        fell_back_to_file: false,
        had_key: false,
    })
}

/// Keeps the key that is to be replaced in a file of its own, for copies of the database that were
/// made before. Gives what was made for it: nothing where a file holds this very key already, as a
/// rotation that was killed leaves it.
pub(crate) fn keep_old(
    folder: &DataFolder,
    unlocked: &Unlocked,
    path: &Path,
) -> Result<Option<Kept>, UnlockError> {
    if let Some(KeyPlace::File { path: own }) = unlocked.vault.as_ref().map(|vault| &vault.key)
        && resolve(own) == resolve(path)
    {
        // The new key takes the place of this one.
        let path = path.to_owned();
        return Err(KeySourceError::FileExists { path }.into());
    }
    let kept = Kept {
        key: file_outside(folder, path)?,
        key_check: unlocked.master.check_value(),
    };
    if is_there(&kept)? {
        return Ok(None);
    }
    kept.key.keep(&unlocked.master)?;
    Ok(Some(kept))
}

/// Removes what was made to keep a key that was not replaced: nobody would know of it.
pub(crate) fn discard_kept(kept: &Kept) {
    if let Err(error) = kept.key.empty(&kept.key_check) {
        let place = kept.key.name();
        tracing::warn!(%place, %error, "a copy of the key stays behind, which still opens the data");
    }
}

/// Removes what an unfinished rotation left of its copy, which nobody has used.
pub(super) fn discard_copy(folder: &DataFolder) {
    let copy = folder.copy_under_new_key();
    for suffix in [
        "", "-wal", "-shm", "-journal", "-anchor", ".new", ".new-wal", ".new-shm",
    ] {
        let mut path = copy.clone().into_os_string();
        path.push(suffix);
        if let Err(error) = file::remove(path.as_ref()) {
            tracing::warn!(%error, "an unfinished copy of the database stays behind");
        }
    }
}
