//! Where the master key of a data folder lives.

use openalgo_core::port::CryptoError;
use openalgo_crypto::key_source::KeySourceError;
use secrecy::SecretString;
use std::fmt;
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
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keychain => f.write_str("keychain"),
            Self::Passphrase(_) => f.write_str("passphrase"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

/// A text that names no key source.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' is no key source; use keychain, passphrase or file:PATH")]
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
}

impl FromStr for KeySourceName {
    type Err = KeySourceParseError;

    fn from_str(text: &str) -> Result<Self, KeySourceParseError> {
        match (text, text.strip_prefix("file:")) {
            ("keychain", _) => Ok(Self::Keychain),
            ("passphrase", _) => Ok(Self::Passphrase),
            (_, Some(path)) if !path.is_empty() => Ok(Self::File(path.into())),
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
    /// No key could be made.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The system does not say where key files belong.
    #[error(transparent)]
    Folder(#[from] crate::folder::FolderError),
}
