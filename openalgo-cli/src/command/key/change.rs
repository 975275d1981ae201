//! What changes the key, or its place: each takes the data folder for itself.

use crate::args::Global;
use crate::error::{CliError, Exit};
use crate::input;
use crate::logging;
use crate::open;
use crate::progress::{Progress, Step};
use crate::show::{Output, fields};
use crate::ui::Ui;
use openalgo::{
    DataFolder, KeyMoved, KeyReport, KeySource, KeySourceName, LockError, OpenAlgo, OpenAppError,
    OpenFolder, RotateKey,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;
use tracing_appender::non_blocking::WorkerGuard;

/// How long another process may take to end a command of its own.
const PATIENCE: Duration = Duration::from_secs(2);

/// A data folder that nobody else can reach meanwhile.
struct Alone {
    files: OpenFolder,
    log: Option<WorkerGuard>,
}

/// Takes the folder with the key from where it is known to be, or with this one.
async fn take(folder: &DataFolder, source: Option<KeySource>) -> Result<Alone, CliError> {
    let log = folder.has_data().then(|| logging::start(folder)).flatten();
    let builder = OpenAlgo::builder()
        .data_dir(folder.root())
        .existing_only()
        .patience(PATIENCE);
    let builder = match source {
        Some(source) => builder.key_source(source),
        None => builder,
    };
    let files = builder.open_folder().await.map_err(|error| match error {
        OpenAppError::Lock(taken @ LockError::Owned { .. }) => CliError::from(taken).hint(
            "the key is changed only where nobody else uses the folder: stop that process first, \
             with `openalgo lock` if it holds the folder unlocked",
        ),
        other => other.into(),
    })?;
    Ok(Alone { files, log })
}

/// The key source that the flags name, or a passphrase where the key is wrapped by one.
fn present(global: &Global, folder: &DataFolder) -> Result<Option<KeySource>, CliError> {
    refuse_without_data(folder)?;
    let named = open::key_source(global, folder)?;
    if named.is_none() && is_wrapped(folder)? {
        return Ok(Some(KeySource::Passphrase(input::passphrase(false)?)));
    }
    Ok(named)
}

fn refuse_without_data(folder: &DataFolder) -> Result<(), CliError> {
    if folder.has_data() {
        return Ok(());
    }
    Err(OpenAppError::NoData(folder.root().to_owned()).into())
}

fn is_wrapped(folder: &DataFolder) -> Result<bool, CliError> {
    Ok(folder.vault().exists() && KeyReport::place(folder)? == "passphrase")
}

/// Where the key is to go.
fn target(to: &KeySourceName, piped: bool) -> Result<KeySource, CliError> {
    Ok(match to {
        KeySourceName::Keychain => KeySource::Keychain,
        KeySourceName::File(path) => KeySource::File(path.clone()),
        KeySourceName::Credential(name) => KeySource::Credential(name.clone()),
        KeySourceName::Passphrase if piped => {
            KeySource::Passphrase(input::new_passphrase(true, "")?)
        }
        KeySourceName::Passphrase => KeySource::Passphrase(input::passphrase(true)?),
    })
}

pub(crate) async fn passphrase(global: &Global, piped: bool) -> Result<Output, CliError> {
    let folder = open::folder(global)?;
    refuse_without_data(&folder)?;
    if !is_wrapped(&folder)? {
        let message = "the key of this data folder is not kept by a passphrase";
        return Err(CliError::refused("no_passphrase", &message)
            .hint("wrap it with one: `openalgo key move --to passphrase`"));
    }
    let old = input::passphrase(false)?;
    let new = input::new_passphrase(piped, "New passphrase: ")?;
    let alone = take(&folder, Some(KeySource::Passphrase(old))).await?;
    alone.files.move_key(KeySource::Passphrase(new)).await?;
    drop(alone.log);
    let text = "The passphrase is changed. Where a file holds it for OPENALGO_PASSPHRASE_FILE, \
                change it there, too. Backups keep the passphrases that they were made with.\n";
    Ok(Output::new(json!({ "changed": true }), text))
}

pub(crate) async fn place(
    global: &Global,
    to: &KeySourceName,
    piped: bool,
) -> Result<Output, CliError> {
    let folder = open::folder(global)?;
    let source = present(global, &folder)?;
    move_from(&folder, source, (to, piped)).await
}

async fn move_from(
    folder: &DataFolder,
    source: Option<KeySource>,
    (to, piped): (&KeySourceName, bool),
) -> Result<Output, CliError> {
    let to = target(to, piped)?;
    let alone = take(folder, source).await?;
    let moved = alone.files.move_key(to).await?;
    drop(alone.log);
    Ok(shown(&moved))
}

fn shown(moved: &KeyMoved) -> Output {
    if moved.is_left_behind {
        Ui::warn(&format!(
            "the key is still in {}, too: remove it there by hand",
            moved.from
        ));
    }
    let text = fields(&[("Key", moved.to.clone()), ("Before", moved.from.clone())]);
    let note = "The folder knows the new place: a --key-source or OPENALGO_KEY_SOURCE that names \
                the old one is to be changed or left away.\n";
    let data = json!({
        "from": moved.from,
        "to": moved.to,
        "left_behind": moved.is_left_behind,
    });
    Output::new(data, format!("{text}\n{note}"))
}

pub(crate) async fn rotate(
    global: &Global,
    keep_old: Option<PathBuf>,
    ui: Ui,
) -> Result<Output, CliError> {
    let folder = open::folder(global)?;
    let source = present(global, &folder)?;
    let passphrase = match &source {
        Some(KeySource::Passphrase(passphrase)) => Some(passphrase.clone()),
        // The key was named from elsewhere, and the new one is wrapped all the same.
        Some(_) if is_wrapped(&folder)? => Some(input::passphrase(false)?),
        Some(_) | None => None,
    };
    let alone = take(&folder, source).await?;
    let with = RotateKey {
        passphrase,
        keep_old,
    };
    let (progress, steps) = Progress::here();
    let rotating = async move {
        let report = |copied| progress.report(&Step::copy("encrypting again", copied));
        alone.files.rotate_key(with, &report).await
    };
    let (rotated, ()) = tokio::join!(rotating, ui.follow(steps));
    let rotated = rotated?;
    drop(alone.log);
    if rotated.had_recovery_key {
        Ui::warn(
            "the recovery key opens this folder no more: make a new one with `openalgo key \
             recovery create`",
        );
    }
    let text = fields(&[("New key", rotated.source.clone())]);
    let data = json!({
        "source": rotated.source,
        "recovery_key_ended": rotated.had_recovery_key,
    });
    Ok(Output::new(data, text))
}

pub(crate) async fn create_recovery(global: &Global) -> Result<Output, CliError> {
    if global.json || !std::io::stdout().is_terminal() {
        let message =
            "a recovery key is shown only at a terminal, so that it is written to no file";
        return Err(CliError::new(Exit::Usage, "no_terminal", &message)
            .hint("run the command at a terminal, without --json and without a pipe"));
    }
    let folder = open::folder(global)?;
    let source = present(global, &folder)?;
    let alone = take(&folder, source).await?;
    let key = alone.files.make_recovery_key().await?;
    drop(alone.log);
    let lines = key.expose_secret().replace('\n', "\n  ");
    let text = format!(
        "Write this recovery key on paper, and keep it where the data folder is not:\n\n  {lines}\n\n\
         It is not shown again, and one that was made before is worthless now. With it,\n\
         `openalgo key recovery use --to PLACE` opens the folder when the place of the key is lost.\n\
         Whoever has both it and a copy of the folder can read everything.\n"
    );
    Ok(Output::new(json!({}), text))
}

pub(crate) async fn use_recovery(
    global: &Global,
    to: &KeySourceName,
    piped: bool,
) -> Result<Output, CliError> {
    let folder = open::folder(global)?;
    refuse_without_data(&folder)?;
    let typed: SecretString = input::recovery_key(piped)?;
    move_from(&folder, Some(KeySource::Recovery(typed)), (to, false)).await
}
