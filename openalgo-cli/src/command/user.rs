//! `openalgo user`.

use crate::error::CliError;
use crate::input::NewPassword;
use crate::session::Session;
use crate::show::{Output, Sheet, clock_time, user_json};
use comfy_table::Cell;
use openalgo::core::id::{Email, Username};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo user add --username NAME --email NAME@example.com
  echo \"$PASSWORD\" | openalgo user add --username NAME --email NAME@example.com --password-stdin
  openalgo user passwd --user NAME

A password has at least 8 characters, among them an upper case letter, a lower case letter, a
digit and one of !@#$%^&*";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Make an account
    #[command(after_help = EXAMPLES)]
    Add {
        /// Name to log in with
        #[arg(long)]
        username: Username,
        /// E-mail address
        #[arg(long)]
        email: Email,
        #[command(flatten)]
        password: NewPassword,
    },
    /// List the accounts
    #[command(after_help = EXAMPLES)]
    List,
    /// Change a password: that of --user, or the owner's
    #[command(after_help = EXAMPLES)]
    Passwd {
        #[command(flatten)]
        password: NewPassword,
    },
}

impl Command {
    pub(crate) fn resolve(&mut self) -> Result<(), CliError> {
        match self {
            Self::Add { password, .. } | Self::Passwd { password } => password.ask(),
            Self::List => Ok(()),
        }
    }

    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Add { .. } => false,
            Self::List | Self::Passwd { .. } => true,
        }
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let users = session.app()?.users();
    match command {
        Command::Add {
            username,
            email,
            password,
        } => {
            let user = users.create(username, email, password.typed()?).await?;
            let text = format!("User {} was made.", user.username);
            Ok(Output::new(user_json(&user), text))
        }
        Command::List => {
            let users = users.list().await?;
            let mut sheet = Sheet::new(
                session.style.color,
                &["User", "E-mail", "Role", "2FA", "Since"],
            );
            for user in &users {
                sheet.row([
                    Cell::new(&user.username),
                    Cell::new(&user.email),
                    Cell::new(if user.is_admin { "owner" } else { "user" }),
                    Cell::new(if user.totp_secret.is_some() {
                        "on"
                    } else {
                        "off"
                    }),
                    Cell::new(clock_time(user.created_at)),
                ]);
            }
            let data: Vec<Value> = users.iter().map(user_json).collect();
            Ok(Output::new(json!(data), sheet.or("No users.")))
        }
        Command::Passwd { password } => {
            let user = session.user().await?;
            users.set_password(user.id, password.typed()?).await?;
            let text = format!("The password of {} was changed.", user.username);
            Ok(Output::new(json!({ "username": user.username }), text))
        }
    }
}
