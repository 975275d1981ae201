//! `openalgo key`.

use crate::error::{CliError, Exit};
use crate::session::Session;
use crate::show::Output;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The examples of this command.
const EXAMPLES: &str = "\
Example:
  openalgo key export --yes --json";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
pub(crate) enum Command {
    /// Print the key of the database, for opening main.db with another SQLCipher 4
    #[command(after_help = EXAMPLES)]
    Export {
        /// Yes, print the key: whoever reads it can read the whole database
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) fn run(session: &Session<'_>, command: &Command) -> Result<Output, CliError> {
    let Command::Export { yes } = command;
    if !yes {
        let message = "this prints a key with which anybody can read the whole database";
        return Err(
            CliError::new(Exit::Usage, "confirmation_required", &message)
                .hint("give --yes if that is what you want"),
        );
    }
    let files = session.files;
    let key = files.export_database_key();
    let path = files.folder().database();
    let text = format!(
        "{}\n\nOpen {} with SQLCipher 4 and this raw key:\n  PRAGMA key = \"x'<key>'\";\n",
        key.expose_secret(),
        path.display()
    );
    Ok(Output::new(
        json!({ "database_key": key.expose_secret(), "database": path }),
        text,
    ))
}
