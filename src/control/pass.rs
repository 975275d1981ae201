//! The right to speak while a folder is unlocked, without its key.
//!
//! A pass is 32 random bytes in a file that only this user can read. The owner that made it
//! accepts it in place of the key until it ends, and then removes it.

use super::handshake::Credential;
use super::private;
use crate::folder::DataFolder;
use openalgo_core::port::CryptoError;
use openalgo_crypto::{ControlKey, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;
use zeroize::Zeroizing;

/// Why no pass was handed out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PassError {
    /// There is no place for it that only this user can look into.
    #[error("there is no safe place for the pass of this data folder: {0}")]
    NoPlace(#[from] io::Error),
    /// There are no random bytes.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// The file of a pass; removed when dropped.
#[derive(Debug)]
pub(super) struct PassFile(PathBuf);

impl PassFile {
    /// Makes a pass and puts it where callers look for it.
    pub(super) fn make(folder: &DataFolder) -> Result<(Self, ControlKey), PassError> {
        let key = ControlKey::make(&SystemRandom)?;
        let path = path(folder)?;
        // What is there was left by an owner that was killed.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        let made = Self(path);
        file.write_all(key.to_hex().expose_secret().as_bytes())?;
        Ok((made, key))
    }
}

impl Drop for PassFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::warn!(error = %error, "the pass of the data folder was not removed");
        }
    }
}

impl DataFolder {
    /// The pass to this folder, if somebody has unlocked it and handed one out.
    pub fn pass(&self) -> Option<Credential> {
        let path = path(self).ok()?;
        let digits = read_private(&path).ok()?;
        ControlKey::from_hex(&digits).ok().map(Credential::Pass)
    }
}

fn path(folder: &DataFolder) -> io::Result<PathBuf> {
    Ok(private::folder()?.join(format!("{}.pass", private::name_of(folder)?)))
}

fn read_private(path: &Path) -> io::Result<SecretString> {
    let text = Zeroizing::new(fs::read_to_string(path)?);
    Ok(SecretString::from(text.as_str()))
}
