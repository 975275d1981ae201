//! The file that is recorded into. It is written on a thread that may wait for the disk.

use super::RecordError;
use openalgo_brokers::recording::RecordingError;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How many blocks may wait for the disk before prices do.
const WAITING: usize = 16;

pub(super) struct Sink {
    path: PathBuf,
    blocks: mpsc::Sender<Vec<u8>>,
    /// Gives how much was written.
    writing: JoinHandle<io::Result<u64>>,
}

impl Sink {
    /// Makes the file, which must not be there, with its first bytes.
    pub(super) async fn create(path: &Path, first: Vec<u8>) -> Result<Self, RecordError> {
        let (blocks, waiting) = mpsc::channel(WAITING);
        let place = path.to_owned();
        let made = tokio::task::spawn_blocking(move || {
            let file = OpenOptions::new().write(true).create_new(true).open(place);
            file.and_then(|mut file| {
                file.write_all(&first)?;
                Ok((file, first.len()))
            })
        });
        let made = made.await?;
        let (file, length) = made.map_err(|error| RecordError::write(path, error.into()))?;
        Ok(Self {
            path: path.to_owned(),
            blocks,
            writing: tokio::task::spawn_blocking(move || write_all(file, length, waiting)),
        })
    }

    /// Has a block written; whether the file still takes any.
    pub(super) async fn write(&self, block: Vec<u8>) -> bool {
        self.blocks.send(block).await.is_ok()
    }

    pub(super) fn failed(&self, source: RecordingError) -> RecordError {
        RecordError::write(&self.path, source)
    }

    /// Waits until everything is on the disk; the file, and how long it is.
    pub(super) async fn finish(self) -> Result<(PathBuf, u64), RecordError> {
        drop(self.blocks);
        match self.writing.await? {
            Ok(length) => Ok((self.path, length)),
            Err(error) => Err(RecordError::write(&self.path, error.into())),
        }
    }
}

fn write_all(
    mut file: std::fs::File,
    first: usize,
    mut waiting: mpsc::Receiver<Vec<u8>>,
) -> io::Result<u64> {
    let mut length = u64::try_from(first).unwrap_or_default();
    while let Some(block) = waiting.blocking_recv() {
        file.write_all(&block)?;
        let written = u64::try_from(block.len()).unwrap_or_default();
        length = length.saturating_add(written);
    }
    file.sync_all()?;
    Ok(length)
}
