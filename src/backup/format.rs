//! The file of a backup.
//!
//! | bytes | what they are |
//! |---|---|
//! | 16 | `OPENALGO-BACKUP` and the version, 1 |
//! | 4 | length of the header, big endian |
//! | … | the header: JSON that everybody may read |
//! | 32 | HMAC-SHA256 of all of that under a key of the backup |
//! | … | the database, encrypted with the backup's own master key |
//!
//! The header tells how long the database is, and every page of the database carries its own
//! seal; so nothing can be changed, added or cut off unnoticed.

use super::error::BackupError;
use crate::file::create_private;
use openalgo_core::market::Timestamp;
use openalgo_crypto::MasterKey;
use openalgo_crypto::key_source::{RecoveryWrap, WrappedKey};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

const MAGIC: &[u8; 15] = b"OPENALGO-BACKUP";
const VERSION: u8 = 1;
/// A header is far smaller; a file that claims more is none of ours.
const LONGEST_HEADER: u32 = 64 * 1024;
const PURPOSE: &[u8] = b"openalgo/v1/backup header";

/// What a backup says about itself without being opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupInfo {
    /// When it was made; in the file, in UTC.
    pub created_at: Timestamp,
    /// The version of the program that made it.
    pub program_version: String,
    /// The newest migration of the database in it.
    pub schema_version: String,
    /// The size of the database in it.
    pub database_bytes: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    #[serde(flatten)]
    pub(super) info: BackupInfo,
    /// The backup's master key for whoever has the passphrase.
    pub(super) passphrase: WrappedKey,
    /// The same for whoever has the recovery key of the folder.
    pub(super) recovery: Option<RecoveryPart>,
}

/// The recovery key opens the folder's master key, which opens the backup's.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RecoveryPart {
    pub(super) folder_key: RecoveryWrap,
    /// The backup's master key, sealed with a key of the folder.
    pub(super) backup_key: String,
}

/// The part of a file in front of its database.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) header: Header,
    /// All bytes that the seal covers.
    bytes: Vec<u8>,
    seal: [u8; 32],
}

impl Front {
    /// Reads it, leaving `file` at the beginning of the database.
    pub(super) fn read(file: &mut File, path: &Path) -> Result<Self, BackupError> {
        let not_a_backup = || BackupError::NotABackup { path: path.into() };
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::UnexpectedEof => BackupError::damaged(path, "its end is missing"),
            _ => BackupError::file("read", path, error),
        };
        let mut start = [0; 20];
        file.read_exact(&mut start)
            .map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => not_a_backup(),
                _ => failed(error),
            })?;
        let (magic, rest) = start.split_first_chunk::<15>().ok_or_else(not_a_backup)?;
        let (version, length) = rest.split_first_chunk::<1>().ok_or_else(not_a_backup)?;
        if magic != MAGIC {
            return Err(not_a_backup());
        }
        let [version] = *version;
        if version != VERSION {
            let path = path.into();
            return Err(BackupError::Newer { path, version });
        }
        let length = <[u8; 4]>::try_from(length).map_or(0, u32::from_be_bytes);
        if length > LONGEST_HEADER {
            return Err(BackupError::damaged(path, "its header is too long"));
        }
        let mut text = vec![0; usize::try_from(length).unwrap_or_default()];
        let mut seal = [0; 32];
        file.read_exact(&mut text).map_err(failed)?;
        file.read_exact(&mut seal).map_err(failed)?;
        let header = serde_json::from_slice(&text)
            .map_err(|_no_header| BackupError::damaged(path, "its header cannot be read"))?;
        let bytes = [start.as_slice(), &text].concat();
        Ok(Self {
            header,
            bytes,
            seal,
        })
    }

    /// Whether the header is what was written with this key.
    pub(super) fn is_authentic(&self, key: &MasterKey) -> bool {
        let parts: [&[u8]; 2] = [PURPOSE, &self.bytes];
        key.control_key().verify(&parts, &self.seal)
    }
}

/// Writes a whole file from its header and its database.
pub(super) fn write(
    (path, database): (&Path, &Path),
    header: &Header,
    key: &MasterKey,
) -> io::Result<()> {
    let text = serde_json::to_vec(header)?;
    let length = u32::try_from(text.len()).map_err(io::Error::other)?;
    let mut bytes = [MAGIC.as_slice(), &[VERSION], &length.to_be_bytes()].concat();
    bytes.extend_from_slice(&text);
    let seal = key.control_key().prove(&[PURPOSE, &bytes]);
    let mut file = create_private(path)?;
    file.write_all(&bytes)?;
    file.write_all(&seal)?;
    io::copy(&mut File::open(database)?, &mut file)?;
    file.sync_all()
}
