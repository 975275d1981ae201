//! `openalgo analyzer`.

use crate::error::CliError;
use crate::session::Session;
use crate::show::Output;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::id::BrokerName;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo analyzer status
  openalgo analyzer on
  openalgo analyzer off

While analyze mode is on, every order goes to the paper exchange. When it is
off, the orders of each user go to the broker that was chosen for them with
`openalgo broker use`, and are refused without one. Orders that are under way,
and what is held, stay where they are.";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Send all orders to the paper exchange
    #[command(after_help = EXAMPLES)]
    On,
    /// Send orders to the brokers that were chosen
    #[command(after_help = EXAMPLES)]
    Off,
    /// Show whether analyze mode is on, and where orders go
    #[command(after_help = EXAMPLES)]
    Status,
}

impl Command {
    /// Turning it again would undo what somebody turned in between.
    pub(crate) fn endpoint(&self) -> Option<&'static str> {
        match self {
            Self::On | Self::Off => Some("analyzer_toggle"),
            Self::Status => None,
        }
    }

    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Status => true,
            Self::On | Self::Off => false,
        }
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let (user, app) = (session.user().await?, session.app()?);
    let wanted = match command {
        Command::On => Some("true"),
        Command::Off => Some("false"),
        Command::Status => None,
    };
    if let Some(value) = wanted {
        app.settings().set(SettingKey::Analyzer, value).await?;
    }
    let is_on = is_on(session).await?;
    Ok(output(&user, is_on, app.brokers().paper()))
}

/// Whether analyze mode is on; a setting that says neither is an error, as it is for orders.
pub(super) async fn is_on(session: &Session<'_>) -> Result<bool, CliError> {
    let setting = session.app()?.settings().get(SettingKey::Analyzer).await?;
    setting.value.parse().map_err(|_neither| {
        let message = format!("the setting analyzer is '{}'", setting.value);
        CliError::refused("setting_value", &message)
            .hint("turn it with `openalgo analyzer on` or `openalgo analyzer off`")
    })
}

/// Where the orders of a user go.
pub(super) fn target<'a>(
    user: &'a User,
    is_on: bool,
    paper: &'a BrokerName,
) -> Option<&'a BrokerName> {
    if is_on {
        Some(paper)
    } else {
        user.order_broker.as_ref()
    }
}

fn output(user: &User, is_on: bool, paper: &BrokerName) -> Output {
    let target = target(user, is_on, paper);
    let is_live = target.is_some_and(|broker| broker != paper);
    let (word, name) = (if is_on { "on" } else { "off" }, &user.username);
    let orders = match target {
        None => format!("orders of {name} are refused, since no broker is chosen for them"),
        Some(broker) if is_live => format!("orders of {name} go to {broker}, with real money"),
        Some(_paper) => format!("orders of {name} go to the paper exchange"),
    };
    let data = json!({
        "analyzer": is_on,
        "username": name,
        "orders_go_to": target,
        "live": is_live,
    });
    let output = Output::new(data, format!("Analyze mode is {word}: {orders}."));
    if target.is_none() {
        return output.warning("choose a broker with `openalgo broker use NAME`");
    }
    output
}
