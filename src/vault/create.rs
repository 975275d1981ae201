//! The key of a new folder.

use super::file::Vault;
use super::place::{KeyPlace, file_outside, key_file, make_name, new_entry, wrapped};
use super::{Unlocked, unlock};
use crate::folder::DataFolder;
use crate::key_source::{KeySource, UnlockError};
use openalgo_core::market::Timestamp;
use openalgo_core::port::RandomSource;
use openalgo_crypto::MasterKey;
use openalgo_crypto::key_source::{Credential, Keychain};
use std::path::Path;

/// Makes the key of a new data folder. A key that is in the named place already is taken.
pub(crate) fn create(
    folder: &DataFolder,
    asked: Option<&KeySource>,
    random: &dyn RandomSource,
    now: Timestamp,
) -> Result<Unlocked, UnlockError> {
    if let Some(vault) = Vault::read(folder)? {
        // An earlier start got as far as the key and no further.
        let found = unlock::recorded(folder, &vault, asked)?;
        let mut unlocked = found.first;
        unlocked.had_key = true;
        return Ok(unlocked);
    }
    let (place, master, fell_back_to_file) = match asked {
        Some(KeySource::File(path)) => in_file(folder, path, random)?,
        Some(KeySource::Keychain) => in_keychain(random)?,
        Some(KeySource::Passphrase(passphrase)) => {
            let master = MasterKey::make(random)?;
            (wrapped(&master, passphrase, random)?, master, false)
        }
        Some(KeySource::Credential(name)) => {
            let name = name.clone();
            let master = Credential::of_service(&name).load()?;
            (KeyPlace::Credential { name }, master, false)
        }
        Some(KeySource::Recovery(_)) => {
            let folder = folder.root().to_owned();
            return Err(UnlockError::NoRecoveryKey { folder });
        }
        None => in_default_place(folder, random)?,
    };
    let vault = Vault::new(place.clone(), master.check_value(), now);
    vault.write(folder)?;
    Ok(Unlocked {
        master,
        source: place.name(),
        place: Some(place),
        vault: Some(vault),
        fell_back_to_file,
        had_key: false,
    })
}

type Made = (KeyPlace, MasterKey, bool);

fn in_file(
    folder: &DataFolder,
    path: &Path,
    random: &dyn RandomSource,
) -> Result<Made, UnlockError> {
    let place = file_outside(folder, path)?;
    let master = if path.exists() {
        let master = place.load(None)?;
        // A start that was killed may have left the key in a draft, too.
        if let Err(error) = key_file(path).remove_draft() {
            tracing::warn!(%error, "the draft of the key file may stay behind");
        }
        master
    } else {
        let master = MasterKey::make(random)?;
        place.keep(&master)?;
        master
    };
    Ok((place, master, false))
}

fn in_keychain(random: &dyn RandomSource) -> Result<Made, UnlockError> {
    let place = new_entry(random)?;
    let master = MasterKey::make(random)?;
    place.keep(&master)?;
    Ok((place, master, false))
}

/// The keychain where there is a usable one, else a key file of this user.
fn in_default_place(folder: &DataFolder, random: &dyn RandomSource) -> Result<Made, UnlockError> {
    if Keychain::is_available() {
        match in_keychain(random) {
            Ok(made) => return Ok(made),
            Err(error) => tracing::info!(error = %error, "the keychain takes no key"),
        }
    }
    let path = DataFolder::key_folder()?.join(format!("{}.key", make_name(random)?));
    let (place, master, _) = in_file(folder, &path, random)?;
    Ok((place, master, true))
}
