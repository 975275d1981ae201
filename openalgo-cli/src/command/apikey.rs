//! `openalgo apikey`.

use crate::error::CliError;
use crate::session::Session;
use crate::show::Output;
use openalgo::core::account::{ApiKeyRecord, User};
use openalgo::core::order::OrderMode;
use openalgo::engine::Whose;
use openalgo::engine::service::UserService;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo apikey show
  openalgo apikey show --json --user NAME
  openalgo apikey create
  openalgo apikey mode
  openalgo apikey mode semi_auto";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Make a new key; the present one stops working at once
    #[command(after_help = EXAMPLES)]
    Create,
    /// Show the key
    #[command(after_help = EXAMPLES)]
    Show,
    /// Show whether orders with the key go out at once, or choose it
    #[command(after_help = EXAMPLES)]
    Mode {
        /// auto: at once; semi_auto: when somebody has approved them
        mode: Option<OrderMode>,
    },
}

impl Command {
    /// The key that the first time made was never shown.
    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Create => false,
            Self::Show | Self::Mode { .. } => true,
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
        Command::Show => Ok(output(&user, &record(users, &user).await?.key)),
        Command::Mode { mode: Some(mode) } => {
            users.set_order_mode(user.id, mode).await?;
            Ok(mode_output(&user, mode))
        }
        Command::Mode { mode: None } => {
            let record = record(users, &user).await?;
            Ok(mode_output(&user, record.order_mode))
        }
    }
}

async fn record(users: &UserService, user: &User) -> Result<ApiKeyRecord, CliError> {
    users.api_key(user.id).await?.ok_or_else(|| {
        let message = format!("{} has no API key", user.username);
        CliError::refused("no_api_key", &message).hint(format!(
            "make one with `openalgo apikey create{}`",
            Whose::of(user)
        ))
    })
}

fn mode_output(user: &User, mode: OrderMode) -> Output {
    let what = match mode {
        OrderMode::Auto => "go out at once",
        OrderMode::SemiAuto => "wait until somebody approves them",
    };
    let text = format!(
        "{mode}: orders with the API key of {} {what}.",
        user.username
    );
    let data = json!({ "username": user.username, "order_mode": mode });
    Output::new(data, text)
}

fn output(user: &User, key: &SecretString) -> Output {
    let data = json!({ "username": user.username, "api_key": key.expose_secret() });
    Output::new(data, key.expose_secret())
}
