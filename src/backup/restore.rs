//! Making a new data folder from a backup.
//!
//! The new folder's key is in its place before there is a database, and the database gets its name
//! last, when everything in it has been halted: whoever kills this leaves no folder that looks
//! restored, and the next attempt goes through.

use super::error::BackupError;
use super::format::BackupInfo;
use super::open::{Backup, BackupSecret};
use crate::file;
use crate::folder::{DataFolder, FolderError, PlaceRule};
use crate::key_source::KeySource;
use crate::lock::FolderLock;
use crate::vault;
use openalgo_core::market::Timestamp;
use openalgo_core::port::Clock;
use openalgo_crypto::SystemRandom;
use openalgo_store::{Keys, Progress, Store};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where the database of the backup lies while it is being restored.
const SCRATCH: &str = "restoring";
/// The database of the new folder until it gets its name.
const DRAFT: &str = "main.db.new";

/// What a restore that was killed leaves in a folder: no reason to refuse it.
const OWN: [&str; 9] = [
    "instance.lock",
    "instance.json",
    "vault.json",
    "vault.json.new",
    DRAFT,
    "main.db.new-journal",
    "main.db-anchor",
    "logs",
    SCRATCH,
];

/// Where a backup goes.
#[derive(Debug)]
pub struct RestoreTarget {
    /// A folder that is empty or does not exist.
    pub folder: DataFolder,
    /// Where the folder may lie.
    pub place: PlaceRule,
    /// Where the new folder's key goes; as with every new folder if nothing is said.
    pub key_source: Option<KeySource>,
    /// Tells the time of what is halted.
    pub clock: Arc<dyn Clock>,
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// What the backup says about itself.
    pub info: BackupInfo,
    /// Where the new folder's key is, as `--key-source` names it.
    pub key_source: String,
    /// Whether that is a key file because there is no keychain.
    pub fell_back_to_key_file: bool,
}

impl Backup {
    /// Makes a new data folder under a fresh key from the backup, which is proved to be sound
    /// before.
    ///
    /// The folder starts halted: broker tokens are dropped, sessions ended, strategies off, and
    /// every user's kill switch is on, so that two copies never trade side by side.
    pub async fn restore(
        self,
        secret: BackupSecret,
        target: RestoreTarget,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Restored, BackupError> {
        let (path, info) = (self.path().to_owned(), self.info().clone());
        let unlocked = self.unlock(secret).await?;
        let RestoreTarget {
            folder,
            place,
            key_source,
            clock,
        } = target;
        let (root, now) = (folder.clone(), clock.now());
        let (lock, scratch) = tokio::task::spawn_blocking(move || prepare(&root, place)).await??;
        let store = unlocked.lay_out(scratch.0.join("main.db"), clock).await?;
        let finished = finish(&store, (&folder, key_source, now), &path, progress).await;
        store.close().await;
        let unlocked = finished?;
        drop(scratch);
        drop(lock);
        Ok(Restored {
            info,
            key_source: unlocked.source,
            fell_back_to_key_file: unlocked.fell_back_to_file,
        })
    }
}

async fn finish(
    store: &Store,
    (folder, key_source, now): (&DataFolder, Option<KeySource>, Timestamp),
    backup: &Path,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<vault::Unlocked, BackupError> {
    let report = store.check().await?;
    if let Some((name, finding)) = report.findings().next() {
        return Err(BackupError::damaged(backup, format!("{name}: {finding}")));
    }
    let place = folder.clone();
    let unlocked = tokio::task::spawn_blocking(move || {
        vault::create(&place, key_source.as_ref(), &SystemRandom, now)
    });
    let unlocked = unlocked.await??;
    let keys = Keys::of(&unlocked.master, Arc::new(SystemRandom));
    store.restore_to(&folder.database(), keys, progress).await?;
    Ok(unlocked)
}

/// Makes the folder if need be, takes it, and makes the place for the backup's database.
fn prepare(
    folder: &DataFolder,
    place: PlaceRule,
) -> Result<(FolderLock, ScratchFolder), BackupError> {
    folder.examine()?;
    folder.examine_place(place)?;
    refuse_unless_empty(folder)?;
    folder.create()?;
    let lock = FolderLock::take(folder, Duration::ZERO)?;
    // Asked again under the lock: somebody else may have made something meanwhile.
    refuse_unless_empty(folder)?;
    let scratch = folder.root().join(SCRATCH);
    let made = file::remove_folder(&scratch).and_then(|()| crate::folder::private_folder(&scratch));
    made.map_err(|error| BackupError::file("write", &scratch, error))?;
    Ok((lock, ScratchFolder(scratch)))
}

fn refuse_unless_empty(folder: &DataFolder) -> Result<(), BackupError> {
    let unusable = |error| FolderError::unusable(folder.root(), error);
    let entries = match fs::read_dir(folder.root()) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(unusable)?,
    };
    for entry in entries {
        let found = entry.map_err(unusable)?.file_name();
        let found = found.to_string_lossy();
        if !OWN.contains(&found.as_ref()) {
            let (folder, found) = (folder.root().to_owned(), found.into_owned());
            return Err(BackupError::NotEmpty { folder, found });
        }
    }
    Ok(())
}

/// Removes what a restore left that was killed when the database had its name already: nobody needs
/// it any more, and it opens with other keys than the folder's next one.
pub(crate) fn discard_unfinished(folder: &DataFolder) {
    let [scratch, draft] = [SCRATCH, DRAFT].map(|name| folder.root().join(name));
    let removed = file::remove_folder(&scratch).and_then(|()| file::remove(&draft));
    if let Err(error) = removed {
        tracing::warn!(%error, "the rest of a restore stays behind");
    }
}

/// A folder that is removed in the end, whatever happens.
#[derive(Debug)]
struct ScratchFolder(PathBuf);

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        if let Err(error) = file::remove_folder(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "an unfinished folder stays behind");
        }
    }
}
