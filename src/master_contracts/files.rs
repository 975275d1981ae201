//! Where lists lie, how a new one takes its place, and which one is used.
//!
//! | file | what it is |
//! |---|---|
//! | `NAME.json` | the newest list |
//! | `NAME.previous.json` | the one before |
//! | `NAME.json.new` | a list that is not, or just not yet, the newest |
//! | `NAME.download` | what is coming in |
//!
//! The database is told of a new list when its file is whole and on the disk, and then the files are
//! named. A process that is killed in between leaves files that are known by their marks.

use super::error::UnusableContract;
use super::{format, take::TakeContractError};
use crate::file::{self, Scratch};
use crate::folder::DataFolder;
use openalgo_core::id::BrokerName;
use openalgo_core::market::{InstrumentList, MasterContract};
use openalgo_crypto::is_marked;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The files of the lists of a broker.
#[derive(Debug, Clone)]
pub(super) struct ContractFiles {
    newest: PathBuf,
    previous: PathBuf,
    new: PathBuf,
    download: PathBuf,
}

/// A list that was found sound.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) contract: MasterContract,
    pub(super) list: InstrumentList,
    /// Why it is the one before the newest.
    pub(super) instead_of: Option<UnusableContract>,
}

impl ContractFiles {
    pub(super) fn of(folder: &DataFolder, broker: &BrokerName) -> Self {
        let named = |rest: &str| folder.master_contracts().join(format!("{broker}{rest}"));
        Self {
            newest: named(".json"),
            previous: named(".previous.json"),
            new: named(".json.new"),
            download: named(".download"),
        }
    }

    /// Where a list comes in; whatever becomes of it, it is removed in the end.
    pub(super) fn incoming(&self) -> Result<(Scratch, fs::File), TakeContractError> {
        let made = Scratch::new(self.download.clone()).and_then(|scratch| {
            let file = file::create_private(&scratch.0)?;
            Ok((scratch, file))
        });
        made.map_err(|source| TakeContractError::Write {
            path: self.download.clone(),
            source,
        })
    }

    /// Writes a new list beside the one that there is, durably.
    pub(super) fn write_new(&self, content: &[u8]) -> Result<(), TakeContractError> {
        let written = || -> io::Result<()> {
            file::remove(&self.new)?;
            let mut new = file::create_private(&self.new)?;
            new.write_all(content)?;
            new.sync_all()?;
            file::sync_parent(&self.new)
        };
        written().map_err(|source| TakeContractError::Write {
            path: self.new.clone(),
            source,
        })
    }

    /// Lets the new list take its place; the one that was there is the one before now.
    pub(super) fn swap(&self) -> io::Result<()> {
        if self.newest.exists() {
            fs::rename(&self.newest, &self.previous)?;
        }
        fs::rename(&self.new, &self.newest)?;
        file::sync_parent(&self.newest)
    }

    /// Reads the newest list whose file is what was written; `contracts` begins with the newest.
    pub(super) fn load(&self, contracts: Vec<MasterContract>) -> Result<Loaded, UnusableContract> {
        let mut instead_of = None;
        for (contract, is_newest) in contracts.into_iter().zip([true, false]) {
            let found = if is_newest {
                self.load_newest(&contract)
            } else {
                // Where the newest was never named, the one before still has its name.
                let paths = [&self.previous, &self.newest];
                first_of(paths.map(|path| load_marked(path, &contract)))
            };
            match found {
                Ok(list) => {
                    return Ok(Loaded {
                        contract,
                        list,
                        instead_of,
                    });
                }
                Err(error) => {
                    // What is wrong with the newest is what has to be mended.
                    instead_of.get_or_insert(error);
                }
            }
        }
        Err(instead_of.unwrap_or_else(|| UnusableContract::Missing {
            path: self.newest.clone(),
        }))
    }

    fn load_newest(&self, contract: &MasterContract) -> Result<InstrumentList, UnusableContract> {
        let error = match load_marked(&self.newest, contract) {
            Ok(list) => return Ok(list),
            Err(error) => error,
        };
        // Somebody was killed after the database was told and before the file had its name.
        match load_marked(&self.new, contract) {
            Ok(list) => {
                if let Err(error) = self.swap() {
                    tracing::warn!(%error, "the list of instruments keeps its temporary name");
                }
                Ok(list)
            }
            Err(_no_better) => Err(error),
        }
    }
}

/// The first that was found sound, or what was wrong with the first.
fn first_of<const N: usize>(
    found: [Result<InstrumentList, UnusableContract>; N],
) -> Result<InstrumentList, UnusableContract> {
    let mut first = None;
    for found in found {
        match found {
            Ok(list) => return Ok(list),
            Err(error) => {
                first.get_or_insert(error);
            }
        }
    }
    Err(first.unwrap_or_else(|| UnusableContract::Missing {
        path: PathBuf::new(),
    }))
}

fn load_marked(path: &Path, contract: &MasterContract) -> Result<InstrumentList, UnusableContract> {
    let path = || path.to_owned();
    let content = match fs::read(path()) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(UnusableContract::Missing { path: path() });
        }
        Err(source) => {
            let path = path();
            return Err(UnusableContract::Unreadable { path, source });
        }
    };
    if !is_marked(&content, &contract.mark) {
        return Err(UnusableContract::Changed { path: path() });
    }
    format::read(&content).map_err(|source| UnusableContract::Unknown {
        path: path(),
        source,
    })
}
