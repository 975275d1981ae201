//! Files that update what comes with the program, taken from where somebody has them.
//!
//! A file is read and proven, what it changes is found out, and only then it takes the place of the
//! one that there was, which is kept beside it. A process that is killed leaves one of both, whole.

use crate::file;
use crate::folder::DataFolder;
use chrono::NaiveDate;
use openalgo_brokers::calendar_file::{self, CalendarFileError};
use openalgo_brokers::freeze_file::{self, FreezeFileError};
use openalgo_core::market::{Change, Exchange, ExchangeHours, SpecialDay};
use openalgo_core::value::Quantity;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// No such file is longer.
const MOST_BYTES: u64 = 16 << 20;

/// Why a file was not taken. What there was holds as before.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataImportError {
    /// It cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is longer than any.
    #[error("{} has more than {MOST_BYTES} bytes, which no such file has", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
    /// It is no calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarFileError),
    /// It has no freeze quantities.
    #[error(transparent)]
    Freeze(#[from] FreezeFileError),
    /// It cannot be put in its place.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// What a calendar changed.
#[derive(Debug)]
pub struct CalendarImported {
    /// Days that are other than before.
    pub days: Vec<Change<NaiveDate, SpecialDay>>,
    /// Usual hours that are, by their first date.
    pub hours: Vec<Change<(NaiveDate, Exchange), ExchangeHours>>,
    /// Where the file is kept that there was before.
    pub previous: Option<PathBuf>,
}

/// What a file with freeze quantities changed.
#[derive(Debug)]
pub struct FreezeImported {
    /// Quantities that are other than before, by exchange and underlying.
    pub quantities: Vec<Change<(Exchange, Box<str>), Quantity>>,
    /// Where the file is kept that there was before.
    pub previous: Option<PathBuf>,
}

impl DataFolder {
    /// Takes holidays and hours of the exchanges from a file. Blocks while it does.
    pub fn import_calendar(&self, from: &Path) -> Result<CalendarImported, DataImportError> {
        let text = read(from)?;
        let built_in = calendar_file::built_in()?;
        // One that is wrong is mended by this.
        let before = self
            .read_calendar()
            .unwrap_or_else(|_wrong| built_in.clone());
        let now = built_in.updated_by(calendar_file::parse(&text)?);
        Ok(CalendarImported {
            days: now.days_changed_from(&before),
            hours: now.hours_changed_from(&before),
            previous: take_the_place_of(&self.calendar(), &text)?,
        })
    }

    /// Takes freeze quantities from a file; they hold from when instruments are listed next. Blocks
    /// while it does.
    pub fn import_freeze_quantities(&self, from: &Path) -> Result<FreezeImported, DataImportError> {
        let text = read(from)?;
        let built_in = freeze_file::built_in()?;
        let before = self.read_freeze_quantities();
        let before = before.unwrap_or_else(|_wrong| built_in.clone());
        let now = built_in.updated_by(freeze_file::parse(&text)?);
        Ok(FreezeImported {
            quantities: now.changes_from(&before),
            previous: take_the_place_of(&self.freeze_quantities(), &text)?,
        })
    }
}

fn read(path: &Path) -> Result<String, DataImportError> {
    let unreadable = |source| DataImportError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    let read = file
        .take(MOST_BYTES.saturating_add(1))
        .read_to_string(&mut text);
    let length = u64::try_from(read.map_err(unreadable)?).unwrap_or(u64::MAX);
    if length > MOST_BYTES {
        return Err(DataImportError::TooLarge {
            path: path.to_owned(),
        });
    }
    Ok(text)
}

/// Writes a file in place of the one that is there, and says where that one is kept. One that is
/// the same is left alone, so that the one before it is not forgotten.
fn take_the_place_of(path: &Path, text: &str) -> Result<Option<PathBuf>, DataImportError> {
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        move |source| DataImportError::Unwritable { path, source }
    };
    let previous = path.with_extension("previous.csv");
    let kept = match fs::read(path) {
        Ok(known) if known == text.as_bytes() => return Ok(None),
        Ok(known) => {
            file::replace(&previous, &known).map_err(unwritable(&previous))?;
            Some(previous)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(unwritable(path)(error)),
    };
    file::replace(path, text.as_bytes()).map_err(unwritable(path))?;
    Ok(kept)
}
