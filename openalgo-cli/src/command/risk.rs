//! `openalgo risk`.

use crate::error::CliError;
use crate::session::Session;
use crate::shell;
use crate::show::{Output, exact_time, fields, full_time};
use openalgo::core::account::{Halt, HaltReason};
use openalgo::core::id::Username;
use openalgo::core::monitor::{Author, Surface};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo risk status
  openalgo risk halt --reason 'the feed shows wrong prices'
  openalgo risk resume
  openalgo risk resume --user ravi";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Show whether trading is halted
    #[command(after_help = EXAMPLES)]
    Status,
    /// Take no more orders; those that rest can still be cancelled
    #[command(after_help = EXAMPLES)]
    Halt {
        /// Why, for whoever meets it later
        #[arg(long, value_name = "TEXT")]
        reason: HaltReason,
    },
    /// Take orders again
    #[command(after_help = EXAMPLES)]
    Resume,
}

impl Command {
    /// Resuming again would undo a halt that came in between.
    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Status | Self::Halt { .. } => true,
            Self::Resume => false,
        }
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let user = session.user().await?.id;
    let (risk, named) = (session.app()?.risk(), session.user.as_ref());
    let by = Author {
        user: Some(user),
        surface: Surface::Cli,
    };
    Ok(match command {
        Command::Status => state(risk.status(user).await?.as_ref(), named),
        Command::Halt { reason } => state(Some(&risk.halt(user, reason, by).await?), named),
        Command::Resume => {
            let text = if risk.resume(user, by).await? {
                "Orders are taken again."
            } else {
                "Trading was not halted."
            };
            Output::new(halt_json(None), text)
        }
    })
}

/// The command that lifts the halt of the user that was named, or of the owner.
fn resume(user: Option<&Username>) -> String {
    let whose = user.map(|name| format!(" --user {}", shell::word(name.as_str().as_ref())));
    format!("openalgo risk resume{}", whose.unwrap_or_default())
}

fn state(halt: Option<&Halt>, user: Option<&Username>) -> Output {
    let text = match halt {
        None => "Trading is not halted.\n".to_owned(),
        Some(halt) => fields(&[
            ("Trading", "halted".to_owned()),
            ("Since", full_time(halt.since)),
            ("Reason", halt.reason.to_string()),
            ("Resume", resume(user)),
        ]),
    };
    Output::new(halt_json(halt), text)
}

fn halt_json(halt: Option<&Halt>) -> Value {
    json!({
        "halted": halt.is_some(),
        "reason": halt.map(|halt| &halt.reason),
        "since": halt.map(|halt| exact_time(halt.since)),
    })
}
