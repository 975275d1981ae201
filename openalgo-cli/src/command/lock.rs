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
pub(crate) async fn end(target: Target, request: &Request, ui: Ui) -> Result<Output, CliError> {
    end_within(Patience::default(), target, (request, ui)).await
}

async fn end_within(
    mut patience: Patience,
    mut target: Target,
    (request, ui): (&Request, Ui),
) -> Result<Output, CliError> {
    loop {
        let owner = match target.folder.owner() {
            Ok(None) => return Ok(nothing()),
            Ok(Some(owner)) => owner,
            Err(nameless @ LockError::Owned { .. }) => {
                if !patience.wait().await {
                    return Err(nameless.into());
                }
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        patience.meet(&owner);
        if let Some(call) = travel::connect(&mut target, &owner, &mut patience).await? {
            match travel::ask(call, request, ui).await? {
                Journey::Answered(Ok(output)) if was_held(&output) => {
                    return gone(&target, owner).await.map(|()| output);
                }
                Journey::Answered(outcome) => return outcome,
                Journey::NotTaken | Journey::Lost => {}
            }
        }
        if !patience.wait().await {
            return Err(patience.verdict(target.in_use_by(owner)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use crate::request::Style;
    use clap::Parser;
    use openalgo::World;
    use std::fs::File;

    /// As it is while a backup is restored.
    #[tokio::test]
    async fn an_owner_that_does_not_say_who_it_is_is_not_waited_for_without_end() {
        let place = tempfile::tempdir().unwrap();
        let folder = format!("--data-dir={}", place.path().display());
        let cli = Cli::try_parse_from(["openalgo", &folder, "lock"]).unwrap();
        let target = Target::new(&cli.global).unwrap();
        let held = File::create(target.folder.lock()).unwrap();
        held.lock().unwrap();
        let request = Request {
            command: Command::Lock(Args {}),
            user: None,
            style: Style {
                color: false,
                width: None,
                program: "openalgo".to_owned(),
            },
            world: World::default(),
        };
        let refused = end_within(Patience::none(), target, (&request, Ui::new(true))).await;
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.exit, refused.code.as_ref()),
            (Exit::Unavailable, "in_use")
        );
    }
}
