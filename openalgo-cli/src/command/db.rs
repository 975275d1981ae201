//! `openalgo db`.

use crate::alone::{Alone, Done, Opens};
use crate::error::{CliError, Exit};
use crate::progress::Step;
use crate::session::Session;
use crate::show::{Output, Sheet, fields};
use comfy_table::Cell;
use openalgo::store::CheckOutcome;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo db check
  openalgo db check --json
  openalgo db compact
  openalgo db accept-older --yes";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
pub(crate) enum Command {
    /// Prove that the database is sound: pages, structure, journal, orders, trades, positions,
    /// funds, settings, sealed fields
    #[command(after_help = EXAMPLES)]
    Check,
    /// Make main.db as small as what is in it; changes wait meanwhile, reads go on
    #[command(after_help = EXAMPLES)]
    Compact,
    /// Go on with an older copy of main.db that was put back, when the newer one is lost
    #[command(after_help = EXAMPLES)]
    AcceptOlder {
        /// Yes: what happened after that copy was made is lost
        #[arg(long)]
        yes: bool,
    },
}

impl Command {
    /// Has a loss confirmed before anything is opened.
    pub(crate) fn resolve(&self) -> Result<(), CliError> {
        match self {
            Self::Check | Self::Compact | Self::AcceptOlder { yes: true } => Ok(()),
            Self::AcceptOlder { yes: false } => {
                let message = "orders and everything else since that copy was made are lost then";
                Err(
                    CliError::new(Exit::Usage, "confirmation_required", &message)
                        .hint("give --yes if the newer main.db is lost for good"),
                )
            }
        }
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    match command {
        Command::Check => check(session).await,
        Command::Compact => compact(session).await,
        Command::AcceptOlder { .. } => Err(CliError::no_engine()),
    }
}

/// Runs what no other command may run beside.
pub(crate) async fn alone(alone: Alone, command: &Command) -> Result<Done, CliError> {
    let accepted = match command {
        Command::Check | Command::Compact => Err(CliError::no_engine()),
        // It was accepted when the folder was opened.
        Command::AcceptOlder { .. } => Ok(Output::new(
            json!({ "accepted": true }),
            "The database is the newest from now on: other copies of it are refused.",
        )),
    };
    alone.progress.report(&Step::begin("closing the database"));
    alone.files.close().await;
    accepted.map(|output| Done {
        output,
        opens: Opens::AsBefore,
    })
}

async fn compact(session: &Session<'_>) -> Result<Output, CliError> {
    let done = session.files.compact().await?;
    let kibibytes = |bytes: u64| format!("{} KiB", bytes.div_ceil(1_024));
    let mut text = fields(&[
        ("Before", kibibytes(done.before)),
        ("After", kibibytes(done.after)),
    ]);
    if done.is_held {
        text.push_str("\nSomebody is reading: the file shrinks when the database is closed.\n");
    }
    let data = json!({
        "before_bytes": done.before,
        "after_bytes": done.after,
        "held_by_a_reader": done.is_held,
    });
    Ok(Output::new(data, text))
}

async fn check(session: &Session<'_>) -> Result<Output, CliError> {
    session
        .progress
        .report(&Step::begin("checking the database"));
    let report = session.files.check().await?;
    let mut sheet = Sheet::fitting(&session.style, &["Check", "~Result"]);
    let mut checks = Vec::new();
    for check in &report.checks {
        let finding = match &check.outcome {
            CheckOutcome::Sound => None,
            CheckOutcome::Damaged { finding } => Some(finding),
        };
        let result = finding.map_or("ok", String::as_str);
        sheet.row([Cell::new(check.name), Cell::new(result)]);
        checks.push(json!({ "name": check.name, "ok": finding.is_none(), "finding": finding }));
    }
    if report.is_sound() {
        return Ok(Output::new(
            json!({ "sound": true, "checks": checks }),
            sheet.or(""),
        ));
    }
    let findings: Vec<String> = report
        .findings()
        .map(|(name, finding)| format!("{name}: {finding}"))
        .collect();
    let message = format!("the database is damaged: {}", findings.join("; "));
    Err(CliError::new(Exit::Unavailable, "damaged_data", &message)
        .hint(
            "stop trading with this folder, keep a copy of it, and restore the newest backup into \
             a new one: `openalgo backup restore FILE --data-dir NEW_FOLDER`",
        )
        .details(json!({ "checks": Value::Array(checks) })))
}
