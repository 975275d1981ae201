//! The lists of instruments of brokers: taken, proven, kept as files, and found again.
//!
//! A list comes piece by piece into a temporary file. It is read with an error for each row that
//! cannot be used, and proven to be the whole list of a day. Only then it takes the place of the
//! one before, which is kept beside it. Whatever goes wrong on that way, the list that there was
//! goes on to be used.
//!
//! The files lie in clear, and they decide which instrument an order reaches. So the database keeps
//! a mark of each, and a file that is not the one that was marked is not used.
//!
//! | file | what is in it |
//! |---|---|
//! | `take` | the way of a new list |
//! | `parser` | whose files can be read |
//! | `files` | where lists lie, how a new one takes its place, which one is used |
//! | `format` | what stands in such a file |
//! | `local_file` | a list that somebody has as a file |
//! | `error` | what can go wrong |

mod error;
mod files;
mod format;
mod local_file;
mod parser;
mod take;

pub use error::{OpenContractError, TakeContractError, UnusableContract};
pub use local_file::LocalFile;
pub use take::{TakeStep, Taken};

use crate::folder::DataFolder;
use files::{ContractFiles, Loaded};
use openalgo_core::id::BrokerName;
use openalgo_core::market::MasterContract;
use openalgo_core::port::{Clock, MasterContractRepository, RandomSource, StoreError};
use openalgo_engine::market::InstrumentIndex;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The lists of instruments of a data folder.
#[derive(Debug)]
pub struct MasterContracts {
    folder: DataFolder,
    records: Arc<dyn MasterContractRepository>,
    random: Arc<dyn RandomSource>,
    clock: Arc<dyn Clock>,
    /// Lists that were found sound, by their brokers.
    open: Mutex<BTreeMap<BrokerName, Arc<OpenContract>>>,
    /// One list is taken at a time.
    taking: tokio::sync::Mutex<()>,
    /// Held from when the database is told of a list until its file has its name, and while a list
    /// is read: in between, a sound file looks like one that somebody has changed. Whoever works on
    /// the files has it with him, since whoever asked for that may be gone.
    naming: Arc<tokio::sync::Mutex<()>>,
}

/// A list in memory, and what is known of it.
#[derive(Debug)]
pub struct OpenContract {
    /// Which list it is.
    pub contract: MasterContract,
    /// Its instruments.
    pub index: InstrumentIndex,
    /// Why it is the one before the newest, where that cannot be used.
    pub instead_of: Option<UnusableContract>,
}

impl MasterContracts {
    pub(crate) fn new(
        folder: DataFolder,
        records: Arc<dyn MasterContractRepository>,
        (random, clock): (Arc<dyn RandomSource>, Arc<dyn Clock>),
    ) -> Self {
        Self {
            folder,
            records,
            random,
            clock,
            open: Mutex::default(),
            taking: tokio::sync::Mutex::default(),
            naming: Arc::default(),
        }
    }

    /// The newest list of each broker, by the brokers' names.
    pub async fn known(&self) -> Result<Vec<MasterContract>, StoreError> {
        self.records.list().await
    }

    /// The list of a broker, in memory: what was read and found sound once is not read again. The
    /// one before the newest is used where the newest is not what was written.
    pub async fn open(&self, broker: &BrokerName) -> Result<Arc<OpenContract>, OpenContractError> {
        let naming = Arc::clone(&self.naming).lock_owned().await;
        let contracts = self.records.newest(broker).await?;
        let Some(newest) = contracts.first() else {
            return Err(OpenContractError::Unknown {
                broker: broker.clone(),
            });
        };
        if let Some(open) = self.opened(newest) {
            return Ok(open);
        }
        let files = ContractFiles::of(&self.folder, broker);
        let folder = self.folder.clone();
        let loading = tokio::task::spawn_blocking(move || {
            let loaded = files.load(contracts)?;
            drop(naming);
            let known = folder.freeze_quantities_or_built_in();
            let list = loaded.list.with_freeze_quantities(&known)?;
            Ok::<_, OpenContractError>(Loaded { list, ..loaded })
        });
        let Loaded {
            contract,
            list,
            instead_of,
        } = loading.await.map_err(OpenContractError::Interrupted)??;
        let open = Arc::new(OpenContract {
            contract,
            index: InstrumentIndex::new(list, self.clock.now().session_date()),
            instead_of,
        });
        self.remember(&open);
        Ok(open)
    }

    /// Forgets what is in memory, so that it is read again when it is asked for next: freeze
    /// quantities, which are put into a list then, may be others.
    pub fn forget_opened(&self) {
        let mut known = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        known.clear();
    }

    fn opened(&self, newest: &MasterContract) -> Option<Arc<OpenContract>> {
        let known = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = known.get(&newest.broker)?;
        // What expired since it was opened must not be found any more.
        let is_it =
            open.contract == *newest && open.index.date() == self.clock.now().session_date();
        is_it.then(|| Arc::clone(open))
    }

    /// A list that stands in for another is not remembered: the other may be mended.
    fn remember(&self, open: &Arc<OpenContract>) {
        if open.instead_of.is_some() {
            return;
        }
        let mut known = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(open.contract.broker.clone(), Arc::clone(open));
    }
}

#[cfg(test)]
mod tests;
