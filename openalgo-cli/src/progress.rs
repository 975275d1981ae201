//! How far a long command is: told from wherever it runs to the terminal that waits for it.

use openalgo::control::ProgressSender;
use openalgo::store::Progress as Copied;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;

/// How many words may wait for a terminal that is slow.
const WAITING: usize = 16;

/// How far a command is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// What is being done.
    pub(crate) what: String,
    pub(crate) done: u64,
    /// How much there is to do; zero when nobody knows.
    pub(crate) of: u64,
}

impl Step {
    /// Something that does not say how far it is.
    pub(crate) fn begin(what: &str) -> Self {
        Self {
            what: what.to_owned(),
            done: 0,
            of: 0,
        }
    }

    /// A copy that is being made.
    pub(crate) fn copy(what: &str, copied: Copied) -> Self {
        Self {
            what: what.to_owned(),
            done: copied.done,
            of: copied.total,
        }
    }
}

/// What a command shows while it goes on, for every kind of reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Live {
    /// For somebody at a terminal: it takes the place of the one before.
    pub(crate) picture: String,
    /// For whoever reads lines: what is new.
    pub(crate) lines: Vec<String>,
    /// The same for programs.
    pub(crate) data: Vec<Value>,
}

/// Where a command says how far it is.
#[derive(Debug, Clone)]
pub(crate) struct Progress(ProgressSender);

impl Progress {
    pub(crate) fn to(sender: ProgressSender) -> Self {
        Self(sender)
    }

    /// A command of this process, and what it says.
    pub(crate) fn here() -> (Self, mpsc::Receiver<Vec<u8>>) {
        let (sender, steps) = mpsc::channel(WAITING);
        (Self(sender), steps)
    }

    /// Shows what is new; waits until the terminal has time for it. Whether somebody looks.
    pub(crate) async fn show(&self, live: &Live) -> bool {
        match serde_json::to_vec(live) {
            Ok(words) => self.0.send(words).await.is_ok(),
            Err(_unwritable) => false,
        }
    }

    /// Waits until nobody looks any more.
    pub(crate) async fn unwatched(&self) {
        self.0.closed().await;
    }

    /// Says how far the command is. Never waits: a step that nobody has time for is left out.
    pub(crate) fn report(&self, step: &Step) {
        if let Ok(words) = serde_json::to_vec(step) {
            drop(self.0.try_send(words));
        }
    }
}
