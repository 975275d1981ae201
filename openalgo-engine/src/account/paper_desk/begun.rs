//! What carrying a command out has begun, and who is told of it.

use crate::account::AccountError;
use crate::account::actor::{Outcome, Waiting, Work};
use crate::account::handle::{Command, Reply};

/// What carrying a command out has begun.
pub(super) struct Begun {
    pub(super) work: Option<(Waiting, Work)>,
    /// Who is told when what the account did by itself is durable, too.
    pub(super) after_all: Option<Reply<()>>,
    /// Whether everything that the machine has decided is on its way to the disk.
    pub(super) in_step: bool,
}

impl Begun {
    pub(super) fn nothing() -> Self {
        Self {
            work: None,
            after_all: None,
            in_step: true,
        }
    }

    pub(super) fn done(reply: Reply<()>) -> Self {
        Self {
            after_all: Some(reply),
            ..Self::nothing()
        }
    }

    pub(super) fn told<T>(reply: Reply<T>, answer: Result<T, AccountError>) -> Self {
        // A caller that has gone away needs no answer.
        drop(reply.send(answer));
        Self::nothing()
    }

    pub(super) fn answered(waiting: Waiting, outcome: Outcome) -> Self {
        waiting.tell(outcome);
        Self::nothing()
    }
}

/// Waits for what the account did by itself, and tells then; at once when that is nothing.
pub(super) fn told_after(
    reply: Reply<()>,
    started: Vec<(Waiting, Work)>,
) -> Option<(Waiting, Work)> {
    let waiting = Waiting::Done(reply);
    if started.is_empty() {
        waiting.tell(Ok(Vec::new()));
        return None;
    }
    let work = async move {
        let mut orders = Vec::new();
        for (_nobody, work) in started {
            orders.extend(work.await?);
        }
        Ok(orders)
    };
    Some((waiting, Box::pin(work)))
}

/// Tells whoever sent a command that it was not carried out.
pub(in crate::account) fn refuse(command: Command, error: &AccountError) {
    match command {
        Command::Place(_, reply) | Command::Modify(_, reply) | Command::Cancel(_, reply) => {
            drop(reply.send(Err(error.clone())));
        }
        Command::Price(_, _, reply)
        | Command::SeenUntil(_, _, reply)
        | Command::Reserve(_, _, reply)
        | Command::Release(_, _, reply)
        | Command::DoJob(_, reply)
        | Command::GoOn(_, reply)
        | Command::Reset(_, reply) => {
            drop(reply.send(Err(error.clone())));
        }
        Command::Resting(reply) => drop(reply.send(Err(error.clone()))),
        Command::Watches(reply) => drop(reply.send(Err(error.clone()))),
        Command::Outlook(_, reply) => drop(reply.send(Err(error.clone()))),
        Command::Wanted(_, reply) => drop(reply.send(Err(error.clone()))),
        Command::Standing(_, reply) => drop(reply.send(Err(error.clone()))),
        Command::Day(_, reply) => drop(reply.send(Err(error.clone()))),
    }
}
