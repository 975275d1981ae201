//! The open folder, and the commands that run on it: those of this process, and those that other
//! processes bring.

use crate::alone::{Alone, Done, Opens};
use crate::command::{self, Need};
use crate::error::{CliError, Exit};
use crate::open::{Open, Target};
use crate::progress::Progress;
use crate::record::Record;
use crate::request::Request;
use crate::session::{Origin, Session};
use crate::show::Output;
use crate::signals::Stop;
use async_trait::async_trait;
use openalgo::control::{Answers, Endpoint, ProgressSender};
use openalgo::crypto::ControlKey;
use openalgo::{KeySource, Owner, Ownership, World};
use std::sync::Arc;
use tokio::sync::{RwLock, RwLockWriteGuard, watch};
use zeroize::Zeroizing;

/// How much room an answer or a request gets at first: one that grows leaves copies behind.
pub(crate) const ROOM: usize = 64 << 10;

/// What came of a command, as it travels.
pub(crate) type Outcome = Result<Output, CliError>;

/// For how long this process has the folder.
#[derive(Debug)]
pub(crate) enum Stay {
    /// Until it is locked: somebody keeps it unlocked.
    Held,
    /// For one command, and what stops that, if it is one of those of which something is said then.
    Once(Option<Arc<Stop>>),
}

impl Stay {
    fn is_held(&self) -> bool {
        matches!(self, Self::Held)
    }
}

/// The folder of this process.
#[derive(Debug)]
pub(crate) struct House {
    /// Commands run side by side, except for one that must be alone.
    inside: RwLock<Inside>,
    owner: Owner,
    /// What callers must have, changed with the key of the folder.
    key: watch::Sender<ControlKey>,
    stay: Stay,
    /// Whether the folder is to be given up: it was locked, or the command is done for which it
    /// was opened.
    leaving: watch::Sender<bool>,
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
        stay: Stay,
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
            stay,
            leaving: watch::Sender::new(false),
        });
        let answers = Arc::clone(&house) as Arc<dyn Answers>;
        let endpoint = door.map(|door| door.serve(expected, answers));
        (house, endpoint)
    }

    /// Says that the command is done for which the folder was opened.
    pub(crate) fn leave(&self) {
        self.leaving.send_replace(true);
    }

    /// Waits until the folder is to be given up.
    pub(crate) async fn left(&self) {
        let mut leaving = self.leaving.subscribe();
        // The sender is our own.
        drop(leaving.wait_for(|is_leaving| *is_leaving).await);
    }

    pub(crate) fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Runs a command: the one function for all of them, wherever they come from. `None` when it
    /// was not begun, because this process cannot run it and now gives the folder up.
    pub(crate) async fn run(
        &self,
        request: Request,
        origin: Origin,
        progress: Progress,
    ) -> Option<Outcome> {
        let outcome = match request.command.need() {
            // It takes the folder itself, a little later.
            Need::Alone | Need::Hold if origin == Origin::Elsewhere && !self.stay.is_held() => {
                self.left().await;
                None
            }
            Need::Alone => self.run_alone(request, progress).await,
            Need::Hold => Some(Err(self.unlocked_already().await)),
            Need::Files | Need::Reading | Need::Engine | Need::NewFolder => {
                self.run_beside(request, origin, progress).await
            }
        };
        if let Some(Err(error)) = &outcome {
            tracing::error!(code = %error.code, message = error.for_log(), "the command failed");
        }
        outcome
    }

    async fn unlocked_already(&self) -> CliError {
        let inside = self.inside.read().await;
        CliError::from(inside.target.in_use_by(self.owner.clone()))
            .hint("it is unlocked already; `openalgo lock` ends that")
    }

    async fn run_beside(
        &self,
        request: Request,
        origin: Origin,
        progress: Progress,
    ) -> Option<Outcome> {
        let inside = self.inside.read().await;
        let open = inside.open.as_ref()?;
        let needs_engine = !request.command.need().does_without_engine();
        if open.app().is_none() && needs_engine {
            drop(inside);
            if origin == Origin::Elsewhere {
                self.left().await;
            }
            return None;
        }
        if let Some(app) = open.app()
            && needs_engine
            && !app.world().has_all_of(&request.world)
        {
            if self.stay.is_held() {
                return Some(Err(other_world(app.world())));
            }
            drop(inside);
            self.left().await;
            return None;
        }
        let session = Session {
            app: open.app(),
            files: open.files(),
            release: self.stay.is_held().then_some(&self.leaving),
            leaving: self.leaving.subscribe(),
            user: request.user,
            style: request.style,
            origin,
            progress,
        };
        session.catch_up().await;
        let record = Record::begin(&request.command);
        let run = Box::pin(command::on(&session, request.command));
        let outcome = match &self.stay {
            // What others have sent is none of what is stopped here.
            Stay::Once(Some(stop)) if origin == Origin::Here => {
                let outcome = stop.unless(run).await;
                outcome.unwrap_or_else(|| Err(stop.here()))
            }
            Stay::Once(_) | Stay::Held => run.await,
        };
        if let Some(record) = record {
            record.end(&session, &outcome).await;
        }
        Some(outcome.map_err(|error| error.within(open.files().folder().root())))
    }

    /// Runs a command when all others have ended, and keeps them waiting until it has.
    async fn run_alone(&self, request: Request, progress: Progress) -> Option<Outcome> {
        let command = request.command;
        if self.stay.is_held() {
            let inside = self.inside.read().await;
            if let Err(error) = inside.target.has_key_for(&command).await {
                return Some(Err(error));
            }
        }
        let mut inside = self.inside.write().await;
        let open = inside.open.take()?;
        let ownership = open.files().ownership();
        let mut closed = Closed::new(self, inside);
        let inside = &mut *closed.inside;
        let entered = inside.target.enter(open, &command).await;
        let done = match entered {
            Ok(files) => command::alone(Alone { files, progress }, command).await,
            Err(error) => Err(error),
        };
        let done = done.map_err(|error| error.within(inside.target.folder.root()));
        let outcome = done.map(|Done { output, opens }| {
            if let Opens::AsItSays { passphrase } = opens {
                let source = passphrase.map(KeySource::Passphrase);
                inside.target.opens_with(source);
            }
            output
        });
        if self.stay.is_held() {
            self.open_again(inside, ownership).await;
        }
        closed.settle();
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
                self.leave();
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

fn other_world(world: &World) -> CliError {
    let message = format!("the folder is held open in another world: prices {world}");
    CliError::refused("other_world", &message).hint(
        "end that with `openalgo lock`, and unlock it with the --market-data and --clock you want",
    )
}

/// The folder while a command is alone with it. When that breaks off, by a panic or because nobody
/// drives it on, the folder is given up: whoever waits for it would wait for ever.
struct Closed<'a> {
    house: &'a House,
    inside: RwLockWriteGuard<'a, Inside>,
    settled: bool,
}

impl<'a> Closed<'a> {
    fn new(house: &'a House, inside: RwLockWriteGuard<'a, Inside>) -> Self {
        Self {
            house,
            inside,
            settled: false,
        }
    }

    /// The command has ended, and the folder is as it should be after it.
    fn settle(mut self) {
        self.settled = true;
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        tracing::error!("a command broke off that was alone with the data folder");
        let message = "a command broke off that was alone with the data folder, and it is not \
                       known whether it was done";
        let error = CliError::new(Exit::Unexpected, "internal", &message);
        self.inside.lost = Some(error.hint("run `openalgo doctor` and `openalgo db check`"));
        self.house.leave();
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

#[cfg(test)]
mod tests;
