//! Writing the journal to a file: one JSON object in each line.

use super::{JournalError, JournalPart, PAGE};
use crate::file::{self, Scratch};
use crate::open_folder::OpenFolder;
use openalgo_core::journal::StoredEntry;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What happens to a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportRule {
    /// It is left alone, and nothing is written.
    Keep,
    /// The new one takes its place when it is complete.
    Replace,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The file.
    pub path: PathBuf,
    /// How many entries are in it.
    pub entries: u64,
}

impl OpenFolder {
    /// Writes entries of the journal to a file at `path` that only its owner may read, and tells how
    /// many of how many are written so far.
    ///
    /// What is written is what there was when it began; orders go on meanwhile. The file gets its
    /// name when it is complete and on the disk.
    pub async fn export_journal(
        &self,
        part: &JournalPart,
        (path, rule): (&Path, ExportRule),
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Exported, JournalError> {
        let scope = self.scope(part).await?;
        let path = std::path::absolute(path).map_err(|error| JournalError::file(path, error))?;
        self.refuse_reserved(&path)?;
        let made = tokio::task::spawn_blocking(move || Draft::create(path, rule));
        let mut draft = made.await??;
        let extent = self.store.journal().extent(&scope).await?;
        let (mut after, mut entries) = (0, 0_u64);
        while after < extent.last {
            progress(entries, extent.entries);
            let mut page = self.store.journal().entries(&scope, after, PAGE).await?;
            page.retain(|entry| entry.number <= extent.last);
            let Some(last) = page.last() else { break };
            after = last.number;
            entries = entries.saturating_add(u64::try_from(page.len()).unwrap_or_default());
            let writing = tokio::task::spawn_blocking(move || draft.write(&page));
            draft = writing.await??;
        }
        progress(entries, extent.entries);
        let path = tokio::task::spawn_blocking(move || draft.publish()).await??;
        Ok(Exported { path, entries })
    }

    /// No journal takes the place of what the folder lives by, whatever rule is given.
    fn refuse_reserved(&self, path: &Path) -> Result<(), JournalError> {
        let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().map(real).unwrap_or_default();
        let what = if folder.starts_with(real(self.folder().root())) {
            "in the data folder"
        } else if self.key_file().is_some_and(|key| real(key) == real(path)) {
            "the key of the data folder"
        } else if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            "no file of its own"
        } else {
            return Ok(());
        };
        let path = path.to_owned();
        Err(JournalError::Reserved { path, what })
    }
}

/// The file until it is complete.
struct Draft {
    path: PathBuf,
    rule: ExportRule,
    file: BufWriter<File>,
    scratch: Scratch,
}

impl Draft {
    fn create(path: PathBuf, rule: ExportRule) -> Result<Self, JournalError> {
        let failed = |error| JournalError::file(&path, error);
        if rule == ExportRule::Keep {
            file::refuse_existing(&path).map_err(failed)?;
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
            let folder = folder.to_owned();
            return Err(JournalError::NoFolder { path, folder });
        }
        let scratch = format!(".{}.new", std::process::id());
        let scratch = Scratch::new(file::beside(&path, &scratch)).map_err(failed)?;
        let file = file::create_private(&scratch.0).map_err(failed)?;
        Ok(Self {
            file: BufWriter::new(file),
            path,
            rule,
            scratch,
        })
    }

    fn write(mut self, entries: &[StoredEntry]) -> Result<Self, JournalError> {
        for entry in entries {
            serde_json::to_writer(&mut self.file, entry)
                .map_err(io::Error::from)
                .and_then(|()| self.file.write_all(b"\n"))
                .map_err(|error| JournalError::file(&self.path, error))?;
        }
        Ok(self)
    }

    fn publish(self) -> Result<PathBuf, JournalError> {
        let Self {
            path,
            rule,
            file,
            scratch,
        } = self;
        let written = || -> io::Result<()> {
            file.into_inner()
                .map_err(io::IntoInnerError::into_error)?
                .sync_all()?;
            match rule {
                ExportRule::Keep => file::publish(&scratch.0, &path),
                ExportRule::Replace => {
                    fs::rename(&scratch.0, &path)?;
                    file::sync_parent(&path)
                }
            }
        };
        written().map_err(|error| JournalError::file(&path, error))?;
        Ok(path)
    }
}
