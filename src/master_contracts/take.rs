//! The way of a new list: piece by piece into a file, read, proven, marked, written, named.

pub(super) use super::error::TakeContractError;
use super::files::ContractFiles;
use super::parser::{Parser, parser_of, readable};
use super::{MasterContracts, OpenContract, format};
use openalgo_brokers::kite_file::RefusedRow;
use openalgo_core::id::BrokerName;
use openalgo_core::market::{
    BrokerWords, FileMark, InstrumentList, InstrumentListBuilder, MasterContract, SizeRule,
};
use openalgo_core::port::{InstrumentDownload, RandomSource};
use openalgo_crypto::mark_file;
use openalgo_engine::market::InstrumentIndex;
use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// No list of instruments is longer.
const MOST_BYTES: u64 = 256 << 20;
/// How many of the rows that were left out are told.
const TOLD: usize = 5;

/// How far taking a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeStep {
    /// It comes in.
    Coming {
        /// Bytes so far.
        done: u64,
        /// Bytes that there will be; zero where nobody knows.
        of: u64,
    },
    /// Its rows are read and proven.
    Proving,
    /// It takes its place.
    Writing,
}

/// A list that was taken.
#[derive(Debug)]
pub struct Taken {
    /// The list.
    pub contract: MasterContract,
    /// The one that it took the place of.
    pub before: Option<MasterContract>,
    /// The first rows that were left out, and why, for people.
    pub refused: Vec<String>,
    /// How many rows are of exchanges that are not supported.
    pub foreign: usize,
}

/// What is known of a list before it has come in.
struct Coming {
    contract: MasterContract,
    before: Option<MasterContract>,
    size: SizeRule,
    parser: Parser,
}

impl MasterContracts {
    /// Takes the list of a broker, in the form of that broker, from where it can be had. Until it
    /// is proven and on the disk, the one that there was is used, and goes on to be if anything
    /// fails.
    pub async fn take(
        &self,
        broker: &BrokerName,
        (from, size): (&dyn InstrumentDownload, SizeRule),
        progress: &(dyn Fn(TakeStep) + Sync),
    ) -> Result<Taken, TakeContractError> {
        let parser = parser_of(broker).ok_or_else(|| TakeContractError::NoParser {
            broker: broker.clone(),
            readable: readable(),
        })?;
        let _alone = self.taking.lock().await;
        self.folder.create_master_contracts()?;
        let files = ContractFiles::of(&self.folder, broker);
        let before = self.records.newest(broker).await?.into_iter().next();
        let coming = Coming {
            contract: MasterContract {
                broker: broker.clone(),
                date: self.clock.now().session_date(),
                instruments: 0,
                refused: 0,
                taken_from: from.origin().into(),
                taken_at: self.clock.now(),
                mark: FileMark {
                    key: [0; 32],
                    code: [0; 32],
                },
            },
            before,
            size,
            parser,
        };
        let (incoming, file) = files.incoming()?;
        download(from, file, progress).await?;
        progress(TakeStep::Proving);
        let (random, at) = (Arc::clone(&self.random), files.clone());
        let folder = self.folder.clone();
        let proving = tokio::task::spawn_blocking(move || {
            let proven = prove(&incoming.0, coming, random.as_ref())?;
            at.write_new(&proven.content)?;
            // Not written with the list: they change at other times.
            let known = folder.freeze_quantities_or_built_in();
            let list = proven.list.with_freeze_quantities(&known)?;
            Ok::<_, TakeContractError>(Proven { list, ..proven })
        });
        let proven = proving.await.map_err(TakeContractError::Interrupted)??;
        progress(TakeStep::Writing);
        self.name(&proven.taken.contract, files).await?;
        self.remember(&Arc::new(OpenContract {
            contract: proven.taken.contract.clone(),
            index: InstrumentIndex::new(proven.list, self.clock.now().session_date()),
            instead_of: None,
        }));
        Ok(proven.taken)
    }

    /// Tells the database of a new list and gives its file its name.
    async fn name(
        &self,
        contract: &MasterContract,
        files: ContractFiles,
    ) -> Result<(), TakeContractError> {
        let naming = Arc::clone(&self.naming).lock_owned().await;
        self.records.keep(contract).await?;
        let path = self.folder.master_contracts();
        let swapping = tokio::task::spawn_blocking(move || {
            let swapped = files.swap();
            drop(naming);
            swapped
        });
        let named = swapping.await.map_err(TakeContractError::Interrupted)?;
        named.map_err(|source| TakeContractError::Write { path, source })
    }
}

async fn download(
    from: &dyn InstrumentDownload,
    mut file: File,
    progress: &(dyn Fn(TakeStep) + Sync),
) -> Result<(), TakeContractError> {
    let failed = |source| TakeContractError::Download {
        origin: from.origin(),
        source,
    };
    let mut pieces = from.download().await.map_err(failed)?;
    let of = pieces.length().unwrap_or_default();
    let mut done = 0_u64;
    while let Some(piece) = pieces.next().await.map_err(failed)? {
        done = done.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if done > MOST_BYTES {
            return Err(TakeContractError::TooLarge { most: MOST_BYTES });
        }
        let writing = tokio::task::spawn_blocking(move || file.write_all(&piece).map(|()| file));
        let written = writing.await.map_err(TakeContractError::Interrupted)?;
        file = written.map_err(|source| TakeContractError::Write {
            path: "the temporary file".into(),
            source,
        })?;
        progress(TakeStep::Coming { done, of });
    }
    Ok(())
}

/// A list that is the whole one of a day, and the file in which it is kept.
struct Proven {
    taken: Taken,
    list: InstrumentList,
    content: Vec<u8>,
}

fn prove(
    incoming: &Path,
    coming: Coming,
    random: &dyn RandomSource,
) -> Result<Proven, TakeContractError> {
    let text = read_text(incoming)?;
    let file = (coming.parser)(&text)?;
    let (refused, foreign) = (file.refused.len(), file.foreign);
    let told = file.refused.iter().take(TOLD).map(told).collect();
    let Coming {
        mut contract,
        before,
        size,
        parser: _,
    } = coming;
    let count = before.as_ref().map(|it| it.instruments);
    let count = count.filter(|_| size == SizeRule::AsBefore);
    let listed = file.into_proven(count.and_then(|count| usize::try_from(count).ok()))?;
    let mut builder = InstrumentListBuilder::with_capacity(listed.len());
    for row in &listed {
        let words = BrokerWords {
            symbol: &row.broker_symbol,
            exchange: &row.broker_exchange,
        };
        builder.push(&row.instrument, words)?;
    }
    let list = builder.finish();
    contract.instruments = u64::try_from(list.len()).unwrap_or(u64::MAX);
    contract.refused = u64::try_from(refused).unwrap_or(u64::MAX);
    let content = format::write(&contract, &list).map_err(|error| TakeContractError::Write {
        path: incoming.to_owned(),
        source: error.into(),
    })?;
    contract.mark = mark_file(&content, random)?;
    Ok(Proven {
        taken: Taken {
            contract,
            before,
            refused: told,
            foreign,
        },
        list,
        content,
    })
}

fn read_text(path: &Path) -> Result<String, TakeContractError> {
    let bytes = fs::read(path).map_err(|source| TakeContractError::Write {
        path: path.to_owned(),
        source,
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(good);
        let breaks = before.filter(|byte| **byte == b'\n').count();
        TakeContractError::NotText {
            row: breaks.saturating_add(1),
        }
    })
}

fn told(row: &RefusedRow) -> String {
    row.source()
        .map_or_else(|| row.to_string(), |source| format!("{row}: {source}"))
}
