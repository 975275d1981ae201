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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    /// The files that were read last; held by whoever reads them anew.
    read: Mutex<Stamps>,
    /// What they said; held by nobody for longer than it takes to exchange it.
    recorded: Mutex<Arc<Recorded>>,
}

#[derive(Debug)]
struct Stamps {
    instruments: Stamp,
    quotes: Stamp,
    historical: Stamp,
}

/// By what a file that has changed is known: its length and when it was written; `None` where it
/// does not exist.
type Stamp = Option<(u64, SystemTime)>;

impl Folder {
    /// Reads all files; blocks meanwhile.
    pub(super) fn open(path: PathBuf) -> Result<Self, RecordedError> {
        let reader = Reader { path: &path };
        // What changes while it is read is read again at the next look.
        let stamps = reader.stamps();
        let recorded = Recorded {
            revision: 0,
            listing: Arc::new(reader.listing()?),
            quotes: Arc::new(reader.json(RecordedFile::Quotes)?),
            history: Arc::new(reader.history()?),
        };
        Ok(Self {
            path,
            read: Mutex::new(stamps),
            recorded: Mutex::new(Arc::new(recorded)),
        })
    }

    /// What the files said at the last look; waits for no file.
    pub(super) fn last_seen(&self) -> Arc<Recorded> {
        Arc::clone(&self.recorded())
    }

    fn recorded(&self) -> MutexGuard<'_, Arc<Recorded>> {
        let recorded = self.recorded.lock();
        recorded.unwrap_or_else(PoisonError::into_inner)
    }

    /// What the files say now; blocks while those that have changed are read.
    pub(super) fn look(&self) -> Arc<Recorded> {
        let reader = Reader { path: &self.path };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let mut recorded = Recorded::clone(&self.last_seen());
        let stamps = reader.stamps();
        let mut changes = Changes::default();
        if read.instruments != stamps.instruments {
            changes.take(reader.listing(), &mut recorded.listing);
        }
        if read.quotes != stamps.quotes {
            changes.take(reader.json(RecordedFile::Quotes), &mut recorded.quotes);
        }
        if read.historical != stamps.historical {
            changes.take(reader.history(), &mut recorded.history);
        }
        if changes.any {
            recorded.revision = recorded.revision.saturating_add(1);
            *self.recorded() = Arc::new(recorded);
        }
        *read = stamps;
        self.last_seen()
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
    fn stamps(&self) -> Stamps {
        Stamps {
            instruments: self.stamp(RecordedFile::Instruments),
            quotes: self.stamp(RecordedFile::Quotes),
            historical: self.stamp(RecordedFile::Historical),
        }
    }

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
