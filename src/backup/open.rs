//! Opening a backup, and proving that it is sound.

use super::create::KEY_PLACE;
use super::error::BackupError;
use super::format::{BackupInfo, Front};
use crate::file::create_private;
use openalgo_core::port::{Clock, Sealer};
use openalgo_crypto::key_source::{KeySourceError, RecoveryKey};
use openalgo_crypto::{FieldSealer, MasterKey, SystemRandom};
use openalgo_store::{AnchorRule, CheckReport, Keys, OpenError, OpenMode, Store, StoreOptions};
use secrecy::SecretString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What opens a backup.
#[derive(Debug, Clone)]
pub enum BackupSecret {
    /// The passphrase that was given when it was made.
    Passphrase(SecretString),
    /// The recovery key of the folder that it was made of.
    Recovery(SecretString),
}

/// The file of a backup.
#[derive(Debug)]
pub struct Backup {
    path: PathBuf,
    file: File,
    front: Front,
}

/// A backup whose key is at hand.
#[derive(Debug)]
pub(super) struct Unlocked {
    backup: Backup,
    key: MasterKey,
}

impl Backup {
    /// Reads what the file at `path` says about itself. Blocks.
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        let mut file =
            File::open(path).map_err(|error| BackupError::file(BackupError::OPEN, path, error))?;
        let front = Front::read(&mut file, path)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            front,
        })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it says about itself. Only after [`Self::verify`] is that more than a claim.
    pub fn info(&self) -> &BackupInfo {
        &self.front.header.info
    }

    /// Proves that the backup is whole and sound, as sound as `db check` finds a data folder.
    /// Restores nothing and leaves nothing behind.
    pub async fn verify(
        self,
        secret: BackupSecret,
        clock: Arc<dyn Clock>,
    ) -> Result<CheckReport, BackupError> {
        let unlocked = self.unlock(secret).await?;
        let place = tempfile::Builder::new()
            .prefix("openalgo-backup-")
            .tempdir();
        let temporary = std::env::temp_dir();
        let place = place.map_err(|error| BackupError::file("write", &temporary, error))?;
        let store = unlocked
            .lay_out(place.path().join("main.db"), clock)
            .await?;
        let report = store.check().await;
        store.close().await;
        let report = report?;
        let found = place.path().to_owned();
        place
            .close()
            .map_err(|error| BackupError::file("remove", &found, error))?;
        Ok(report)
    }

    /// Gets its key, which also proves what it says about itself.
    pub(super) async fn unlock(self, secret: BackupSecret) -> Result<Unlocked, BackupError> {
        let unlocking = tokio::task::spawn_blocking(move || {
            let key = self.key(&secret)?;
            if !self.front.is_authentic(&key) {
                return Err(BackupError::damaged(&self.path, "its header was changed"));
            }
            Ok(Unlocked { backup: self, key })
        });
        unlocking.await?
    }

    fn key(&self, secret: &BackupSecret) -> Result<MasterKey, BackupError> {
        match secret {
            BackupSecret::Passphrase(text) => {
                let wrapped = &self.front.header.passphrase;
                wrapped.unwrap(text).map_err(|error| self.locked(error))
            }
            BackupSecret::Recovery(text) => {
                let part = self.front.header.recovery.as_ref();
                let part = part.ok_or(BackupError::NoRecovery)?;
                let folder_key = part.folder_key.unwrap(&RecoveryKey::parse(text)?);
                let folder_key = folder_key.map_err(|error| self.locked(error))?;
                let sealer = FieldSealer::new(folder_key.field_key(), Arc::new(SystemRandom));
                let digits = sealer.open(KEY_PLACE, &part.backup_key);
                let digits = digits.map_err(|_altered| {
                    BackupError::damaged(&self.path, "its header was changed")
                })?;
                Ok(MasterKey::from_hex(&digits)?)
            }
        }
    }

    /// Says of this file why it stays shut.
    fn locked(&self, error: KeySourceError) -> BackupError {
        let path = self.path.clone();
        match error {
            KeySourceError::PassphraseWrong => BackupError::WrongPassphrase { path },
            KeySourceError::RecoveryKeyWrong => BackupError::WrongRecoveryKey { path },
            KeySourceError::WrappedKeyMalformed | KeySourceError::WrappedKeyTooCostly { .. } => {
                BackupError::damaged(&path, "its header cannot be read")
            }
            other => other.into(),
        }
    }
}

impl Unlocked {
    /// Opens a copy of the database at `place`, encrypted as it is in the backup.
    pub(super) async fn lay_out(
        self,
        place: PathBuf,
        clock: Arc<dyn Clock>,
    ) -> Result<Store, BackupError> {
        let laid_out = tokio::task::spawn_blocking(move || {
            let Self { mut backup, key } = self;
            extract(&mut backup, &place)?;
            let options = StoreOptions {
                keys: Keys::of(&key, Arc::new(SystemRandom)),
                clock,
                mode: OpenMode::Existing,
                anchor: AnchorRule::Without,
            };
            Store::open(&place, options).map_err(|error| unopened(&backup.path, error))
        });
        laid_out.await?
    }
}

fn extract(backup: &mut Backup, place: &Path) -> Result<(), BackupError> {
    let expected = backup.front.header.info.database_bytes;
    let failed = |error| BackupError::file("write", place, error);
    let mut file = create_private(place).map_err(failed)?;
    let copied = io::copy(&mut backup.file, &mut file).map_err(failed)?;
    if copied == expected {
        return Ok(());
    }
    let finding = format!("its database has {copied} bytes instead of {expected}");
    Err(BackupError::damaged(&backup.path, finding))
}

/// The key was proved by the header, so a database that it does not open is damaged.
fn unopened(path: &Path, error: OpenError) -> BackupError {
    match error {
        OpenError::WrongKeyOrDamaged { .. }
        | OpenError::Damaged { .. }
        | OpenError::PlainSqlite { .. }
        | OpenError::NotADatabase { .. } => {
            BackupError::damaged(path, "its database cannot be read")
        }
        other => other.into(),
    }
}
