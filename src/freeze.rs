//! Freeze quantities: what comes with the program, updated by a file in the data folder, and put
//! into the instruments of a source that does not tell them.

use crate::folder::DataFolder;
use async_trait::async_trait;
use chrono::NaiveDate;
use openalgo_brokers::freeze_file::{self, FreezeFileError};
use openalgo_core::market::{FreezeQuantities, Instrument, InstrumentList};
use openalgo_core::port::{InstrumentSource, MarketError};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use thiserror::Error;

/// Why the file with freeze quantities is not used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FreezeError {
    /// It cannot be read.
    #[error("the freeze quantities {} cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It, or what comes with the program, means nothing.
    #[error("{} is not used: {source}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: FreezeFileError,
    },
}

impl DataFolder {
    /// Reads freeze quantities: those of the program, updated by the file `freeze-quantities.csv` of
    /// the folder. Blocks while it reads.
    pub fn read_freeze_quantities(&self) -> Result<FreezeQuantities, FreezeError> {
        let path = self.freeze_quantities();
        let invalid = |source| FreezeError::Invalid {
            path: path.clone(),
            source,
        };
        let built_in = freeze_file::built_in().map_err(invalid)?;
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let newer = freeze_file::parse(&text).map_err(invalid)?;
                Ok(built_in.updated_by(newer))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(built_in),
            Err(source) => Err(FreezeError::Unreadable { path, source }),
        }
    }

    /// The same, and those of the program where the file is wrong: that must not keep anybody from
    /// trading.
    pub(crate) fn freeze_quantities_or_built_in(&self) -> FreezeQuantities {
        self.read_freeze_quantities().unwrap_or_else(|error| {
            tracing::warn!(%error, "the freeze quantities of the program are used");
            freeze_file::built_in().unwrap_or_default()
        })
    }
}

/// Instruments with their freeze quantities. The file is read with each list, so that one that was
/// changed counts from the next list on.
#[derive(Debug)]
pub(crate) struct Frozen {
    pub(crate) instruments: Arc<dyn InstrumentSource>,
    pub(crate) folder: DataFolder,
}

impl Frozen {
    async fn quantities(&self) -> Result<FreezeQuantities, MarketError> {
        let folder = self.folder.clone();
        let reading = tokio::task::spawn_blocking(move || folder.freeze_quantities_or_built_in());
        reading
            .await
            .map_err(|error| MarketError::Failed(error.into()))
    }
}

#[async_trait]
impl InstrumentSource for Frozen {
    async fn instruments(&self, date: NaiveDate) -> Result<Vec<Instrument>, MarketError> {
        let known = self.quantities().await?;
        let mut instruments = self.instruments.instruments(date).await?;
        for instrument in &mut instruments {
            let of_underlying = || known.of(instrument.key.exchange, &instrument.name);
            if instrument.freeze_quantity.is_none() && instrument.expiry.is_some() {
                instrument.freeze_quantity = of_underlying();
            }
        }
        Ok(instruments)
    }

    async fn list(&self, date: NaiveDate) -> Result<InstrumentList, MarketError> {
        let known = self.quantities().await?;
        let list = self.instruments.list(date).await?;
        let frozen = list.with_freeze_quantities(&known);
        frozen.map_err(|error| MarketError::Failed(error.into()))
    }
}
