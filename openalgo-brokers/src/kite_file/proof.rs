//! Whether a list of instruments can be the whole one of the day.

use super::{InstrumentFile, Listed, RefusedRow};
use openalgo_core::market::{Contract, Exchange, InstrumentKey, ListSize};
use std::collections::{HashMap, HashSet};
use thiserror::Error;

/// Rows of a hundred that may be unusable.
const MOST_REFUSED: usize = 1;
/// Where contracts trade whose underlyings are listed, and where those are.
const UNDERLYINGS: [(Exchange, Exchange, Exchange); 2] = [
    (Exchange::Nfo, Exchange::Nse, Exchange::NseIndex),
    (Exchange::Bfo, Exchange::Bse, Exchange::BseIndex),
];

/// Why a list is not believed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImplausibleError {
    /// There is nothing in it.
    #[error("the instrument file has no usable row below its headings")]
    NoRows,
    /// Too much of it cannot be used.
    #[error("{refused} of {rows} rows of the instrument file cannot be used; the first is {first}")]
    TooManyRefused {
        /// How many rows cannot be used.
        refused: usize,
        /// How many there are.
        rows: usize,
        /// The first of them.
        first: Box<RefusedRow>,
    },
    /// Two rows are the same instrument.
    #[error(
        "row {row} of the instrument file: column 'tradingsymbol' makes {key}, as row {earlier} does"
    )]
    Duplicate {
        /// The instrument.
        key: InstrumentKey,
        /// The later row.
        row: u64,
        /// The earlier one.
        earlier: u64,
    },
    /// It is much smaller or larger than the last one.
    #[error("the instrument file has {} instruments, and the last one had {}", .0.now, .0.before)]
    Size(ListSize),
    /// A contract is on something that is not in it.
    #[error(
        "row {row} of the instrument file: column 'name' is {base}, which has no row on {exchange}"
    )]
    NoUnderlying {
        /// The row of the contract.
        row: u64,
        /// What it is on.
        base: Box<str>,
        /// Where that should be.
        exchange: Exchange,
    },
}

impl InstrumentFile {
    /// The instruments, if the file can be the whole list of a day; `before` is how many the last
    /// list had.
    pub fn into_proven(mut self, before: Option<usize>) -> Result<Vec<Listed>, ImplausibleError> {
        let (listed, refused) = (self.listed.len(), self.refused.len());
        let rows = listed.saturating_add(refused);
        if refused.saturating_mul(100) > rows.saturating_mul(MOST_REFUSED) {
            let first = Box::new(self.refused.swap_remove(0));
            return Err(ImplausibleError::TooManyRefused {
                refused,
                rows,
                first,
            });
        }
        if self.listed.is_empty() {
            return Err(ImplausibleError::NoRows);
        }
        refuse_duplicates(&self.listed)?;
        refuse_size(listed, before)?;
        refuse_missing_underlyings(&self.listed)?;
        Ok(self.listed)
    }
}

fn refuse_duplicates(listed: &[Listed]) -> Result<(), ImplausibleError> {
    let mut rows = HashMap::with_capacity(listed.len());
    for Listed {
        row, instrument, ..
    } in listed
    {
        if let Some(earlier) = rows.insert(&instrument.key, *row) {
            return Err(ImplausibleError::Duplicate {
                key: instrument.key.clone(),
                row: *row,
                earlier,
            });
        }
    }
    Ok(())
}

fn refuse_size(now: usize, before: Option<usize>) -> Result<(), ImplausibleError> {
    let Some(before) = before else {
        return Ok(());
    };
    let size = ListSize { now, before };
    if size.is_short() || size.is_long() {
        return Err(ImplausibleError::Size(size));
    }
    Ok(())
}

/// Contracts of shares and indices need what they are on; commodities and currencies have no spot.
fn refuse_missing_underlyings(listed: &[Listed]) -> Result<(), ImplausibleError> {
    let known: HashSet<_> = listed
        .iter()
        .map(|listed| &listed.instrument.key)
        .map(|key| (key.exchange, key.symbol.as_str()))
        .collect();
    for Listed {
        row, instrument, ..
    } in listed
    {
        let key = &instrument.key;
        let Some((_, cash, index)) = UNDERLYINGS.iter().find(|(on, ..)| *on == key.exchange) else {
            continue;
        };
        let Ok(contract) = Contract::parse(key.exchange, &key.symbol) else {
            continue;
        };
        let base = contract.base();
        if !known.contains(&(*cash, base)) && !known.contains(&(*index, base)) {
            return Err(ImplausibleError::NoUnderlying {
                row: *row,
                base: base.into(),
                exchange: *cash,
            });
        }
    }
    Ok(())
}
