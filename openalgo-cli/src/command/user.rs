//! `openalgo user`.

mod sessions;
mod totp;

use crate::error::CliError;
use crate::input::{Credentials, NewPassword};
use crate::session::Session;
use crate::show::{Output, Sheet, clock_time, user_json};
use comfy_table::Cell;
use openalgo::core::account::{LoginAddress, User};
use openalgo::core::id::{Email, Username};
use openalgo::engine::service::LoginRequest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo user add --username NAME --email NAME@example.com
  echo \"$PASSWORD\" | openalgo user add --username NAME \\
      --email NAME@example.com --password-stdin
  openalgo user passwd --user NAME
  openalgo user totp enroll
  openalgo user verify
  openalgo user sessions list

A password has at least 8 characters, among them an upper case letter, a lower
case letter, a digit and one of !@#$%^&*";

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
    /// Find out whether a password and one-time code would log in
    ///
    /// It counts like a login: wrong passwords make the next one wait, and a code that was right
    /// is used then. The account is that of --user, or the owner's.
    #[command(after_help = EXAMPLES)]
    Verify {
        #[command(flatten)]
        credentials: Credentials,
    },
    /// Manage the authenticator that a login needs besides the password
    #[command(subcommand)]
    Totp(totp::Command),
    /// Manage the logins that are open
    #[command(subcommand)]
    Sessions(sessions::Command),
}

impl Command {
    pub(crate) fn resolve(&mut self, user: Option<&Username>) -> Result<(), CliError> {
        match self {
            Self::Add { password, .. } | Self::Passwd { password } => password.ask(),
            Self::Verify { credentials } => credentials.ask(),
            Self::Totp(command) => command.resolve(user),
            Self::List | Self::Sessions(_) => Ok(()),
        }
    }

    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            // A code counts once, and so does a failure.
            Self::Add { .. } | Self::Verify { .. } => false,
            Self::Totp(command) => command.may_be_repeated(),
            Self::List | Self::Passwd { .. } | Self::Sessions(_) => true,
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
        Command::List => list(session).await,
        Command::Passwd { password } => {
            let user = session.user().await?;
            users.set_password(user.id, password.typed()?, None).await?;
            let text = format!(
                "The password of {} was changed. Open logins were ended.",
                user.username
            );
            Ok(Output::new(json!({ "username": user.username }), text))
        }
        Command::Verify { credentials } => {
            let user = session.user().await?;
            let request = request(&user, &credentials)?;
            let user = session.app()?.logins().verify(&request).await?;
            let text = format!("{} could log in with this.", user.username);
            Ok(Output::new(user_json(&user), text))
        }
        Command::Totp(command) => totp::run(session, command).await,
        Command::Sessions(command) => sessions::run(session, command).await,
    }
}

async fn list(session: &Session<'_>) -> Result<Output, CliError> {
    let users = session.app()?.users().list().await?;
    let mut sheet = Sheet::fitting(&session.style, &["User", "E-mail", "Role", "2FA", "Since"])
        .spare(&["E-mail", "2FA", "Since"]);
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

/// What a login with these credentials on this machine would ask for.
fn request(user: &User, credentials: &Credentials) -> Result<LoginRequest, CliError> {
    Ok(LoginRequest {
        username: user.username.clone(),
        password: credentials.password()?.clone(),
        code: credentials.code().cloned(),
        device: None,
        from: LoginAddress::local(),
        earlier: None,
    })
}
