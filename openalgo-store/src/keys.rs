//! The keys that a database is read and written with.

use openalgo_core::port::{RandomSource, Sealer};
use openalgo_crypto::{DatabaseKey, FieldSealer, JournalKey, MasterKey};
use std::sync::Arc;

/// The keys of one database.
#[derive(Debug)]
pub struct Keys {
    /// Encrypts the file.
    pub database_key: DatabaseKey,
    /// Chains the journal of orders.
    pub journal_key: JournalKey,
    /// Seals single fields within the file.
    pub sealer: Arc<dyn Sealer>,
}

impl Keys {
    /// Those that come from a master key.
    pub fn of(master: &MasterKey, random: Arc<dyn RandomSource>) -> Self {
        Self {
            database_key: master.database_key(),
            journal_key: master.journal_key(),
            sealer: Arc::new(FieldSealer::new(master.field_key(), random)),
        }
    }
}
