//! Reading the files of a folder, and reading them again when they have changed.

use super::candles::History;
use super::error::{RecordedError, RecordedFile};
use super::quotes::{MarketState, Quotes};
use crate::kite_file::{self, Listed};
use openalgo_core::market::InstrumentKey;
use openalgo_core::port::MarketError;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// The instruments by their names here.
pub(super) type Listing = BTreeMap<InstrumentKey, Listed>;

/// What the files say.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    /// Grows whenever something has changed.
    pub(super) revision: u64,
    pub(super) listing: Arc<Listing>,
    quotes: Arc<Quotes>,
    pub(super) history: Arc<History>,
}

impl Recorded {
    fn listed(&self, key: &InstrumentKey) -> Result<&Listed, MarketError> {
        let listed = self.listing.get(key);
        listed.ok_or_else(|| MarketError::UnknownInstrument(key.clone()))
    }

    /// The market of an instrument.
    pub(super) fn state(&self, key: &InstrumentKey) -> Result<&MarketState, MarketError> {
        let listed = self.listed(key)?;
        let name = format!("{}:{}", listed.broker_exchange, listed.broker_symbol);
        let state = self.quotes.get(name.as_str());
        state.ok_or_else(|| MarketError::UnknownInstrument(key.clone()))
    }

    /// The number by which the feed and past prices know an instrument.
    pub(super) fn feed_number(&self, key: &InstrumentKey) -> Result<u32, MarketError> {
        let token = self.listed(key)?.instrument.token.as_ref();
        let number = token.and_then(|token| token.as_str().split("::::").next());
        let number = number.and_then(|number| number.parse().ok());
        number.ok_or_else(|| MarketError::UnknownInstrument(key.clone()))
    }
}

/// A folder with the files of a market.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    instruments: Stamp,
    quotes: Stamp,
    historical: Stamp,
    recorded: Arc<Recorded>,
}

/// By what a file that has changed is known: its length and when it was written; `None` where it
/// does not exist.
type Stamp = Option<(u64, SystemTime)>;

impl Folder {
    /// Reads all files; blocks meanwhile.
    pub(super) fn open(path: PathBuf) -> Result<Self, RecordedError> {
        let reader = Reader { path: &path };
        let seen = Seen {
            // What changes while it is read is read again at the next look.
            instruments: reader.stamp(RecordedFile::Instruments),
            quotes: reader.stamp(RecordedFile::Quotes),
            historical: reader.stamp(RecordedFile::Historical),
            recorded: Arc::new(Recorded {
                revision: 0,
                listing: Arc::new(reader.listing()?),
                quotes: Arc::new(reader.json(RecordedFile::Quotes)?),
                history: Arc::new(reader.history()?),
            }),
        };
        Ok(Self {
            path,
            seen: Mutex::new(seen),
        })
    }

    /// What the files said at the last look.
    pub(super) fn last_seen(&self) -> Arc<Recorded> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&seen.recorded)
    }

    /// What the files say now; blocks while those that have changed are read.
    pub(super) fn look(&self) -> Arc<Recorded> {
        let reader = Reader { path: &self.path };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut recorded = Recorded::clone(&seen.recorded);
        let instruments = reader.stamp(RecordedFile::Instruments);
        let quotes = reader.stamp(RecordedFile::Quotes);
        let historical = reader.stamp(RecordedFile::Historical);
        let mut changes = Changes::default();
        if seen.instruments != instruments {
            changes.take(reader.listing(), &mut recorded.listing);
        }
        if seen.quotes != quotes {
            changes.take(reader.json(RecordedFile::Quotes), &mut recorded.quotes);
        }
        if seen.historical != historical {
            changes.take(reader.history(), &mut recorded.history);
        }
        if changes.any {
            recorded.revision = recorded.revision.saturating_add(1);
            seen.recorded = Arc::new(recorded);
        }
        (seen.instruments, seen.quotes, seen.historical) = (instruments, quotes, historical);
        Arc::clone(&seen.recorded)
    }
}

/// What came of reading files again.
#[derive(Debug, Default)]
struct Changes {
    any: bool,
}

impl Changes {
    /// Puts what was read in the place of what there was; what cannot be read changes nothing.
    fn take<T>(&mut self, read: Result<T, RecordedError>, place: &mut Arc<T>) {
        match read {
            Ok(read) => {
                *place = Arc::new(read);
                self.any = true;
            }
            Err(error) => {
                tracing::warn!(error = %error, "the recorded market goes on as it was");
            }
        }
    }
}

struct Reader<'a> {
    path: &'a PathBuf,
}

impl Reader<'_> {
    fn stamp(&self, file: RecordedFile) -> Stamp {
        let found = std::fs::metadata(self.path.join(file.name())).ok()?;
        Some((
            found.len(),
            found.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        ))
    }

    fn text(&self, file: RecordedFile) -> Result<String, RecordedError> {
        let path = self.path.join(file.name());
        std::fs::read_to_string(&path).map_err(|source| RecordedError::Unreadable { path, source })
    }

    fn listing(&self) -> Result<Listing, RecordedError> {
        let path = || self.path.join(RecordedFile::Instruments.name());
        let text = self.text(RecordedFile::Instruments)?;
        let mut file = kite_file::parse(&text).map_err(|source| RecordedError::Instruments {
            path: path(),
            source,
        })?;
        if !file.refused.is_empty() {
            let source = Box::new(file.refused.swap_remove(0));
            return Err(RecordedError::Row {
                path: path(),
                source,
            });
        }
        let listed = file
            .into_proven(None)
            .map_err(|source| RecordedError::Implausible {
                path: path(),
                source,
            })?;
        let keyed = listed
            .into_iter()
            .map(|row| (row.instrument.key.clone(), row));
        Ok(keyed.collect())
    }

    fn json<T: DeserializeOwned>(&self, file: RecordedFile) -> Result<T, RecordedError> {
        let text = self.text(file)?;
        serde_json::from_str(&text).map_err(|source| RecordedError::Json {
            path: self.path.join(file.name()),
            source,
        })
    }

    /// Past prices, which are none where there is no file of them.
    fn history(&self) -> Result<History, RecordedError> {
        match self.json(RecordedFile::Historical) {
            Err(RecordedError::Unreadable { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                Ok(History::default())
            }
            read => read,
        }
    }
}
