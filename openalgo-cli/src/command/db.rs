//! `openalgo db`.

use crate::error::{CliError, Exit};
use crate::progress::Step;
use crate::session::Session;
use crate::show::{Output, Sheet};
use comfy_table::Cell;
use openalgo::store::CheckOutcome;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo db check
  openalgo db check --json
  openalgo db accept-older --yes";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
pub(crate) enum Command {
    /// Prove that the database is sound: pages, structure, journal, orders, trades, positions,
    /// funds, settings, sealed fields
    #[command(after_help = EXAMPLES)]
    Check,
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
            Self::Check | Self::AcceptOlder { yes: true } => Ok(()),
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
        Command::AcceptOlder { .. } => Ok(Output::new(
            json!({ "accepted": true }),
            "The database is the newest from now on: other copies of it are refused.",
        )),
    }
}

async fn check(session: &Session<'_>) -> Result<Output, CliError> {
    session
        .progress
        .report(&Step::begin("checking the database"));
    let report = session.files.check().await?;
    let mut sheet = Sheet::new(session.style.color, &["Check", "Result"]);
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
        .hint("stop trading with this folder and keep a copy of it before anything else")
        .details(json!({ "checks": Value::Array(checks) })))
}
