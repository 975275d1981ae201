//! `openalgo key`.

mod change;
mod source;

pub(crate) use change::{Change, alone};

use crate::args::Global;
use crate::command::Need;
use crate::error::{CliError, Exit};
use crate::open::Target;
use crate::session::Session;
use crate::show::Output;
use crate::ui::Ui;
use openalgo::KeySourceName;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo key source
  openalgo key passphrase
  openalgo key move --to keychain
  openalgo key move --to file:/etc/openalgo/master.key
  openalgo key rotate
  openalgo key recovery create
  openalgo key recovery use --to passphrase
  openalgo key export --yes --json

A change of the key waits for what is being done in the folder, and everything
else waits for it; a folder that is unlocked stays so. Where a passphrase
wraps the key, each change asks for it, also while the folder is unlocked.
Whoever stops a change at any moment has a folder that opens.";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Show where the key is, whether it can be had now, and whether there is a recovery key
    #[serde(skip)]
    #[command(after_help = SOURCE_EXAMPLES)]
    Source,
    /// Change the passphrase; the data is not touched
    #[serde(skip)]
    #[command(after_help = PASSPHRASE_EXAMPLES)]
    Passphrase {
        /// Read the new passphrase from standard input instead of asking for it
        #[arg(long)]
        passphrase_stdin: bool,
    },
    /// Move the key to another place; the data is not touched
    #[serde(skip)]
    #[command(after_help = MOVE_EXAMPLES)]
    Move {
        /// The new place: keychain, passphrase, file:PATH, credential or credential:NAME
        #[arg(long, value_name = "PLACE")]
        to: KeySourceName,
        /// Read the new passphrase from standard input instead of asking for it
        #[arg(long)]
        passphrase_stdin: bool,
    },
    /// Make a new key in the same place and encrypt everything again with it
    #[serde(skip)]
    #[command(after_help = ROTATE_EXAMPLES)]
    Rotate {
        /// File that keeps the old key, for copies of main.db that were made before: a new one, or one
        /// that holds this very key already
        #[arg(long, value_name = "PATH")]
        keep_old: Option<PathBuf>,
    },
    /// Make or use a key on paper, for the day on which the place of the key is lost
    #[serde(skip)]
    #[command(subcommand)]
    Recovery(Recovery),
    /// Print the key of the database, for opening main.db with another SQLCipher 4
    #[command(after_help = "Example:\n  openalgo key export --yes --json")]
    Export {
        /// Yes, print the key: whoever reads it can read the whole database
        #[arg(long)]
        yes: bool,
    },
    /// One of those that change the key, with what only its caller knows.
    #[command(skip)]
    Change(Change),
}

const SOURCE_EXAMPLES: &str = "\
Examples:
  openalgo key source
  openalgo key source --key-source file:copy.key --json

With --key-source or OPENALGO_KEY_SOURCE, it tells whether that place holds
the key of this folder.";

const PASSPHRASE_EXAMPLES: &str = "\
Examples:
  openalgo key passphrase
  OPENALGO_PASSPHRASE_FILE=old.txt openalgo key passphrase \\
      --passphrase-stdin < new.txt";

const MOVE_EXAMPLES: &str = "\
Examples:
  openalgo key move --to keychain
  openalgo key move --to passphrase
  openalgo key move --to file:/etc/openalgo/master.key

The key is removed from its old place when the new one has proved to give it
back. A passphrase is typed, piped in, or read from the file that
OPENALGO_PASSPHRASE_FILE names.";

const ROTATE_EXAMPLES: &str = "\
Examples:
  openalgo key rotate
  openalgo key rotate --keep-old /media/stick/old.key

The old key opens the folder no more, and neither does a recovery key: make a
new one afterwards. Backups open as before with their own passphrases. Other
copies of main.db, such as those made before a migration, still need the old
key.";

/// What is done with a recovery key.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Recovery {
    /// Make a recovery key and show it once, at a terminal; an earlier one is worthless then
    #[command(after_help = "Example:\n  openalgo key recovery create")]
    Create,
    /// Open the folder with its recovery key, and put the key into a new place
    #[command(after_help = RECOVERY_EXAMPLES)]
    Use {
        /// The new place: keychain, passphrase, file:PATH, credential or credential:NAME
        #[arg(long, value_name = "PLACE")]
        to: KeySourceName,
        /// Read the recovery key from standard input instead of asking for it
        #[arg(long)]
        recovery_stdin: bool,
    },
}

const RECOVERY_EXAMPLES: &str = "\
Examples:
  openalgo key recovery use --to keychain
  openalgo key recovery use --to file:/etc/openalgo/master.key \\
      --recovery-stdin < recovery.txt

Case, spaces and hyphens of the recovery key do not matter. It goes on being
valid.";

impl Command {
    /// Whether it leaves the data folder alone.
    pub(crate) fn stands_alone(&self) -> bool {
        matches!(self, Self::Source)
    }

    /// Puts in what only the caller knows, which depends on where the key of the folder is.
    pub(crate) fn resolve(self, target: &mut Target, ui: Ui) -> Result<Self, CliError> {
        Ok(Self::Change(match self {
            Self::Passphrase { passphrase_stdin } => Change::passphrase(target, passphrase_stdin)?,
            Self::Move {
                to,
                passphrase_stdin,
            } => Change::place(target, &to, passphrase_stdin)?,
            Self::Rotate { keep_old } => Change::rotate(target, keep_old.as_deref())?,
            Self::Recovery(Recovery::Create) => Change::create_recovery(target, ui)?,
            Self::Recovery(Recovery::Use { to, recovery_stdin }) => {
                Change::use_recovery(target, &to, recovery_stdin)?
            }
            other @ (Self::Source | Self::Export { .. } | Self::Change(_)) => return Ok(other),
        }))
    }

    pub(crate) fn need(&self) -> Need {
        match self {
            Self::Change(_) => Need::Alone,
            _ => Need::Files,
        }
    }

    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Change(change) => change.may_be_repeated(),
            _ => true,
        }
    }
}

/// Tells where the key is, whoever has the folder open.
pub(crate) async fn source(global: &Global, target: Target) -> Result<Output, CliError> {
    source::run(target.folder, global.named_key_source()).await
}

/// Runs what needs the open data folder.
pub(crate) fn run(session: &Session<'_>, command: &Command) -> Result<Output, CliError> {
    let Command::Export { yes } = command else {
        return Err(CliError::no_engine());
    };
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
