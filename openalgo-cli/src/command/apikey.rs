//! `openalgo apikey`.

use crate::error::CliError;
use crate::session::Session;
use crate::show::Output;
use openalgo::core::account::User;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo apikey show
  openalgo apikey show --json --user NAME
  openalgo apikey create";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Make a new key; the present one stops working at once
    #[command(after_help = EXAMPLES)]
    Create,
    /// Show the key
    #[command(after_help = EXAMPLES)]
    Show,
}

impl Command {
    /// The key that the first time made was never shown.
    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Create => false,
            Self::Show => true,
        }
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let user = session.user().await?;
    let users = session.app()?.users();
    match command {
        Command::Create => {
            let key = users.create_api_key(user.id).await?;
            Ok(output(&user, &key))
        }
        Command::Show => {
            let record = users.api_key(user.id).await?.ok_or_else(|| {
                let message = format!("{} has no API key", user.username);
                CliError::refused("no_api_key", &message)
                    .hint("make one with `openalgo apikey create`")
            })?;
            Ok(output(&user, &record.key))
        }
    }
}

fn output(user: &User, key: &SecretString) -> Output {
    let data = json!({ "username": user.username, "api_key": key.expose_secret() });
    Output::new(data, key.expose_secret())
}
