//! A list that somebody has as a file.

use async_trait::async_trait;
use openalgo_core::port::{BoxError, FilePieces, InstrumentDownload, MarketError};
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

/// How much of a file is read at a time.
const PIECE: usize = 1 << 20;

/// A list that somebody has as a file.
#[derive(Debug)]
pub struct LocalFile(pub PathBuf);

#[derive(Debug)]
struct Pieces {
    file: Option<File>,
    length: u64,
}

#[async_trait]
impl InstrumentDownload for LocalFile {
    async fn download(&self) -> Result<Box<dyn FilePieces>, MarketError> {
        let path = self.0.clone();
        let opening = tokio::task::spawn_blocking(move || {
            let file = File::open(path)?;
            let about = file.metadata()?;
            if !about.is_file() {
                return Err(io::Error::other("it is no file"));
            }
            Ok(Pieces {
                file: Some(file),
                length: about.len(),
            })
        });
        let pieces = opening.await.map_err(failed)?.map_err(failed)?;
        Ok(Box::new(pieces))
    }

    fn origin(&self) -> String {
        self.0.display().to_string()
    }
}

#[async_trait]
impl FilePieces for Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, MarketError> {
        let Some(mut file) = self.file.take() else {
            return Ok(None);
        };
        let reading = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::with_capacity(PIECE);
            let limit = u64::try_from(PIECE).unwrap_or(u64::MAX);
            let read = file.by_ref().take(limit).read_to_end(&mut piece);
            read.map(|_length| (file, piece))
        });
        let (file, piece) = reading.await.map_err(failed)?.map_err(failed)?;
        if piece.is_empty() {
            return Ok(None);
        }
        self.file = Some(file);
        Ok(Some(piece))
    }

    fn length(&self) -> Option<u64> {
        Some(self.length)
    }
}

fn failed(error: impl Into<BoxError>) -> MarketError {
    MarketError::Failed(error.into())
}
