//! The limits of risk of all users, in memory.
//!
//! One process owns the data, so what was read from the store stays true until it is changed
//! here, and an order costs no reading.
//!
//! | file | what is in it |
//! |---|---|
//! | `day` | how many orders were taken today |
//! | `profit` | what today has come to |

mod day;
mod profit;

pub(crate) use day::{Counted, Days};
pub(crate) use profit::Profits;

use crate::names::Whose;
use crate::standing::StandingError;
use openalgo_core::account::RiskLimits;
use openalgo_core::id::UserId;
use openalgo_core::port::{RiskRepository, StoreError};
use openalgo_core::rule::limits::LimitRefusal;
use openalgo_core::value::ValueError;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use thiserror::Error;

/// Why limits of risk let an order not pass. Nothing was stored.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum LimitError {
    /// A limit is in the way.
    #[error("{refusal}; `openalgo risk {}{whose}` changes the limit", refusal.remedy())]
    Refused {
        /// Which one.
        refusal: LimitRefusal,
        /// Whose limit it is.
        whose: Whose,
    },
    /// Nobody knows what the limits are, or how much of them is used.
    #[error("the limits of risk cannot be read, so no order is taken; positions can be closed")]
    Unreadable(#[source] Arc<StoreError>),
    /// Nobody knows what the day has come to.
    #[error(
        "risk limit daily_loss: it cannot be told what is lost today; positions can be closed; \
         `openalgo risk set daily_loss off{whose}` takes the limit away"
    )]
    ProfitUnknown {
        /// Why not.
        #[source]
        source: Box<StandingError>,
        /// Whose limit it is.
        whose: Whose,
    },
    /// There is no price that says what the order is worth.
    #[error(
        "risk limit order_value: there is no price to judge the order by; positions can be closed; \
         `openalgo risk set order_value off{whose}` takes the limit away"
    )]
    WorthUnknown {
        /// Whose limit it is.
        whose: Whose,
    },
    /// The worth of the order is beyond what amounts can be.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The day or the limits changed while the order was on its way.
    #[error("limits of risk changed while the order was on its way; send it again")]
    Unknown,
}

impl From<StoreError> for LimitError {
    fn from(error: StoreError) -> Self {
        Self::Unreadable(Arc::new(error))
    }
}

/// What is known of the limits.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    repository: Arc<dyn RiskRepository>,
    known: Arc<RwLock<BTreeMap<UserId, Arc<RiskLimits>>>>,
}

impl Limits {
    pub(crate) fn new(repository: Arc<dyn RiskRepository>) -> Self {
        Self {
            repository,
            known: Arc::default(),
        }
    }

    /// A user's limits; asks the store the first time.
    pub(crate) async fn read(&self, user: UserId) -> Result<Arc<RiskLimits>, StoreError> {
        if let Some(known) = self.known(user) {
            return Ok(known);
        }
        let stored = Arc::new(self.repository.limits(user).await?);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever changed the limits meanwhile knows better.
        Ok(Arc::clone(known.entry(user).or_insert(stored)))
    }

    /// A user's limits, if they were read.
    pub(crate) fn known(&self, user: UserId) -> Option<Arc<RiskLimits>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&user).cloned()
    }

    /// Takes over what the store holds now.
    pub(crate) fn note(&self, user: UserId, limits: RiskLimits) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(user, Arc::new(limits));
    }
}
