//! `openalgo broker`.

use super::analyzer;
use crate::error::CliError;
use crate::session::Session;
use crate::show::{Entry, Output, Sheet};
use openalgo::core::account::User;
use openalgo::core::id::BrokerName;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo broker list
  openalgo broker use zerodha
  openalgo broker use zerodha --user ravi
  openalgo broker drop

The broker is chosen by hand and by nothing else: adding a broker or logging
in never changes where orders go. It counts while analyze mode is off
(`openalgo analyzer status`).";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// List the brokers that orders can go to
    #[command(after_help = EXAMPLES)]
    List,
    /// Choose the broker that orders go to while analyze mode is off
    #[command(after_help = EXAMPLES)]
    Use {
        /// Its name
        name: BrokerName,
    },
    /// Choose none: orders are refused while analyze mode is off
    #[command(after_help = EXAMPLES)]
    Drop,
}

impl Command {
    /// Choosing again would undo what somebody chose in between.
    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::List => true,
            Self::Use { .. } | Self::Drop => false,
        }
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let (user, brokers) = (session.user().await?, session.app()?.brokers());
    match command {
        Command::List => list(session, &user).await,
        Command::Use { name } => {
            brokers.choose(user.id, Some(&name)).await?;
            chosen(session, &user, Some(&name)).await
        }
        Command::Drop => {
            brokers.choose(user.id, None).await?;
            chosen(session, &user, None).await
        }
    }
}

async fn list(session: &Session<'_>, user: &User) -> Result<Output, CliError> {
    let brokers = session.app()?.brokers();
    let (is_on, paper) = (analyzer::is_on(session).await?, brokers.paper());
    let target = analyzer::target(user, is_on, paper);
    let mut sheet = Sheet::fitting(&session.style, &["Broker", "Money", "Chosen", "~Orders"]);
    let mut data = Vec::new();
    for broker in brokers.known(user.id) {
        let is_live = broker != *paper;
        let is_chosen = user.order_broker.as_ref() == Some(&broker);
        let is_target = target == Some(&broker);
        sheet.row([
            Entry::new(&broker),
            Entry::new(if is_live { "real" } else { "paper" }),
            Entry::new(if is_chosen { "yes" } else { "-" }),
            Entry::new(if is_target { "go here" } else { "-" }),
        ]);
        data.push(json!({
            "broker": broker,
            "live": is_live,
            "chosen": is_chosen,
            "orders_go_here": is_target,
        }));
    }
    Ok(Output::new(json!(data), sheet.or("No brokers.")))
}

async fn chosen(
    session: &Session<'_>,
    user: &User,
    broker: Option<&BrokerName>,
) -> Result<Output, CliError> {
    let is_on = analyzer::is_on(session).await?;
    let name = &user.username;
    let mut text = match broker {
        Some(broker) => format!("Orders of {name} go to {broker} while analyze mode is off."),
        None => format!("Orders of {name} are refused while analyze mode is off."),
    };
    text.push_str(if is_on {
        " It is on: all orders go to the paper exchange."
    } else {
        " It is off now."
    });
    let data = json!({ "username": name, "order_broker": broker, "analyzer": is_on });
    Ok(Output::new(data, text))
}
