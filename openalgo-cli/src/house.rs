//! The open folder, and the commands that run on it: those of this process, and those that other
//! processes bring.

use crate::command;
use crate::error::CliError;
use crate::open::Open;
use crate::progress::Progress;
use crate::request::Request;
use crate::session::{Origin, Session};
use crate::show::Output;
use async_trait::async_trait;
use openalgo::control::{Answers, Endpoint, ProgressSender};
use std::sync::Arc;
use tokio::sync::Notify;
use zeroize::Zeroizing;

/// How much room an answer or a request gets at first: one that grows leaves copies behind.
pub(crate) const ROOM: usize = 64 << 10;

/// What came of a command, as it travels.
pub(crate) type Outcome = Result<Output, CliError>;

/// The open folder of this process.
#[derive(Debug)]
pub(crate) struct House {
    open: Open,
    /// Somebody keeps the folder unlocked, until this is told.
    held: bool,
    release: Notify,
}

impl House {
    /// Lets other processes have their commands run here, where the folder can be reached.
    pub(crate) fn open(mut open: Open, held: bool) -> (Arc<Self>, Option<Endpoint>) {
        let door = open.take_door();
        let key = open.files().control_key();
        let house = Arc::new(Self {
            open,
            held,
            release: Notify::new(),
        });
        let endpoint = door.map(|door| door.serve(key, Arc::clone(&house) as Arc<dyn Answers>));
        (house, endpoint)
    }

    /// Waits until somebody asks that the folder be locked.
    pub(crate) async fn released(&self) {
        self.release.notified().await;
    }

    pub(crate) fn place(&self) -> &Open {
        &self.open
    }

    /// Runs a command: the one function for all of them, wherever they come from.
    pub(crate) async fn run(
        &self,
        request: Request,
        origin: Origin,
        progress: Progress,
    ) -> Outcome {
        let session = Session {
            app: self.open.app(),
            files: self.open.files(),
            release: self.held.then_some(&self.release),
            user: request.user,
            style: request.style,
            origin,
            progress,
        };
        session.catch_up().await;
        let outcome = command::on(&session, request.command).await;
        if let Err(error) = &outcome {
            tracing::error!(code = %error.code, message = %error.message, "the command failed");
        }
        outcome
    }

    /// Closes the folder. Stop the endpoint first: whoever is still being answered keeps it open.
    pub(crate) async fn close(self: Arc<Self>) {
        if let Some(house) = Arc::into_inner(self) {
            house.open.close().await;
        } else {
            tracing::error!("the data folder was not closed: a command still runs");
        }
    }
}

#[async_trait]
impl Answers for House {
    async fn answer(&self, request: &[u8], progress: ProgressSender) -> Option<Zeroizing<Vec<u8>>> {
        let outcome = match serde_json::from_slice(request) {
            Ok(request) => {
                let progress = Progress::to(progress);
                self.run(request, Origin::Elsewhere, progress).await
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
