//! `openalgo doctor`.

use crate::doctor::{self, Finding, Verdict};
use crate::error::{CliError, Exit};
use crate::request::Style;
use crate::session::Session;
use crate::show::{Output, Sheet};
use comfy_table::Cell;
use openalgo::core::port::Clock;
use openalgo::{DataFolder, PlaceRule, SystemClock};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo doctor
  openalgo doctor --json
  openalgo doctor --data-dir /srv/openalgo

The exit code is 7 when something does not work, and 0 when everything does,
warnings or not.";

#[derive(Debug, Clone, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What can be seen without opening the folder.
    #[arg(skip)]
    outside: Vec<Finding>,
}

impl Args {
    /// Examines what can be seen from here without opening the folder.
    pub(crate) fn examine(&mut self, folder: &DataFolder, place: PlaceRule) {
        let database = folder.database();
        let size = database.metadata().map_or(0, |found| found.len());
        self.outside = vec![
            doctor::examine_folder(folder),
            doctor::examine_place(folder, place),
        ];
        if folder.root().is_dir() {
            self.outside.extend([
                doctor::examine_permissions(folder),
                doctor::examine_space(folder.root(), size),
                doctor::examine_speed(folder.root(), &SystemClock),
            ]);
        }
    }
}

/// The report on an open folder.
pub(crate) async fn run(session: &Session<'_>, args: Args) -> Result<Output, CliError> {
    let files = session.files;
    let summary = files.summary().await?;
    let mut findings = args.outside;
    findings.extend([
        doctor::examine_key(files).await?,
        doctor::examine_recovery(files.recovery_key_since()),
        doctor::examine_clock(SystemClock.now(), summary.newest_entry),
        Finding::ok(
            "database",
            format!(
                "it opens; schema {}; `openalgo db check` examines every page",
                summary.schema_version().unwrap_or("none")
            ),
        ),
        doctor::examine_address(files.owner(), files.folder().root()),
        Finding::ok(
            "versions",
            format!(
                "OpenAlgo {}, SQLCipher {}, SQLite {}",
                env!("CARGO_PKG_VERSION"),
                summary.sqlcipher_version,
                summary.sqlite_version
            ),
        ),
    ]);
    Ok(report(&session.style, &findings))
}

/// The report when the folder does not open, whose error says the rest.
pub(crate) fn unopened(style: &Style, args: Args, error: &CliError) -> Output {
    let mut findings = args.outside;
    // An absent folder and a wrong place have been named already, with what to do.
    if !["no_data", "shared_folder"].contains(&error.code.as_ref()) {
        let subject = match error.code.as_ref() {
            "in_use" | "other_version" => "owner",
            _ if error.exit == Exit::Locked => "key",
            _ => "database",
        };
        let remedy = error.hint.as_deref().unwrap_or("see `openalgo --help`");
        findings.push(Finding::failed(subject, &error.message, remedy));
    }
    report(style, &findings)
}

fn report(style: &Style, findings: &[Finding]) -> Output {
    let mut sheet = Sheet::fitting(style, &["", "What", "~How it stands"]);
    for found in findings {
        let mark = match found.verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Failed => "failed",
        };
        let remedy = found.remedy.as_ref();
        let said = remedy.map_or_else(
            || found.said.clone(),
            |remedy| format!("{}\n→ {remedy}", found.said),
        );
        sheet.row([Cell::new(mark), Cell::new(&found.subject), Cell::new(said)]);
    }
    let healthy = findings.iter().all(|it| it.verdict != Verdict::Failed);
    let output = Output::new(
        json!({ "healthy": healthy, "findings": findings }),
        sheet.or(""),
    );
    if healthy {
        output
    } else {
        output.failing(Exit::Unavailable)
    }
}
