//! `openalgo user totp`.

use crate::error::{CliError, Exit};
use crate::input::{Credentials, one_time_code};
use crate::qr;
use crate::secret::Secret;
use crate::session::Session;
use crate::show::Output;
use crate::ui::Ui;
use openalgo::core::account::User;
use openalgo::core::id::Username;
use openalgo::core::port::Totp;
use openalgo::crypto::{Rfc6238, SystemRandom};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::io::IsTerminal;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo user totp enroll
  openalgo user totp status --json
  openalgo user totp disable
  openalgo user totp disable --lost";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
pub(crate) enum Command {
    /// Enrol an authenticator: shows a QR code, and stores its secret once a code of it was typed
    #[command(after_help = EXAMPLES)]
    Enroll {
        #[command(flatten)]
        typed: Typed,
    },
    /// Say whether an authenticator is enrolled
    #[command(after_help = EXAMPLES)]
    Status,
    /// Take the authenticator away; asks for the password and a code
    #[command(after_help = EXAMPLES)]
    Disable {
        /// The authenticator is lost: ask for nothing, since whoever has the key of the folder
        /// can change what is in it
        #[arg(long, conflicts_with = "password_stdin")]
        lost: bool,
        #[command(flatten)]
        credentials: Credentials,
    },
}

/// What was shown and typed where the command was given.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct Typed {
    #[arg(skip)]
    secret: Option<Secret>,
    #[arg(skip)]
    code: Option<Secret>,
}

impl Command {
    pub(crate) fn may_be_repeated(&self) -> bool {
        matches!(self, Self::Status)
    }

    pub(crate) fn resolve(&mut self, user: Option<&Username>) -> Result<(), CliError> {
        match self {
            Self::Enroll { typed } => typed.ask(user),
            Self::Disable { lost: true, .. } | Self::Status => Ok(()),
            Self::Disable { credentials, .. } => credentials.ask(),
        }
    }
}

impl Typed {
    fn ask(&mut self, user: Option<&Username>) -> Result<(), CliError> {
        if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
            let message = "a secret is shown at a terminal only, and there is none";
            return Err(CliError::new(Exit::Usage, "no_terminal", &message)
                .hint("run the command at a terminal"));
        }
        let totp = Rfc6238::new(Arc::new(SystemRandom));
        let failed = |error| CliError::internal("no secret can be made", &error);
        let secret = totp.make_secret().map_err(failed)?;
        let name = user.map_or("owner", Username::as_str);
        let uri = totp.enrolment_uri(&secret, name).map_err(failed)?;
        let picture = qr::half_blocks(uri.expose_secret())
            .map_err(|error| CliError::internal("no QR code can be drawn", &error))?;
        Ui::reveal(&picture);
        let text = format!(
            "Scan this with your authenticator, or type the secret into it:\n  {}\n\
             Nothing is stored before a code that it shows was typed here.\n",
            secret.expose_secret()
        );
        Ui::reveal(&Zeroizing::new(text));
        self.secret = Some(secret.into());
        self.code = Some(one_time_code()?.into());
        Ok(())
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let user = session.user().await?;
    let factor = session.app()?.second_factor();
    match command {
        Command::Enroll { typed } => {
            let (Some(secret), Some(code)) = (typed.secret, typed.code) else {
                return Err(CliError::new(Exit::Usage, "usage", &"no code was typed"));
            };
            let (secret, code) = (secret.reveal(), code.reveal());
            factor.enrol(user.id, secret, code).await?;
            Ok(output(&user, true))
        }
        Command::Status => Ok(output(&user, user.totp_secret.is_some())),
        Command::Disable { lost: true, .. } => {
            factor.remove_lost(&user).await?;
            Ok(output(&user, false))
        }
        Command::Disable { credentials, .. } => {
            factor
                .disable(&super::request(&user, &credentials)?)
                .await?;
            Ok(output(&user, false))
        }
    }
}

fn output(user: &User, enrolled: bool) -> Output {
    let needs = if enrolled {
        "a code of the authenticator"
    } else {
        "no code"
    };
    let text = format!("Logging in as {} needs {needs}.", user.username);
    let data = json!({ "username": user.username, "second_factor": enrolled });
    Output::new(data, text)
}
