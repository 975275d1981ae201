//! The readers: a few connections that cannot write.
//!
//! A plain stack of idle connections instead of a pool crate: those open connections on threads of
//! their own, and one that is just being opened would keep the file in use after it was closed.

use crate::connection::{self, ConnectError};
use crate::error::Fault;
use crate::source::Source;
use diesel::sqlite::SqliteConnection;
use openalgo_core::port::StoreError;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// Connections at most. Reads take microseconds to milliseconds and the machine has few cores.
const MOST: u32 = 4;

/// The readers and who may use them.
pub(crate) struct Readers {
    idle: Arc<Idle>,
    // Callers wait here instead of occupying blocking threads.
    free: Arc<Semaphore>,
}

/// The connections that nobody uses, and how to make more of them.
struct Idle {
    source: Arc<Source>,
    connections: Mutex<Vec<SqliteConnection>>,
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

impl Readers {
    /// Opens the first reader; the others follow when they are needed.
    pub(crate) fn open(source: Arc<Source>) -> Result<Self, ConnectError> {
        let first = source.open()?;
        let idle = Idle {
            source,
            connections: Mutex::new(vec![first]),
        };
        Ok(Self {
            idle: Arc::new(idle),
            free: Arc::new(Semaphore::new(usize::try_from(MOST).unwrap_or(1))),
        })
    }

    /// Runs `work` on a reader and a blocking thread.
    ///
    /// A panic in `work` goes on in the caller.
    pub(crate) async fn run<T, W>(&self, work: W) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: FnOnce(&mut SqliteConnection) -> Result<T, Fault> + Send + 'static,
    {
        self.run_judged(work, |_| false).await
    }

    /// Runs `work`, which may keep to itself that it met damage: `is_spoilt` tells it from what it
    /// gives.
    pub(crate) async fn run_judged<T, W>(
        &self,
        work: W,
        is_spoilt: fn(&T) -> bool,
    ) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: FnOnce(&mut SqliteConnection) -> Result<T, Fault> + Send + 'static,
    {
        let done = self.blocking(move |idle| {
            let mut reader = idle.take().map_err(Fault::other)?;
            let outcome = work(&mut reader);
            let is_spoilt = match &outcome {
                Ok(given) => is_spoilt(given),
                Err(fault) => fault.is_of_sqlite(),
            };
            if is_spoilt {
                connection::give_up(reader);
            } else {
                idle.give_back(reader);
            }
            outcome
        });
        done.await.unwrap_or(Err(StoreError::Closed.into()))
    }

    /// Runs `work`, which opens a connection of its own to the file, on a blocking thread; `None`
    /// when the readers were stopped.
    pub(crate) async fn with_source<T, W>(&self, work: W) -> Option<T>
    where
        T: Send + 'static,
        W: FnOnce(&Source) -> T + Send + 'static,
    {
        self.blocking(move |idle| work(&idle.source)).await
    }

    async fn blocking<T, W>(&self, work: W) -> Option<T>
    where
        T: Send + 'static,
        W: FnOnce(&Idle) -> T + Send + 'static,
    {
        let permit = Arc::clone(&self.free).acquire_owned().await.ok()?;
        let idle = Arc::clone(&self.idle);
        let done = tokio::task::spawn_blocking(move || {
            let outcome = work(&idle);
            drop(permit);
            outcome
        });
        match done.await {
            Ok(outcome) => Some(outcome),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_cancelled) => None,
            },
        }
    }

    /// Waits for the reads that have begun, lets no other begin, and closes the connections. What
    /// they and the writer give back from now on is wiped.
    pub(crate) async fn stop(&self) {
        // Whoever waits for a permit gets an error, once all permits are here.
        let all = self.free.acquire_many(MOST).await;
        self.free.close();
        drop(all);
        let mut idle = std::mem::take(&mut *self.idle.lock());
        idle.drain(..).for_each(connection::give_up);
    }
}

impl Idle {
    fn lock(&self) -> MutexGuard<'_, Vec<SqliteConnection>> {
        // A push or pop leaves nothing half changed.
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Result<SqliteConnection, ConnectError> {
        let idle = self.lock().pop();
        match idle {
            Some(reader) => Ok(reader),
            None => self.source.open(),
        }
    }

    fn give_back(&self, reader: SqliteConnection) {
        self.lock().push(reader);
    }
}
