//! Work that is carried through even if whoever asked for it goes away, and for which the engine
//! waits when it stops.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinSet};

/// How long the end of it is waited for. It is far longer than a broker may take to answer.
const LONGEST: Duration = Duration::from_mins(1);

/// The work that is being carried through.
#[derive(Debug, Clone, Default)]
pub(crate) struct Errands(Arc<Mutex<Running>>);

#[derive(Debug, Default)]
struct Running {
    tasks: JoinSet<()>,
    over: bool,
}

impl Errands {
    /// Carries work through and gives what came of it; nothing where the engine is stopping, and
    /// then it was not begun, or where it panicked.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T>
    where
        T: Send + 'static,
    {
        let (done, outcome) = oneshot::channel();
        {
            let mut running = self.lock();
            if running.over {
                return None;
            }
            while let Some(ended) = running.tasks.try_join_next() {
                report(ended);
            }
            // Whoever asked may have gone away.
            let errand = async move { drop(done.send(work.await)) };
            running.tasks.spawn(errand);
        }
        outcome.await.ok()
    }

    /// Begins nothing more, and waits for the end of what was begun. What hangs is given up after a
    /// minute, so that a store that does not answer keeps no program from ending.
    pub(crate) async fn end(&self) {
        let mut tasks = {
            let mut running = self.lock();
            running.over = true;
            std::mem::take(&mut running.tasks)
        };
        let all = async {
            while let Some(ended) = tasks.join_next().await {
                report(ended);
            }
        };
        if tokio::time::timeout(LONGEST, all).await.is_err() {
            tracing::error!("something that was to be carried through hangs and is given up");
            tasks.shutdown().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "something that was to be carried through ended early");
    }
}
