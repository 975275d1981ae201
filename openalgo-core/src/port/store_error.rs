//! What can go wrong with stored data, whatever it is stored in.

use super::{BoxError, CryptoError};
use crate::id::BrokerName;
use crate::order::TransitionError;
use thiserror::Error;

/// Why a repository could not do what was asked. Nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such thing.
    #[error("{what} '{id}' does not exist")]
    NotFound {
        /// Its kind, such as `order`.
        what: &'static str,
        /// The id as given.
        id: String,
    },
    /// There is one already.
    #[error("{what} '{id}' exists already")]
    Duplicate {
        /// Its kind, such as `user name`.
        what: &'static str,
        /// The id as given.
        id: String,
    },
    /// An order id that more than one broker gave out on the same day.
    #[error(
        "'{id}' is an order at more than one broker: {}; name the one that is meant by that id",
        named(.candidates)
    )]
    Ambiguous {
        /// The id as given.
        id: String,
        /// The brokers, and under which other id the order at each is known.
        candidates: Vec<(BrokerName, String)>,
    },
    /// A ledger entry was decided on a state that did not come true.
    #[error("entry {given} does not follow entry {committed} of the paper account")]
    OutOfOrder {
        /// Number of the refused entry.
        given: u64,
        /// Number of the last committed entry.
        committed: u64,
    },
    /// An event that does not fit the order it was meant for.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// Stored data does not mean what it must mean.
    #[error("{table}.{column} of row {row} is damaged: {reason}")]
    Corrupt {
        /// Its table.
        table: &'static str,
        /// Its column.
        column: &'static str,
        /// Number of its row.
        row: i64,
        /// What is wrong with it.
        reason: String,
    },
    /// A sealed field could not be sealed or opened.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The store is closing and takes nothing more.
    #[error("the database is being closed")]
    Closed,
    /// A file of the open storage is not under its name any more: what is written to it is lost
    /// when it is closed.
    #[error("{file} was removed or replaced while it is open, so nothing is stored any more")]
    Lost {
        /// The file.
        file: String,
    },
    /// The storage itself failed: disk full, file gone, input or output error.
    #[error("the database failed to {operation}")]
    Failed {
        /// What was being done.
        operation: &'static str,
        /// What the storage said.
        #[source]
        source: BoxError,
    },
}

fn named(candidates: &[(BrokerName, String)]) -> String {
    let named = candidates
        .iter()
        .map(|(broker, id)| format!("{id} at '{broker}'"));
    named.collect::<Vec<_>>().join(", ")
}
