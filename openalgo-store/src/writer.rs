//! The one writer: a thread that owns a connection, and group commit.
//!
//! A flush to disk takes far longer than the work it makes durable. Whatever waits when the writer
//! is free, up to [`LARGEST_GROUP`] jobs, shares one transaction and one flush. Jobs that share
//! have a savepoint each, so that one that fails undoes nothing but itself, and every reply is sent
//! after COMMIT has returned: to the caller it is as if the job had been alone.

mod control;

use crate::anchor;
use crate::bridge::Context;
use crate::connection;
use crate::error::Fault;
use crate::source::Source;
use control::{BEGIN, COMMIT, RELEASE, ROLLBACK, SAVEPOINT, UNDO};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sqlite::SqliteConnection;
use openalgo_core::port::StoreError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Jobs that share one flush at most, so that the first of them does not wait for too many.
const LARGEST_GROUP: usize = 64;
/// Jobs that may wait; who comes later waits for room.
const QUEUE: usize = 1024;

/// What a job will have given, once it is durable.
pub(crate) struct Receipt<T>(oneshot::Receiver<Result<T, StoreError>>);

impl<T> Receipt<T> {
    /// Waits for the COMMIT.
    pub(crate) async fn outcome(self) -> Result<T, StoreError> {
        self.0.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// A handle to the writer thread.
pub(crate) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts the thread, which owns the connection from now on, and another one to the same file
    /// when that can be used no more.
    pub(crate) fn start(
        (connection, source): (SqliteConnection, Arc<Source>),
        context: Arc<Context>,
    ) -> Result<Self, std::io::Error> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("openalgo-store-writer".into())
            .spawn(move || serve((connection, &source), &context, jobs))?;
        Ok(Self {
            queue: Mutex::new(Some(queue)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Queues a job; waits only for room.
    pub(crate) async fn enqueue<T, W>(
        &self,
        operation: &'static str,
        work: W,
    ) -> Result<Receipt<T>, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut SqliteConnection, &Context) -> Result<T, Fault> + Send + 'static,
    {
        self.queue_up(operation, Manner::Shared, work).await
    }

    /// Queues a job that SQLite does not do within a transaction: it takes its turn, alone.
    pub(crate) async fn enqueue_bare<T, W>(
        &self,
        operation: &'static str,
        work: W,
    ) -> Result<Receipt<T>, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut SqliteConnection, &Context) -> Result<T, Fault> + Send + 'static,
    {
        self.queue_up(operation, Manner::Bare, work).await
    }

    async fn queue_up<T, W>(
        &self,
        operation: &'static str,
        manner: Manner,
        work: W,
    ) -> Result<Receipt<T>, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut SqliteConnection, &Context) -> Result<T, Fault> + Send + 'static,
    {
        let (reply, receipt) = oneshot::channel();
        let job = Task {
            operation,
            manner,
            work: Some(work),
            outcome: Err(StoreError::Closed),
            reply,
        };
        let queue = lock(&self.queue).clone().ok_or(StoreError::Closed)?;
        match queue.send(Box::new(job)).await {
            Ok(()) => Ok(Receipt(receipt)),
            Err(_closed) => Err(StoreError::Closed),
        }
    }

    /// Takes nothing more, and returns when everything queued is done and the WAL is in the file.
    pub(crate) fn stop(&self) {
        drop(lock(&self.queue).take());
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer of the database panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing that holds these locks can leave them half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(
    (mut c, source): (SqliteConnection, &Source),
    context: &Context,
    mut jobs: mpsc::Receiver<Box<dyn Job>>,
) {
    let mut group = Vec::with_capacity(LARGEST_GROUP);
    while jobs.blocking_recv_many(&mut group, LARGEST_GROUP) > 0 {
        while !group.is_empty() {
            let size = together(&group);
            let (next, _) = group.split_at_mut(size);
            let committed = commit(&mut c, context, next);
            if let Err(failure) = &committed {
                tracing::error!(error = %failure, "the database failed to commit");
            }
            let failed = next.iter().any(|job| job.failed());
            for job in group.drain(..size) {
                job.reply(committed.as_ref().copied());
            }
            if failed || committed.is_err() {
                c = usable(c, source);
            }
        }
    }
    if let Err(error) = c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the WAL stays beside the database until it is opened again");
    }
}

/// The connection, or another one where damage that it met has made it useless.
fn usable(mut c: SqliteConnection, source: &Source) -> SqliteConnection {
    if connection::reads(&mut c) {
        return c;
    }
    match source.open_writer() {
        Ok(other) => {
            connection::give_up(c);
            other
        }
        Err(error) => {
            tracing::error!(%error, "the database cannot be written any more");
            c
        }
    }
}

/// How many jobs at the front go together. A bare one goes by itself.
fn together(group: &[Box<dyn Job>]) -> usize {
    let shared = group
        .iter()
        .take_while(|job| job.manner() == Manner::Shared)
        .count();
    shared.max(1)
}

/// Why a whole group came to nothing.
#[derive(Debug, Clone, thiserror::Error)]
enum GroupFailure {
    #[error("the shared transaction failed")]
    Transaction(#[source] Arc<DieselError>),
    #[error("{file} is not there any more")]
    Lost { file: String },
}

/// Nothing is stored in a file that has lost its name.
fn examine(context: &Context) -> Result<(), GroupFailure> {
    let lost = context.presence.lost();
    lost.map_or(Ok(()), |file| Err(GroupFailure::Lost { file }))
}

fn commit(
    c: &mut SqliteConnection,
    context: &Context,
    group: &mut [Box<dyn Job>],
) -> Result<(), GroupFailure> {
    let ended = match group {
        [job] if job.manner() == Manner::Bare => {
            examine(context)?;
            job.run(c, context);
            return Ok(());
        }
        [job] => run_alone(c, context, job),
        group => run_all(c, context, group),
    };
    let committed = ended.map_err(|error| {
        // Some errors have ended the transaction already; then this has nothing to do.
        if let Err(error) = ROLLBACK.execute(c) {
            tracing::debug!(%error, "nothing to roll back");
        }
        GroupFailure::Transaction(Arc::new(error))
    })?;
    examine(context)?;
    if let (Some(anchor), Some(number)) = (&context.anchor, committed) {
        anchor.keep(number);
    }
    Ok(())
}

/// The transaction is the only one's own; a savepoint would copy every page for nothing. Gives the
/// number of the commit, where commits are counted and there was one.
fn run_alone(
    c: &mut SqliteConnection,
    context: &Context,
    job: &mut Box<dyn Job>,
) -> Result<Option<i64>, DieselError> {
    BEGIN.execute(c)?;
    if job.run(c, context) {
        return finish(c, context);
    }
    ROLLBACK.execute(c)?;
    Ok(None)
}

/// Plain SQL instead of Diesel's transactions: those lose count when a job panics. Gives the number
/// of the commit, where commits are counted.
fn run_all(
    c: &mut SqliteConnection,
    context: &Context,
    group: &mut [Box<dyn Job>],
) -> Result<Option<i64>, DieselError> {
    BEGIN.execute(c)?;
    for job in group {
        SAVEPOINT.execute(c)?;
        if !job.run(c, context) {
            // On a full disk SQLite may have undone the whole transaction. Then there is no
            // savepoint any more, this fails, and so does the group.
            UNDO.execute(c)?;
        }
        RELEASE.execute(c)?;
    }
    finish(c, context)
}

fn finish(c: &mut SqliteConnection, context: &Context) -> Result<Option<i64>, DieselError> {
    let counted = context.anchor.as_ref().map(|_| anchor::count(c));
    let number = counted.transpose()?;
    COMMIT.execute(c)?;
    Ok(number)
}

/// How a job is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Within a transaction, with whatever else waits.
    Shared,
    /// Without one.
    Bare,
}

/// A piece of work with somebody who waits for it.
trait Job: Send {
    /// How it is done.
    fn manner(&self) -> Manner;

    /// Does the work; `false` when its changes must be undone.
    fn run(&mut self, c: &mut SqliteConnection, context: &Context) -> bool;

    /// Whether it was not done, or its changes were undone.
    fn failed(&self) -> bool;

    /// Tells the one who waits.
    fn reply(self: Box<Self>, committed: Result<(), &GroupFailure>);
}

struct Task<T, W> {
    operation: &'static str,
    manner: Manner,
    work: Option<W>,
    outcome: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Job for Task<T, W>
where
    T: Send + 'static,
    W: FnOnce(&mut SqliteConnection, &Context) -> Result<T, Fault> + Send + 'static,
{
    fn manner(&self) -> Manner {
        self.manner
    }

    fn run(&mut self, c: &mut SqliteConnection, context: &Context) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        // The savepoint undoes what a panic left behind; the writer must outlive it.
        let ended = catch_unwind(AssertUnwindSafe(|| work(c, context)));
        self.outcome = ended
            .unwrap_or_else(|_panic| Err(Fault::other("the work panicked")))
            .map_err(|fault| fault.into_store(self.operation));
        self.outcome.is_ok()
    }

    fn failed(&self) -> bool {
        self.outcome.is_err()
    }

    fn reply(self: Box<Self>, committed: Result<(), &GroupFailure>) {
        let outcome = match (committed, self.outcome) {
            (Ok(()), outcome) => outcome,
            (Err(GroupFailure::Lost { file }), _) => Err(StoreError::Lost { file: file.clone() }),
            // The job that broke the transaction, such as one that met a full disk, knows more.
            (Err(_), Err(own @ StoreError::Failed { .. })) => Err(own),
            (Err(failure), _) => Err(StoreError::Failed {
                operation: self.operation,
                source: Box::new(failure.clone()),
            }),
        };
        // Nobody listens when the caller stopped waiting; the work is done all the same.
        drop(self.reply.send(outcome));
    }
}

#[cfg(test)]
mod tests;
