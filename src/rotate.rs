//! Another key for the data of an open folder; the protocol stands in `vault/rotation`.

use crate::key_source::UnlockError;
use crate::open_folder::OpenFolder;
use crate::vault::{self, Kept, Unlocked};
use openalgo_core::port::StoreError;
use openalgo_crypto::SystemRandom;
use openalgo_store::{
    AnchorRule, CopyError, Keys, OpenError, OpenMode, Progress, Store, StoreOptions, replace,
};
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::Arc;
use thiserror::Error;
use tokio::task::JoinError;

/// How the key of a folder is changed.
#[derive(Debug, Default)]
pub struct RotateKey {
    /// The passphrase that wraps the key, where one does. It stays the same.
    pub passphrase: Option<SecretString>,
    /// A key file that keeps the old key, for copies of the database that were made before. It is
    /// new, or holds this very key already.
    pub keep_old: Option<PathBuf>,
}

/// A key that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRotated {
    /// Where the new key is, as `--key-source` names it.
    pub source: String,
    /// Where the folder's key was before, if the key was named from another file: the new one takes
    /// the place of that file, which is the folder's place from now on.
    pub moved_from: Option<String>,
    /// Whether there was a recovery key, which opens this folder no more.
    pub had_recovery_key: bool,
}

/// Why a key was not changed. The folder opens all the same.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RotateKeyError {
    /// The new key could not be kept.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The data could not be written under the new key.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The copy cannot be opened, or not be put in its place.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The copy cannot be examined.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy is not sound.
    #[error("the data under the new key is not sound and was not used: {finding}")]
    Unsound {
        /// What is wrong with it.
        finding: String,
    },
    /// The runtime was stopped meanwhile.
    #[error("changing the key was interrupted")]
    Interrupted(#[source] JoinError),
}

impl OpenFolder {
    /// Makes a new master key in the same kind of place and encrypts everything again: file,
    /// fields and journal. Closes the folder.
    ///
    /// A process that is killed at any moment leaves a folder that opens, with the old key or with
    /// the new one. The recovery key is worthless afterwards, and so is the old key for this
    /// folder; copies of the database that were made before still need it.
    pub async fn rotate_key(
        mut self,
        with: RotateKey,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<KeyRotated, RotateKeyError> {
        let vault = self.unlocked.vault.as_ref();
        let had_recovery_key = vault.is_some_and(|vault| vault.recovery.is_some());
        let moved_from = vault::named_from_elsewhere(&self.unlocked);
        let begun = tokio::task::spawn_blocking(move || {
            let begun = self.begin_rotation(&with);
            (self, begun)
        });
        let (files, begun) = begun.await.map_err(RotateKeyError::Interrupted)?;
        let (outcome, kept) = match begun {
            Ok((new, kept)) => {
                let copied = files.copy_under(&new, progress).await;
                (copied.map(|()| new), kept)
            }
            Err(error) => (Err(error.into()), None),
        };
        files.store.close().await;
        let finished = tokio::task::spawn_blocking(move || files.end_rotation(outcome, kept));
        let source = finished.await.map_err(RotateKeyError::Interrupted)??;
        Ok(KeyRotated {
            source,
            moved_from,
            had_recovery_key,
        })
    }

    /// Gives the state under the new key, and the file that was made to keep the old one.
    fn begin_rotation(
        &mut self,
        with: &RotateKey,
    ) -> Result<(Unlocked, Option<Kept>), UnlockError> {
        let tools = (&SystemRandom as _, self.clock.now());
        let passphrase = with.passphrase.as_ref();
        let new = vault::begin_rotation(&self.folder, &mut self.unlocked, passphrase, tools)?;
        let kept = match &with.keep_old {
            Some(path) => vault::keep_old(&self.folder, &self.unlocked, path)?,
            None => None,
        };
        Ok((new, kept))
    }

    /// Writes everything under the new key beside the database, and examines it.
    async fn copy_under(
        &self,
        new: &Unlocked,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), RotateKeyError> {
        let path = self.folder.copy_under_new_key();
        let keys = || Keys::of(&new.master, Arc::new(SystemRandom));
        self.store.rekey_to(&path, keys(), progress).await?;
        let options = StoreOptions {
            keys: keys(),
            clock: Arc::clone(&self.clock),
            mode: OpenMode::Existing,
            anchor: AnchorRule::Hold,
        };
        let opened = tokio::task::spawn_blocking(move || Store::open(&path, options));
        let copy = opened.await.map_err(RotateKeyError::Interrupted)??;
        let report = copy.check().await;
        copy.close().await;
        let report = report?;
        match report.findings().next() {
            None => Ok(()),
            Some((check, finding)) => Err(RotateKeyError::Unsound {
                finding: format!("{check}: {finding}"),
            }),
        }
    }

    /// Puts the copy in its place, or undoes what was announced, when the database is closed.
    fn end_rotation(
        mut self,
        outcome: Result<Unlocked, RotateKeyError>,
        kept: Option<Kept>,
    ) -> Result<String, RotateKeyError> {
        let now = self.clock.now();
        match outcome {
            Ok(mut new) => {
                // Whether a failure came before or after the copy had its place is not known: the
                // change stays announced, the next opening tries both keys, and what keeps the old
                // one stays, too.
                replace(&self.folder.database(), &self.folder.copy_under_new_key())?;
                vault::settle(&self.folder, &mut new, now);
                Ok(new.source)
            }
            Err(error) => {
                vault::settle(&self.folder, &mut self.unlocked, now);
                if let Some(kept) = kept {
                    vault::discard_kept(&kept);
                }
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests;
