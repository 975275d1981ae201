//! `openalgo lock`: ends `openalgo unlock`.

use crate::error::{CliError, Exit};
use crate::open::Target;
use crate::patience::Patience;
use crate::request::Request;
use crate::session::Session;
use crate::show::Output;
use crate::travel::{self, Journey};
use crate::ui::Ui;
use openalgo::{LockError, Owner};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The examples of this command.
const EXAMPLES: &str = "\
Example:
  openalgo lock";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// Has the process that holds the folder open end, and waits until it has.
pub(crate) async fn end(mut target: Target, request: &Request, ui: Ui) -> Result<Output, CliError> {
    let mut patience = Patience::default();
    loop {
        let owner = match target.folder.owner() {
            Ok(None) => return Ok(nothing()),
            Ok(Some(owner)) => owner,
            Err(LockError::Owned { .. }) => {
                patience.wait().await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        patience.meet(&owner);
        if let Some(call) = travel::connect(&mut target, &owner, &patience).await? {
            match travel::ask(call, request, ui).await? {
                Journey::Answered(Ok(output)) if was_held(&output) => {
                    return gone(&target, owner).await.map(|()| output);
                }
                Journey::Answered(outcome) => return outcome,
                Journey::NotTaken | Journey::Lost => {}
            }
        }
        if !patience.wait().await {
            return Err(target.in_use_by(owner).into());
        }
    }
}

fn was_held(output: &Output) -> bool {
    output.data.get("locked") == Some(&json!(true))
}

/// Waits until a process owns the folder no more.
async fn gone(target: &Target, owner: Owner) -> Result<(), CliError> {
    let mut patience = Patience::default();
    while matches!(target.folder.owner(), Ok(Some(present)) if present == owner) {
        if !patience.wait().await {
            let message = format!("process {} is still finishing its work", owner.pid);
            return Err(CliError::new(Exit::Unavailable, "in_use", &message)
                .hint("it ends by itself; `openalgo status` shows when it has"));
        }
    }
    Ok(())
}

/// The owner's side.
pub(crate) fn run(session: &Session<'_>) -> Output {
    let Some(release) = session.release else {
        return nothing();
    };
    release.send_replace(true);
    let pid = session.files.owner().pid;
    let text = format!("Locked: process {pid} has closed the database and wiped its keys.");
    Output::new(json!({ "locked": true, "pid": pid }), text)
}

fn nothing() -> Output {
    Output::new(
        json!({ "locked": false }),
        "Nothing to lock: the data folder is not unlocked.",
    )
}
