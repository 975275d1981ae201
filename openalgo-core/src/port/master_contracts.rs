//! Lists of instruments that brokers give.

use super::{MarketError, StoreError};
use crate::id::BrokerName;
use crate::market::MasterContract;
use async_trait::async_trait;
use std::fmt;

/// Keeps what is known of the lists of instruments; the lists themselves are files.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait MasterContractRepository: fmt::Debug + Send + Sync {
    /// The latest list of each broker, by the brokers' names.
    async fn list(&self) -> Result<Vec<MasterContract>, StoreError>;

    /// The latest lists of a broker, the newest first: two at most, since the one before is what is
    /// left when something happens to the newest.
    async fn newest(&self, broker: &BrokerName) -> Result<Vec<MasterContract>, StoreError>;

    /// Keeps a list as the newest of its broker. The one that was is the one before now, and
    /// those before that are forgotten.
    async fn keep(&self, contract: &MasterContract) -> Result<(), StoreError>;
}

/// Brings the file in which a broker lists its instruments.
#[async_trait]
pub trait InstrumentDownload: fmt::Debug + Send + Sync {
    /// Begins to bring the file of today.
    async fn download(&self) -> Result<Box<dyn FilePieces>, MarketError>;

    /// Where it comes from, for people: the name of a file, or an address without secrets.
    fn origin(&self) -> String;
}

/// A file that comes piece by piece.
#[async_trait]
pub trait FilePieces: fmt::Debug + Send {
    /// The next piece; `None` when the file is whole.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, MarketError>;

    /// How many bytes there will be, where that is known.
    fn length(&self) -> Option<u64>;
}
