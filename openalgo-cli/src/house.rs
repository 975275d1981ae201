//! The open folder, and the commands that run on it: those of this process, and those that other
//! processes bring.

use crate::alone::{Alone, Done};
use crate::command::{self, Need};
use crate::error::CliError;
use crate::open::{Open, Target};
use crate::progress::Progress;
use crate::request::Request;
use crate::session::{Origin, Session};
use crate::show::Output;
use async_trait::async_trait;
use openalgo::control::{Answers, Endpoint, ProgressSender};
use openalgo::crypto::ControlKey;
use openalgo::{Owner, Ownership};
use std::sync::Arc;
use tokio::sync::{Notify, RwLock, watch};
use zeroize::Zeroizing;

/// How much room an answer or a request gets at first: one that grows leaves copies behind.
pub(crate) const ROOM: usize = 64 << 10;

/// What came of a command, as it travels.
pub(crate) type Outcome = Result<Output, CliError>;

/// The folder of this process.
#[derive(Debug)]
pub(crate) struct House {
    /// Commands run side by side, except for one that must be alone.
    inside: RwLock<Inside>,
    owner: Owner,
    /// What callers must have, changed with the key of the folder.
    key: watch::Sender<ControlKey>,
    /// Somebody keeps the folder unlocked, until this is told.
    held: bool,
    release: Notify,
}

#[derive(Debug)]
struct Inside {
    target: Target,
    /// `None` when a command that was alone with the folder has closed it for good.
    open: Option<Open>,
    /// Why it was not opened again where it should have been.
    lost: Option<CliError>,
}

impl House {
    /// Lets other processes have their commands run here, where the folder can be reached.
    pub(crate) fn open(
        target: Target,
        mut open: Open,
        held: bool,
    ) -> (Arc<Self>, Option<Endpoint>) {
        let door = open.take_door();
        let (key, expected) = watch::channel(open.files().control_key());
        let house = Arc::new(Self {
            owner: open.files().owner().clone(),
            inside: RwLock::new(Inside {
                target,
                open: Some(open),
                lost: None,
            }),
            key,
            held,
            release: Notify::new(),
        });
        let answers = Arc::clone(&house) as Arc<dyn Answers>;
        let endpoint = door.map(|door| door.serve(expected, answers));
        (house, endpoint)
    }

    /// Waits until somebody asks that the folder be locked.
    pub(crate) async fn released(&self) {
        self.release.notified().await;
    }

    pub(crate) fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Runs a command: the one function for all of them, wherever they come from. `None` when it
    /// was not begun, because what it needs is not open here.
    pub(crate) async fn run(
        &self,
        request: Request,
        origin: Origin,
        progress: Progress,
    ) -> Option<Outcome> {
        let outcome = match request.command.need() {
            Need::Alone => self.run_alone(request, origin, progress).await,
            Need::Files | Need::Engine | Need::NewFolder | Need::Hold => {
                self.run_beside(request, origin, progress).await
            }
        };
        if let Some(Err(error)) = &outcome {
            tracing::error!(code = %error.code, message = error.for_log(), "the command failed");
        }
        outcome
    }

    async fn run_beside(
        &self,
        request: Request,
        origin: Origin,
        progress: Progress,
    ) -> Option<Outcome> {
        let inside = self.inside.read().await;
        let open = inside.open.as_ref()?;
        if open.app().is_none() && request.command.need() != Need::Files {
            return None;
        }
        let session = Session {
            app: open.app(),
            files: open.files(),
            release: self.held.then_some(&self.release),
            user: request.user,
            style: request.style,
            origin,
            progress,
        };
        session.catch_up().await;
        let outcome = command::on(&session, request.command).await;
        Some(outcome.map_err(|error| error.within(open.files().folder().root())))
    }

    /// Runs a command when all others have ended, and keeps them waiting until it has. One that
    /// comes to a process which does not keep the folder takes the folder itself, a little later.
    async fn run_alone(
        &self,
        request: Request,
        origin: Origin,
        progress: Progress,
    ) -> Option<Outcome> {
        if origin == Origin::Elsewhere && !self.held {
            return None;
        }
        let mut inside = self.inside.write().await;
        let open = inside.open.take()?;
        let ownership = open.files().ownership();
        let entered = inside.target.enter(open, &request.command).await;
        let done = match entered {
            Ok(files) => {
                let alone = Alone { files, progress };
                command::alone(alone, request.command).await
            }
            Err(error) => Err(error),
        };
        let outcome = done.map(|Done { output, opens_with }| {
            if let Some(source) = opens_with {
                inside.target.opens_with(source);
            }
            output
        });
        if self.held {
            self.open_again(&mut inside, ownership).await;
        }
        Some(outcome)
    }

    async fn open_again(&self, inside: &mut Inside, ownership: Ownership) {
        match inside.target.open_again(ownership).await {
            Ok(open) => {
                self.key.send_replace(open.files().control_key());
                inside.open = Some(open);
            }
            Err(error) => {
                tracing::error!(code = %error.code, message = error.for_log(), "the data folder does not open again");
                inside.lost = Some(error);
                self.release.notify_one();
            }
        }
    }

    /// Closes the folder; fails if it was closed before, against its holder's will. Stop the
    /// endpoint first: whoever is still being answered keeps the folder open.
    pub(crate) async fn close(self: Arc<Self>) -> Result<(), CliError> {
        let Some(house) = Arc::into_inner(self) else {
            tracing::error!("the data folder was not closed: a command still runs");
            return Ok(());
        };
        let inside = house.inside.into_inner();
        if let Some(open) = inside.open {
            open.close().await;
        }
        inside.lost.map_or(Ok(()), Err)
    }
}

#[async_trait]
impl Answers for House {
    async fn answer(&self, request: &[u8], progress: ProgressSender) -> Option<Zeroizing<Vec<u8>>> {
        let outcome = match serde_json::from_slice(request) {
            Ok(request) => {
                let progress = Progress::to(progress);
                self.run(request, Origin::Elsewhere, progress).await?
            }
            Err(error) => Err(CliError::internal("the command is not understood", &error)),
        };
        let mut answer = Zeroizing::new(Vec::with_capacity(ROOM));
        match serde_json::to_writer(&mut *answer, &outcome) {
            Ok(()) => Some(answer),
            Err(error) => {
                tracing::error!(error = %error, "an answer cannot be written");
                Some(Zeroizing::new(Vec::new()))
            }
        }
    }
}
