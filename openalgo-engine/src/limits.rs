//! The limits of risk of all users, in memory.
//!
//! One process owns the data, so what was read from the store stays true until it is changed
//! here, and an order costs no reading.

use openalgo_core::account::RiskLimits;
use openalgo_core::id::UserId;
use openalgo_core::port::{RiskRepository, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

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
