//! `openalgo backup`.

use crate::args::Global;
use crate::error::{CliError, Exit};
use crate::input::{BackupPassphrase, NewPassphrase};
use crate::open::{Target, warn_about_key_file};
use crate::progress::{Progress, Step};
use crate::request::absolute;
use crate::session::Session;
use crate::show::{Output, Sheet, exact_time, fields, full_time};
use crate::ui::Ui;
use comfy_table::Cell;
use openalgo::SystemClock;
use openalgo::backup::{Backup, BackupInfo, RestoreTarget, Restored};
use openalgo::core::port::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo backup create
  echo \"$PASSPHRASE\" | openalgo backup create --passphrase-stdin \\
      --output openalgo.backup
  openalgo backup verify openalgo.backup
  openalgo backup restore openalgo.backup --data-dir NEW_FOLDER

A backup opens on any machine with its passphrase, or with the recovery key of
the folder that it was made of. A restored folder starts halted: logins at
brokers are gone, strategies are off and every user's kill switch is on, so
that two copies never trade side by side. `openalgo risk resume` lifts that of
the owner, with --user NAME that of another user.";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Write everything into one encrypted file, while the folder stays in use
    #[command(after_help = EXAMPLES)]
    Create {
        /// File to write; one that exists is never overwritten
        /// [default: openalgo-DATE-TIME.backup, here]
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        passphrase: NewPassphrase,
    },
    /// Prove that a backup is whole and sound, and restore nothing
    #[command(after_help = EXAMPLES)]
    Verify {
        /// The backup
        file: PathBuf,
        #[command(flatten)]
        passphrase: BackupPassphrase,
    },
    /// Make a data folder from a backup; it must be empty or not exist
    #[command(after_help = EXAMPLES)]
    Restore {
        /// The backup
        file: PathBuf,
        #[command(flatten)]
        passphrase: BackupPassphrase,
    },
}

impl Command {
    pub(crate) fn resolve(&mut self) -> Result<(), CliError> {
        match self {
            Self::Create { output, passphrase } => {
                let name = output.take().unwrap_or_else(default_name);
                *output = Some(absolute(&name)?);
                passphrase.ask()
            }
            Self::Verify { file, passphrase } | Self::Restore { file, passphrase } => {
                *file = absolute(file)?;
                // Nobody types a passphrase for a file that is not there.
                Backup::open(file)?;
                passphrase.ask()
            }
        }
    }

    /// Whether it works without the data folder that the flags name.
    pub(crate) fn stands_alone(&self) -> bool {
        match self {
            Self::Create { .. } => false,
            Self::Verify { .. } | Self::Restore { .. } => true,
        }
    }
}

fn default_name() -> PathBuf {
    let now = SystemClock.now().to_ist();
    now.format("openalgo-%Y%m%d-%H%M%S.backup")
        .to_string()
        .into()
}

/// Runs what needs the open data folder.
pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    match command {
        Command::Create { output, passphrase } => {
            let path = output.unwrap_or_else(default_name);
            let report = |copied| session.progress.report(&Step::copy("backing up", copied));
            let made = session.files.back_up(&path, passphrase.typed()?, &report);
            Ok(created(&path, &made.await?))
        }
        Command::Verify { .. } | Command::Restore { .. } => Err(CliError::new(
            Exit::Usage,
            "usage",
            &"this command needs no folder",
        )),
    }
}

/// Runs what works without an open data folder.
pub(crate) async fn alone(global: &Global, command: &Command, ui: Ui) -> Result<Output, CliError> {
    match command {
        Command::Verify { file, passphrase } => {
            let backup = Backup::open(file)?;
            let info = backup.info().clone();
            let report = backup
                .verify(passphrase.typed()?, Arc::new(SystemClock))
                .await?;
            verified((file, &info), &report, ui.style().color)
        }
        Command::Restore { file, passphrase } => {
            let mut named = Target::new(global)?;
            let target = RestoreTarget {
                key_source: named.named()?,
                place: global.place(),
                folder: named.folder.clone(),
                clock: Arc::new(SystemClock),
            };
            let (backup, secret) = (Backup::open(file)?, passphrase.typed()?);
            let (progress, steps) = Progress::here();
            let restoring = async move {
                let report = |copied| progress.report(&Step::copy("restoring", copied));
                backup.restore(secret, target, &report).await
            };
            let (restored, ()) = tokio::join!(restoring, ui.follow(steps));
            Ok(shown(named.folder.root(), &restored?))
        }
        Command::Create { .. } => Err(CliError::no_engine()),
    }
}

fn created(path: &Path, info: &BackupInfo) -> Output {
    let text = fields(&[
        ("Backup", path.display().to_string()),
        (
            "Database",
            format!("{} KiB", info.database_bytes.div_ceil(1_024)),
        ),
        ("Schema", info.schema_version.clone()),
    ]);
    Output::new(json!({ "path": path, "backup": info_json(info) }), text)
}

/// What a backup says about itself, for programs.
fn info_json(info: &BackupInfo) -> Value {
    json!({
        "created_at": exact_time(info.created_at),
        "program_version": info.program_version,
        "schema_version": info.schema_version,
        "database_bytes": info.database_bytes,
    })
}

fn shown(folder: &Path, restored: &Restored) -> Output {
    if restored.fell_back_to_key_file {
        Ui::warn("this machine has no usable keychain, so the key is kept in a file");
    }
    if let Some(path) = restored.key_source.strip_prefix("file:") {
        warn_about_key_file(Path::new(path));
    }
    let text = fields(&[
        ("Data folder", folder.display().to_string()),
        ("Key", restored.key_source.clone()),
        ("Backup of", full_time(restored.info.created_at)),
    ]);
    let halted = "Trading is halted for every user. When no other copy of this data trades, \
                  `openalgo risk resume` allows it again for the owner, and with --user NAME for \
                  another user (`openalgo user list`).\n";
    let data = json!({
        "folder": folder,
        "key_source": restored.key_source,
        "backup": info_json(&restored.info),
        "halted": true,
    });
    Output::new(data, format!("{text}\n{halted}"))
}

fn verified(
    (path, info): (&Path, &BackupInfo),
    report: &openalgo::store::CheckReport,
    color: bool,
) -> Result<Output, CliError> {
    let findings: Vec<_> = report
        .findings()
        .map(|(name, finding)| format!("{name}: {finding}"))
        .collect();
    if !findings.is_empty() {
        let message = format!("the backup is damaged: {}", findings.join("; "));
        return Err(CliError::new(Exit::Unavailable, "damaged_backup", &message)
            .hint("use another backup, and keep this one"));
    }
    let mut sheet = Sheet::new(color, &["Check", "Result"]);
    for check in &report.checks {
        sheet.row([Cell::new(check.name), Cell::new("ok")]);
    }
    let checks: Value = report.checks.iter().map(|check| check.name).collect();
    let data = json!({ "path": path, "sound": true, "backup": info_json(info), "checks": checks });
    let text = format!(
        "{}\nThe backup of {} is sound.\n",
        sheet.or(""),
        full_time(info.created_at)
    );
    Ok(Output::new(data, text))
}
