//! `openalgo unlock`: holds the folder open and runs the commands of other processes.

use crate::error::{CliError, Exit};
use crate::house::{House, Stay};
use crate::open::{Open, Opening, Target};
use crate::patience::Patience;
use crate::request::Request;
use crate::run;
use crate::show::{Output, exact_time};
use crate::signals::{FINISHING, Signals, end_at_once};
use crate::ui::Ui;
use openalgo::{LockError, Owner};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo unlock
  openalgo unlock --json &";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// Holds the folder open until it is told to lock it, by `openalgo lock` or a signal.
pub(crate) async fn hold(mut target: Target, request: &Request, ui: Ui) -> Result<(), CliError> {
    let open = take(&mut target, request, ui).await?;
    // Until here they end the process, at the question for the passphrase too.
    let mut signals = Signals::hear()?;
    let (house, endpoint) = House::open(target, open, Stay::Held);
    let Some(mut endpoint) = endpoint else {
        house.close().await?;
        let message = "no other process could reach this one";
        return Err(CliError::new(Exit::Unavailable, "no_address", &message)
            .hint("see the log of the data folder for the reason"));
    };
    let held = match endpoint.hand_out_pass() {
        Ok(()) => {
            ui.output(&answer(house.owner()));
            tokio::select! {
                biased;
                () = house.left() => {}
                () = signals.next() => Ui::warn(FINISHING),
            }
            // What goes on until it is stopped ends now.
            house.leave();
            Ok(())
        }
        Err(error) => Err(CliError::new(Exit::Unavailable, "no_pass", &error)
            .hint("set XDG_RUNTIME_DIR to a folder that only you can use")),
    };
    let closing = async {
        endpoint.stop().await;
        house.close().await
    };
    tokio::select! {
        biased;
        closed = closing => closed.and(held),
        // Whoever is being answered keeps the folder open, perhaps for long.
        () = signals.next() => end_at_once(ui, &ended_early()),
    }
}

fn ended_early() -> CliError {
    let message = "this was ended before the data folder was closed, so it is not known what of \
                   that which other commands had begun is done";
    CliError::outcome_unknown(&message)
        .hint("`openalgo order list` shows what was placed; what was answered is stored")
}

/// Takes the folder, waiting for its owner to finish.
async fn take(target: &mut Target, request: &Request, ui: Ui) -> Result<Open, CliError> {
    let mut patience = Patience::default();
    loop {
        let taken = match target.open(&request.command).await? {
            Opening::Done(open) => return Ok(open),
            Opening::Taken(taken) => taken,
        };
        if let LockError::Owned {
            owner: Some(owner), ..
        } = &taken
        {
            patience.meet(owner);
            // It answers when it ends, or that it keeps the folder unlocked itself.
            // Nothing is said of it when it is stopped.
            let mut stop = None;
            let asked = run::ask(target, owner, (request, ui, &mut stop), &mut patience);
            if let Some(Err(error)) = asked.await? {
                return Err(error);
            }
        }
        if !patience.wait().await {
            return Err(patience.verdict(taken));
        }
    }
}

fn answer(owner: &Owner) -> Output {
    let address = owner.address.as_deref().unwrap_or("nowhere");
    let pid = owner.pid;
    let text = format!(
        "The data folder is unlocked: process {pid} answers at {address}.\n\
         Until it ends, commands of yours need no passphrase.\n\
         Lock it with `openalgo lock`, with Ctrl-C, or by ending the process.\n"
    );
    let data = json!({
        "pid": pid,
        "address": address,
        "since": exact_time(owner.since),
    });
    Output::new(data, text)
}
