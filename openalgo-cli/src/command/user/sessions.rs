//! `openalgo user sessions`.

use crate::error::CliError;
use crate::request::Style;
use crate::session::Session;
use crate::show::{Output, Sheet, clock_time, exact_time};
use crate::words::counted;
use comfy_table::Cell;
use openalgo::core::account::Session as Login;
use openalgo::core::id::SessionId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo user sessions list
  openalgo user sessions end 3
  openalgo user sessions end --all --user NAME";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
pub(crate) enum Command {
    /// List the open logins of --user, or the owner's
    #[command(after_help = EXAMPLES)]
    List,
    /// End a login: its device has to log in again
    #[command(after_help = EXAMPLES)]
    End {
        /// Its number in the list
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        session: Option<i64>,
        /// End all of them
        #[arg(long)]
        all: bool,
    },
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let user = session.user().await?;
    let logins = session.app()?.logins();
    match command {
        Command::List => {
            let open = logins.sessions(user.id).await?;
            Ok(list(&open, &session.style))
        }
        Command::End {
            session: Some(number),
            ..
        } => {
            logins.end(user.id, SessionId::new(number)).await?;
            let text = format!("Login {number} of {} was ended.", user.username);
            Ok(Output::new(json!({ "ended": 1 }), text))
        }
        Command::End { session: None, .. } => {
            let ended = logins.end_all(user.id).await?;
            let text = format!("Ended: {} of {}.", counted(ended, "login"), user.username);
            Ok(Output::new(json!({ "ended": ended }), text))
        }
    }
}

fn list(open: &[Login], style: &Style) -> Output {
    let mut sheet = Sheet::fitting(style, &["Login", "~Device", "Opened", "Last used", "Ends"])
        .spare(&["Ends", "Last used", "Opened"]);
    for login in open {
        sheet.row([
            Cell::new(login.id),
            Cell::new(login.device.as_deref().unwrap_or_default()),
            Cell::new(clock_time(login.created_at)),
            Cell::new(clock_time(login.last_used_at)),
            Cell::new(clock_time(login.expires_at)),
        ]);
    }
    let data: Vec<Value> = open.iter().map(login_json).collect();
    Output::new(json!(data), sheet.or("Nobody is logged in."))
}

fn login_json(login: &Login) -> Value {
    json!({
        "id": login.id,
        "device": login.device,
        "created_at": exact_time(login.created_at),
        "last_used_at": exact_time(login.last_used_at),
        "expires_at": exact_time(login.expires_at),
    })
}
