//! Lists of instruments that a user keeps an eye on.

use crate::id::{UserId, WatchlistId, WatchlistName};
use crate::market::InstrumentKey;
use std::collections::BTreeSet;
use thiserror::Error;

/// The most instruments on one list.
const MOST_ITEMS: usize = 1_000;

/// The instruments of a list in their order, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WatchlistItems(Vec<InstrumentKey>);

/// Instruments that cannot be a list.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WatchlistError {
    /// One is on it twice.
    #[error("{0} is on the list twice")]
    Twice(InstrumentKey),
    /// There are too many.
    #[error("a list holds at most {MOST_ITEMS} instruments, not {0}")]
    TooMany(usize),
}

impl WatchlistItems {
    /// Takes instruments in their order.
    pub fn try_new(items: Vec<InstrumentKey>) -> Result<Self, WatchlistError> {
        if items.len() > MOST_ITEMS {
            return Err(WatchlistError::TooMany(items.len()));
        }
        let mut met = BTreeSet::new();
        match items.iter().find(|item| !met.insert(*item)) {
            Some(twice) => Err(WatchlistError::Twice(twice.clone())),
            None => Ok(Self(items)),
        }
    }

    /// The instruments in their order.
    pub fn as_slice(&self) -> &[InstrumentKey] {
        &self.0
    }
}

/// A list of instruments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watchlist {
    /// Row number.
    pub id: WatchlistId,
    /// Whose list.
    pub user: UserId,
    /// Its name, unique for the user.
    pub name: WatchlistName,
    /// What is on it.
    pub items: WatchlistItems,
}
