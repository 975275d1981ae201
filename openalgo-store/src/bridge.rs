//! The only place where blocking meets async.
//!
//! [`Database::read`] runs a piece of work on a reader, [`Database::write`] on the writer. Work is
//! synchronous: it gets a connection and gives a result, and never sees a runtime.

use crate::anchor::Anchor;
use crate::error::Fault;
use crate::presence::Presence;
use crate::reader::Readers;
use crate::writer::{Receipt, Writer};
use diesel::sqlite::SqliteConnection;
use openalgo_core::port::{Clock, Sealer, StoreError};
use openalgo_crypto::JournalKey;
use std::path::PathBuf;
use std::sync::Arc;

/// What work needs besides a connection.
#[derive(Debug)]
pub(crate) struct Context {
    /// Seals and opens single fields.
    pub(crate) sealer: Arc<dyn Sealer>,
    /// Tells the time of changes that carry none.
    pub(crate) clock: Arc<dyn Clock>,
    /// Chains the journal.
    pub(crate) journal_key: JournalKey,
    /// Tells older copies of the file.
    pub(crate) anchor: Option<Anchor>,
    /// Tells that the file is still there.
    pub(crate) presence: Presence,
}

/// An open database; it implements the repository ports.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) path: PathBuf,
    pub(crate) context: Arc<Context>,
    // Dropped in this order: the last connection to close, the writer's, cleans the WAL up.
    pub(crate) readers: Readers,
    pub(crate) writer: Writer,
}

impl Database {
    /// Runs `work` on a reader; `operation` says in an error what it was, as in
    /// "failed to list the orders".
    pub(crate) async fn read<T, W>(&self, operation: &'static str, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut SqliteConnection, &Context) -> Result<T, Fault> + Send + 'static,
    {
        let context = Arc::clone(&self.context);
        self.readers
            .run(move |c| work(c, &context))
            .await
            .map_err(|fault| fault.into_store(operation))
    }

    /// Runs `work` on the writer; what it changed is on disk when this returns.
    ///
    /// Once the work is queued it will be done, even if the caller stops waiting.
    pub(crate) async fn write<T, W>(
        &self,
        operation: &'static str,
        work: W,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut SqliteConnection, &Context) -> Result<T, Fault> + Send + 'static,
    {
        self.enqueue(operation, work).await?.outcome().await
    }

    /// Runs `work` on the writer in its turn, but not within a transaction.
    pub(crate) async fn bare<T, W>(&self, operation: &'static str, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut SqliteConnection, &Context) -> Result<T, Fault> + Send + 'static,
    {
        let receipt = self.writer.enqueue_bare(operation, work).await?;
        receipt.outcome().await
    }

    /// Queues `work` for the writer behind everything queued before; waits only for room.
    pub(crate) async fn enqueue<T, W>(
        &self,
        operation: &'static str,
        work: W,
    ) -> Result<Receipt<T>, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut SqliteConnection, &Context) -> Result<T, Fault> + Send + 'static,
    {
        self.writer.enqueue(operation, work).await
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Context, Presence};
    use openalgo_core::testing::{FakeClock, FakeRandom};
    use openalgo_crypto::{FieldSealer, MasterKey};
    use std::sync::Arc;

    /// What work needs in a test without a store.
    pub(crate) fn context() -> Context {
        let random = Arc::new(FakeRandom::default());
        let key = MasterKey::make(random.as_ref()).unwrap();
        Context {
            sealer: Arc::new(FieldSealer::new(key.field_key(), random)),
            clock: Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30")),
            journal_key: key.journal_key(),
            anchor: None,
            presence: Presence::of([]),
        }
    }
}
