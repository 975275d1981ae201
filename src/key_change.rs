//! Changes of the key of an open folder. Each takes the folder and closes it: whoever needs it
//! afterwards opens it again.

use crate::key_source::{KeySource, UnlockError};
use crate::open_folder::OpenFolder;
use crate::vault;
use openalgo_core::port::CryptoError;
use openalgo_crypto::SystemRandom;
use secrecy::SecretString;

/// A key that was moved to another place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMoved {
    /// Where it was.
    pub from: String,
    /// Where it is.
    pub to: String,
    /// Whether it is still where it was, too: it could not be removed there or, where a recovery
    /// key was used, nobody was asked to remove it.
    pub is_left_behind: bool,
}

impl OpenFolder {
    /// Moves the key to another place, or wraps it with another passphrase. The data is not
    /// touched. The old place is emptied when the new one has proved to give the key back.
    pub async fn move_key(self, to: KeySource) -> Result<KeyMoved, UnlockError> {
        self.store.close().await;
        in_the_background(move || {
            let tools = (&SystemRandom as _, self.clock.now());
            vault::move_to(&self.folder, &self.unlocked, &to, tools)
        })
        .await
    }

    /// Makes a recovery key, which is shown once and opens the folder when the place of the key is
    /// lost. One that was made before is worthless from now on.
    pub async fn make_recovery_key(mut self) -> Result<SecretString, UnlockError> {
        self.store.close().await;
        in_the_background(move || {
            let tools = (&SystemRandom as _, self.clock.now());
            vault::add_recovery(&self.folder, &mut self.unlocked, tools)
        })
        .await
    }
}

/// Keychains and passphrases take their time.
async fn in_the_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, UnlockError> + Send + 'static,
) -> Result<T, UnlockError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_interrupted| {
        let operation = "changing the place of the key";
        Err(CryptoError::Failed { operation }.into())
    })
}
