//! What is in an anchor file, and how it is read and written.

use openalgo_crypto::JournalKey;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Tells seals of anchors from those of the journal, which begin with the number of a user.
const PURPOSE: &[u8] = b"openalgo/v1/anchor";
/// A number and its seal.
const RECORD: usize = 40;
/// The records of one database.
pub(super) const BOTH: u64 = 80;

/// Makes and proves the records of one database.
#[derive(Debug)]
pub(super) struct Seals {
    pub(super) key: JournalKey,
    pub(super) identity: String,
}

impl Seals {
    fn record(&self, number: i64) -> [u8; RECORD] {
        let digits = number.to_be_bytes();
        let fields: [&[u8]; 3] = [PURPOSE, self.identity.as_bytes(), &digits];
        let seal = self.key.link(&[0; 32], &fields);
        let mut record = [0; RECORD];
        for (to, from) in record.iter_mut().zip(digits.iter().chain(&seal)) {
            *to = *from;
        }
        record
    }

    /// The number of an authentic record.
    fn number(&self, record: &[u8; RECORD]) -> Option<i64> {
        let number = i64::from_be_bytes(*record.first_chunk()?);
        // What is compared is public: the file lies open beside the database.
        (self.record(number) == *record).then_some(number)
    }
}

/// What an anchor file says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    Missing,
    Empty,
    Strange,
    Number(i64),
}

pub(super) fn open_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What the anchor at `place` says; without `seals` nothing in it is authentic.
pub(super) fn look(place: &Path, seals: Option<&Seals>) -> io::Result<Found> {
    let Some(bytes) = read(place)? else {
        return Ok(Found::Missing);
    };
    let (records, _) = bytes.as_chunks::<RECORD>();
    let numbers = records.iter().filter_map(|record| seals?.number(record));
    Ok(match numbers.max() {
        Some(number) => Found::Number(number),
        None if bytes.is_empty() => Found::Empty,
        None => Found::Strange,
    })
}

/// The largest number in the anchor at `place`, authentic or not; zero if there is none.
pub(super) fn claimed(place: &Path) -> io::Result<i64> {
    let bytes = read(place)?.unwrap_or_default();
    let (records, _) = bytes.as_chunks::<RECORD>();
    let numbers = records.iter().filter_map(|record| record.first_chunk());
    Ok(numbers
        .map(|digits| i64::from_be_bytes(*digits))
        .max()
        .unwrap_or_default())
}

fn read(place: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    match File::open(place) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?
            .take(BOTH.saturating_mul(2))
            .read_to_end(&mut bytes)?,
    };
    Ok(Some(bytes))
}

/// Both records and nothing else, durably.
pub(super) fn start(file: &mut File, seals: &Seals, number: i64) -> io::Result<()> {
    let record = seals.record(number);
    file.rewind()?;
    file.write_all(&[record, record].concat())?;
    file.set_len(BOTH)?;
    file.sync_all()
}

/// One record, in turn.
pub(super) fn write(file: &mut File, seals: &Seals, number: i64) -> io::Result<()> {
    let place = if number.checked_rem(2) == Some(0) {
        0
    } else {
        40
    };
    file.seek(SeekFrom::Start(place))?;
    file.write_all(&seals.record(number))
}
