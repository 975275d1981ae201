//! The places where a key is.

use crate::folder::{DataFolder, resolve};
use crate::key_source::{KeySource, UnlockError};
use openalgo_core::port::RandomSource;
use openalgo_crypto::key_source::{Credential, KeyFile, KeySourceError, Keychain, WrappedKey};
use openalgo_crypto::{Argon2Cost, MasterKey};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A place where a key is, as the vault file records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub(crate) enum KeyPlace {
    File { path: PathBuf },
    Keychain { account: String },
    Passphrase { wrapped: WrappedKey },
    Credential { name: String },
}

impl KeyPlace {
    /// The name of the place, as `--key-source` takes it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File { path } => KeySource::File(path.clone()).to_string(),
            Self::Keychain { .. } => KeySource::Keychain.to_string(),
            Self::Passphrase { .. } => "passphrase".to_owned(),
            Self::Credential { name } => KeySource::Credential(name.clone()).to_string(),
        }
    }

    /// Whether it is the same place, however a file is named.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File { path }, Self::File { path: other }) => resolve(path) == resolve(other),
            _ => self == other,
        }
    }

    /// Gets the key.
    pub(crate) fn load(&self, passphrase: Option<&SecretString>) -> Result<MasterKey, UnlockError> {
        Ok(match self {
            Self::File { path } => key_file(path).load()?,
            Self::Keychain { account } => keychain(account).load()?,
            Self::Credential { name } => Credential::of_service(name).load()?,
            Self::Passphrase { wrapped } => {
                wrapped.unwrap(passphrase.ok_or(UnlockError::PassphraseNeeded)?)?
            }
        })
    }

    /// Puts a key there, which was not there before, and sees that it comes back. A wrapped key is
    /// there already, and nothing can be put into a credential.
    pub(crate) fn keep(&self, key: &MasterKey) -> Result<(), UnlockError> {
        match self {
            Self::File { path } => key_file(path).create(key)?,
            Self::Keychain { account } => keychain(account).store(key)?,
            Self::Passphrase { .. } | Self::Credential { .. } => return Ok(()),
        }
        self.verify(&key.check_value(), None)
    }

    /// Sees that the key of this check value comes from there.
    pub(crate) fn verify(
        &self,
        key_check: &str,
        passphrase: Option<&SecretString>,
    ) -> Result<(), UnlockError> {
        if self.load(passphrase)?.matches_check(key_check) {
            Ok(())
        } else {
            let place = self.name();
            Err(UnlockError::NotKept { place })
        }
    }

    /// Removes the key of this check value, where something can be removed.
    pub(crate) fn empty(&self, key_check: &str) -> Result<(), KeySourceError> {
        match self {
            Self::File { path } => key_file(path).remove(key_check),
            Self::Keychain { account } => keychain(account).remove(key_check),
            Self::Passphrase { .. } | Self::Credential { .. } => Ok(()),
        }
    }
}

/// An entry in the keychain that no other data folder of this user has.
pub(super) fn new_entry(random: &dyn RandomSource) -> Result<KeyPlace, UnlockError> {
    let account = make_name(random)?;
    Ok(KeyPlace::Keychain { account })
}

/// The key wrapped with a passphrase, and proved to come back.
pub(super) fn wrapped(
    key: &MasterKey,
    passphrase: &SecretString,
    random: &dyn RandomSource,
) -> Result<KeyPlace, UnlockError> {
    let wrapped = WrappedKey::wrap(key, passphrase, Argon2Cost::PASSPHRASE, random)?;
    proved(wrapped, key, passphrase)
}

/// Another key wrapped with the passphrase that wraps the one before, and proved to come back.
pub(super) fn wrapped_anew(
    before: &WrappedKey,
    key: &MasterKey,
    passphrase: &SecretString,
    random: &dyn RandomSource,
) -> Result<KeyPlace, UnlockError> {
    let wrapped = before.renew(key, passphrase, random)?;
    proved(wrapped, key, passphrase)
}

fn proved(
    wrapped: WrappedKey,
    key: &MasterKey,
    passphrase: &SecretString,
) -> Result<KeyPlace, UnlockError> {
    let place = KeyPlace::Passphrase { wrapped };
    place.verify(&key.check_value(), Some(passphrase))?;
    Ok(place)
}

/// A key file outside the data folder, by its whole path.
pub(super) fn file_outside(folder: &DataFolder, path: &Path) -> Result<KeyPlace, UnlockError> {
    outside(folder, path)?;
    let path = std::path::absolute(path).unwrap_or_else(|_error| path.to_owned());
    Ok(KeyPlace::File { path })
}

pub(super) fn key_file(path: &Path) -> KeyFile {
    KeyFile {
        path: path.to_owned(),
    }
}

fn keychain(account: &str) -> Keychain {
    Keychain {
        account: account.to_owned(),
    }
}

/// A name that no other data folder of this user has.
pub(super) fn make_name(random: &dyn RandomSource) -> Result<String, UnlockError> {
    let mut bytes = [0; 8];
    random.fill(&mut bytes)?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}

/// Refuses a key file inside the data folder.
fn outside(folder: &DataFolder, path: &Path) -> Result<(), UnlockError> {
    if resolve(path).starts_with(resolve(folder.root())) {
        return Err(UnlockError::InsideFolder {
            path: path.to_owned(),
        });
    }
    Ok(())
}
