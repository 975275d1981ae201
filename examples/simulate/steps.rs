//! The steps of a process, at each of which it can be killed.

use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// Counts the steps of a life and ends it at the one that was drawn.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    count: Mutex<Count>,
    killed: Notify,
}

#[derive(Debug, Default)]
struct Count {
    /// Steps of all lives.
    total: u64,
    /// Steps that are left to the present life; `None` when it comes to its own end.
    left: Option<u64>,
    dead: bool,
}

impl Steps {
    /// Begins a life of so many steps.
    pub(crate) fn begin_life(&self, left: Option<u64>) {
        let mut count = self.lock();
        count.left = left;
        count.dead = false;
    }

    /// Steps that were made so far.
    pub(crate) fn total(&self) -> u64 {
        self.lock().total
    }

    /// One more step. Whoever makes the last one never comes back, and neither does anybody after.
    pub(crate) async fn pass(&self) {
        if self.count() {
            self.killed.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Returns when the life was ended.
    pub(crate) async fn killed(&self) {
        self.killed.notified().await;
    }

    fn count(&self) -> bool {
        let mut count = self.lock();
        count.total += 1;
        match &mut count.left {
            Some(0) => count.dead = true,
            Some(left) => *left -= 1,
            None => {}
        }
        count.dead
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
