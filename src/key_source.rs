//! Where the master key of a data folder lives.

use openalgo_core::port::CryptoError;
use openalgo_crypto::key_source::{Credential, KeySourceError};
use secrecy::SecretString;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use thiserror::Error;

/// Where the master key lives.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// In the keychain of the operating system.
    Keychain,
    /// Wrapped by a passphrase, in the data folder.
    Passphrase(SecretString),
    /// In a file that only its owner can read, outside the data folder.
    File(PathBuf),
    /// In a credential of this name that systemd hands to the service; only ever read.
    Credential(String),
    /// Nowhere any more: the text of the recovery key opens an existing folder.
    Recovery(SecretString),
}

impl KeySource {
    /// The passphrase, where there is one.
    pub(crate) fn passphrase(&self) -> Option<&SecretString> {
        match self {
            Self::Passphrase(passphrase) => Some(passphrase),
            Self::Keychain | Self::File(_) | Self::Credential(_) | Self::Recovery(_) => None,
        }
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keychain => f.write_str("keychain"),
            Self::Passphrase(_) => f.write_str("passphrase"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Credential(name) if name == Credential::NAME => f.write_str("credential"),
            Self::Credential(name) => write!(f, "credential:{name}"),
            Self::Recovery(_) => f.write_str("recovery key"),
        }
    }
}

/// A text that names no key source.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "'{0}' is no key source; use keychain, passphrase, file:PATH, credential or credential:NAME"
)]
pub struct KeySourceParseError(String);

/// The kinds of key sources, as people name them; a passphrase is asked for later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySourceName {
    /// `keychain`
    Keychain,
    /// `passphrase`
    Passphrase,
    /// `file:PATH`
    File(PathBuf),
    /// `credential` or `credential:NAME`
    Credential(String),
}

impl fmt::Display for KeySourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keychain => KeySource::Keychain.fmt(f),
            Self::Passphrase => f.write_str("passphrase"),
            Self::File(path) => KeySource::File(path.clone()).fmt(f),
            Self::Credential(name) => KeySource::Credential(name.clone()).fmt(f),
        }
    }
}

impl FromStr for KeySourceName {
    type Err = KeySourceParseError;

    fn from_str(text: &str) -> Result<Self, KeySourceParseError> {
        match text.split_once(':').unwrap_or((text, "")) {
            ("keychain", "") => Ok(Self::Keychain),
            ("passphrase", "") => Ok(Self::Passphrase),
            ("file", path) if !path.is_empty() => Ok(Self::File(path.into())),
            ("credential", "") => Ok(Self::Credential(Credential::NAME.to_owned())),
            // It is the name of a file in a folder of systemd's.
            ("credential", name) if !name.contains(['/', '\\']) && !name.starts_with('.') => {
                Ok(Self::Credential(name.to_owned()))
            }
            _ => Err(KeySourceParseError(text.to_owned())),
        }
    }
}

/// Why the master key is not at hand.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// The key source failed.
    #[error(transparent)]
    Source(#[from] KeySourceError),
    /// The data folder does not say where its key is.
    #[error("the data folder {folder} does not say where its key is")]
    Unknown {
        /// The folder.
        folder: PathBuf,
    },
    /// The data folder's key is wrapped by a passphrase, and none was given.
    #[error("the data folder is locked with a passphrase")]
    PassphraseNeeded,
    /// The key of the data folder is somewhere else.
    #[error("the key of this data folder is not kept in {asked} but in {recorded}")]
    NotThere {
        /// Where it was asked for.
        asked: String,
        /// Where it is kept.
        recorded: String,
    },
    /// The key is a key, but not that of this data folder.
    #[error("the key in {source_name} is not the key of this data folder")]
    WrongKey {
        /// Where the key came from.
        source_name: String,
    },
    /// What was asked for by name gives no key of this folder, whose key is somewhere else.
    #[error("{source}; the key of this data folder is in {recorded}")]
    NamedElsewhere {
        /// Where the folder's key is.
        recorded: String,
        /// What is wrong with what was asked for.
        source: Box<UnlockError>,
    },
    /// The folder has no recovery key.
    #[error("the data folder {folder} has no recovery key")]
    NoRecoveryKey {
        /// The folder.
        folder: PathBuf,
    },
    /// A change of the key that was interrupted could not be finished or undone.
    #[error(
        "an earlier change of the key is not finished: what keeps it from that stands in the log"
    )]
    Unsettled,
    /// A key that is only read where it is cannot be changed there.
    #[error("a credential of systemd cannot be written, and so the key cannot be changed in it")]
    ReadOnlyPlace,
    /// The key is already where it was to be moved.
    #[error("the key is kept in {place} already")]
    AlreadyThere {
        /// Where it is.
        place: String,
    },
    /// What was written does not come back as it was.
    #[error("{place} does not give back the key that was put there; the key stays where it is")]
    NotKept {
        /// Where it was put.
        place: String,
    },
    /// A key file inside the folder that it protects.
    #[error(
        "the key file {path} lies inside the data folder, where a copy of the data would carry the key along"
    )]
    InsideFolder {
        /// The file.
        path: PathBuf,
    },
    /// The vault file cannot be read or written.
    #[error("{path} cannot be used: {reason}")]
    Vault {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The vault file cannot be written; what stood in it stands there still.
    #[error("cannot write {}", path.display())]
    VaultUnwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No key could be made.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The system does not say where key files belong.
    #[error(transparent)]
    Folder(#[from] crate::folder::FolderError),
}
