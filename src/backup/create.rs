//! Making a backup while the data folder is in use.

use super::error::BackupError;
use super::format::{self, BackupInfo, Header, RecoveryPart};
use crate::file::{self, Scratch};
use crate::open_folder::OpenFolder;
use openalgo_core::port::FieldPlace;
use openalgo_core::port::Sealer;
use openalgo_crypto::key_source::{RecoveryWrap, WrappedKey};
use openalgo_crypto::{Argon2Cost, FieldSealer, MasterKey, SystemRandom};
use openalgo_store::{Keys, Progress};
use secrecy::SecretString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the backup's key is sealed for the folder's own key.
pub(super) const KEY_PLACE: FieldPlace<'static> = FieldPlace {
    table: "backup",
    column: "key",
    row: "master",
};

impl OpenFolder {
    /// Writes a backup of everything in the database to a new file at `path`.
    ///
    /// Whoever has the passphrase can restore it on any machine; so can whoever has the folder's
    /// recovery key. Others go on using the folder meanwhile. The file gets its name when it is
    /// complete and on the disk.
    pub async fn back_up(
        &self,
        path: &Path,
        passphrase: &SecretString,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<BackupInfo, BackupError> {
        let path =
            std::path::absolute(path).map_err(|error| BackupError::file("find", path, error))?;
        let (database, draft) = prepare(path.clone()).await?;
        let (key, wrapped) = make_key(passphrase.clone()).await?;
        let keys = Keys::of(&key, Arc::new(SystemRandom));
        self.store.copy_to(&database.0, keys, progress).await?;
        let info = BackupInfo {
            created_at: self.store.now(),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            schema_version: self.schema_version().await?,
            database_bytes: size_of(&database.0)?,
        };
        let header = Header {
            info: info.clone(),
            passphrase: wrapped,
            recovery: self.recovery_part(&key)?,
        };
        let finished = tokio::task::spawn_blocking(move || {
            format::write((&draft.0, &database.0), &header, &key)
                .map_err(|error| BackupError::file("write", &path, error))?;
            file::publish(&draft.0, &path).map_err(|error| unwritten(&path, error))
        });
        finished.await??;
        Ok(info)
    }

    async fn schema_version(&self) -> Result<String, BackupError> {
        let summary = self.store.summary().await?;
        Ok(summary.schema_version().unwrap_or_default().to_owned())
    }

    /// The backup's key for whoever has the folder's recovery key, if there is one.
    fn recovery_part(&self, key: &MasterKey) -> Result<Option<RecoveryPart>, BackupError> {
        let Some(folder_key) = recovery_wrap(self) else {
            return Ok(None);
        };
        let sealer = FieldSealer::new(self.unlocked.master.field_key(), Arc::new(SystemRandom));
        Ok(Some(RecoveryPart {
            folder_key,
            backup_key: sealer.seal(KEY_PLACE, &key.to_hex())?,
        }))
    }
}

/// The folder's master key, wrapped by its recovery key.
fn recovery_wrap(folder: &OpenFolder) -> Option<RecoveryWrap> {
    let recovery = folder.unlocked.vault.as_ref()?.recovery.as_ref()?;
    Some(recovery.wrapped.clone())
}

/// Takes the names beside the file that the work needs. What keeps a file from being made there is
/// said of the file that was named, which alone its owner knows.
async fn prepare(path: PathBuf) -> Result<(Scratch, Scratch), BackupError> {
    let prepared = tokio::task::spawn_blocking(move || {
        file::refuse_existing(&path).map_err(|error| unwritten(&path, error))?;
        if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
            let folder = folder.to_owned();
            return Err(BackupError::NoFolder { path, folder });
        }
        let failed = |error| BackupError::file("write", &path, error);
        let scratch = |suffix| Scratch::new(file::beside(&path, suffix)).map_err(failed);
        let (database, draft) = (scratch(".database")?, scratch(".new")?);
        file::create_private(&draft.0).map_err(failed)?;
        file::remove(&draft.0).map_err(failed)?;
        Ok((database, draft))
    });
    prepared.await?
}

async fn make_key(passphrase: SecretString) -> Result<(MasterKey, WrappedKey), BackupError> {
    let made = tokio::task::spawn_blocking(move || {
        let key = MasterKey::make(&SystemRandom)?;
        let cost = Argon2Cost::PASSPHRASE;
        let wrapped = WrappedKey::wrap(&key, &passphrase, cost, &SystemRandom)?;
        Ok((key, wrapped))
    });
    made.await?
}

/// What failed about the file that was named; that there is one already is said in its own words.
fn unwritten(path: &Path, error: io::Error) -> BackupError {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return BackupError::Exists { path: path.into() };
    }
    BackupError::file("write", path, error)
}

fn size_of(path: &Path) -> Result<u64, BackupError> {
    let size = path.metadata().map(|file| file.len());
    size.map_err(|error| BackupError::file("read", path, error))
}
