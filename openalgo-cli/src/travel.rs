//! A command that another process runs, because it owns the data folder.

use crate::error::{CliError, Exit};
use crate::house::{Outcome, ROOM};
use crate::open::Target;
use crate::patience::Patience;
use crate::request::Request;
use crate::ui::{Picture, Ui};
use openalgo::Owner;
use openalgo::control::{AskError, Call, ConnectError, Credential};
use tokio::time::timeout_at;
use zeroize::Zeroizing;

/// What came of a command that was sent.
#[derive(Debug)]
pub(crate) enum Journey {
    /// The owner answered.
    Answered(Outcome),
    /// The owner ended without taking it: nothing was done.
    NotTaken,
    /// The owner went away with it.
    Lost,
}

/// Reaches the owner of the folder; `None` when it is starting, ending, or answers no commands.
pub(crate) async fn connect(
    target: &mut Target,
    owner: &Owner,
    patience: &mut Patience,
) -> Result<Option<Call>, CliError> {
    // An owner that is still making the folder has no key yet, either.
    if owner.address.is_none() || !target.folder.has_data() {
        return Ok(None);
    }
    let credential = target.credential().await?;
    let connected = knock(owner, &credential, patience).await;
    let connected = match (connected, credential) {
        // The pass may be that of an owner who was killed.
        (Some(Err(ConnectError::Handshake { .. })), Credential::Pass(_)) => {
            let key = target.key().await?;
            knock(owner, &key, patience).await
        }
        (connected, _) => connected,
    };
    patience.called(!matches!(
        connected,
        None | Some(Err(ConnectError::Unreachable { .. }))
    ));
    match connected {
        Some(Ok(call)) => Ok(Some(call)),
        Some(Err(error @ ConnectError::OtherVersion { .. })) => {
            Err(CliError::new(Exit::Unavailable, "other_version", &error)
                .hint("end that process, or use the program of its version"))
        }
        Some(Err(_)) | None => Ok(None),
    }
}

/// Waits for an owner that is still opening the folder, as long as there is patience.
async fn knock(
    owner: &Owner,
    credential: &Credential,
    patience: &Patience,
) -> Option<Result<Call, ConnectError>> {
    let connecting = Call::connect(owner, credential);
    timeout_at(patience.until(), connecting).await.ok()
}

/// Sends a command and waits for what comes of it.
pub(crate) async fn ask(call: Call, request: &Request, ui: Ui) -> Result<Journey, CliError> {
    let mut written = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer(&mut *written, request)
        .map_err(|error| CliError::internal("the command cannot be sent", &error))?;
    let mut picture = Picture::default();
    let show = |words: &[u8]| {
        ui.progress(words, &mut picture);
    };
    let asked = call.ask(&written, show).await;
    ui.end_progress();
    match asked {
        Ok(answer) => serde_json::from_slice(&answer)
            .map(Journey::Answered)
            .map_err(|error| CliError::internal("the answer is not understood", &error)),
        Err(AskError::Lost(_)) => Ok(Journey::Lost),
        Err(AskError::NotTaken) => Ok(Journey::NotTaken),
        Err(other) => Err(CliError::refused("too_large", &other)),
    }
}
