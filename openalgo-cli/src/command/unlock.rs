//! `openalgo unlock`: holds the folder open and runs the commands of other processes.

use crate::command::Need;
use crate::error::{CliError, Exit};
use crate::house::House;
use crate::open::{Open, Opening, Target};
use crate::patience::Patience;
use crate::show::{Output, exact_time};
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
pub(crate) async fn hold(target: &mut Target, ui: Ui) -> Result<(), CliError> {
    let open = take(target).await?;
    let (house, endpoint) = House::open(open, true);
    let Some(mut endpoint) = endpoint else {
        house.close().await;
        let message = "no other process could reach this one";
        return Err(CliError::new(Exit::Unavailable, "no_address", &message)
            .hint("see the log of the data folder for the reason"));
    };
    let held = match endpoint.hand_out_pass() {
        Ok(()) => {
            ui.output(&answer(house.place().files().owner()));
            until_told(&house).await
        }
        Err(error) => Err(CliError::new(Exit::Unavailable, "no_pass", &error)
            .hint("set XDG_RUNTIME_DIR to a folder that only you can use")),
    };
    endpoint.stop().await;
    house.close().await;
    held
}

/// Takes the folder, waiting for its owner to finish.
async fn take(target: &mut Target) -> Result<Open, CliError> {
    let mut patience = Patience::default();
    loop {
        let taken = match target.open(Need::Hold).await? {
            Opening::Done(open) => return Ok(*open),
            Opening::Taken(taken) => taken,
        };
        if let LockError::Owned {
            owner: Some(owner), ..
        } = &taken
        {
            patience.meet(owner);
            if target.folder.pass().is_some() {
                return Err(
                    CliError::from(taken).hint("it is unlocked already; `openalgo lock` ends that")
                );
            }
        }
        if !patience.wait().await {
            return Err(taken.into());
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

/// Returns when somebody wants the folder locked.
async fn until_told(house: &House) -> Result<(), CliError> {
    let deaf = |error: std::io::Error| CliError::internal("signals cannot be heard", &error);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(deaf)?;
        let mut hang_up = signal(SignalKind::hangup()).map_err(deaf)?;
        tokio::select! {
            () = house.released() => Ok(()),
            heard = tokio::signal::ctrl_c() => heard.map_err(deaf),
            _ = terminate.recv() => Ok(()),
            _ = hang_up.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::select! {
        () = house.released() => Ok(()),
        heard = tokio::signal::ctrl_c() => heard.map_err(deaf),
    }
}
