//! The data folder that the flags name, opened by this process.

use crate::args::Global;
use crate::command::Need;
use crate::error::{CliError, Exit};
use crate::input::passphrase;
use crate::logging;
use crate::ui::Ui;
use openalgo::{
    Builder, DataFolder, KeySource, KeySourceName, OpenAlgo, OpenAppError, OpenFolder, UnlockError,
};
use tracing_appender::non_blocking::WorkerGuard;

/// A data folder that this process has open.
#[derive(Debug)]
pub(crate) struct Open {
    place: Place,
    _log: Option<WorkerGuard>,
}

/// How much of it is open.
#[derive(Debug)]
enum Place {
    Engine(Box<OpenAlgo>),
    Files(Box<OpenFolder>),
}

impl Open {
    /// Opens as much of the data folder as the command needs.
    pub(crate) async fn open(global: &Global, need: Need) -> Result<Self, CliError> {
        let folder = folder(global)?;
        // A folder that does not exist yet gets its log when it does.
        let early = folder.has_data().then(|| logging::start(&folder)).flatten();
        let create = need == Need::NewFolder;
        let builder = allow(builder(global, &folder, create)?, need);
        let place = match open(builder, need).await {
            Err(error) if needs_passphrase(&error) => {
                let source = KeySource::Passphrase(passphrase(false)?);
                let builder = allow(plain_builder(&folder, create).key_source(source), need);
                open(builder, need).await?
            }
            opened => opened?,
        };
        warn_about_key(place.files());
        let log = early.or_else(|| logging::start(&folder));
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            "the data folder is open"
        );
        Ok(Self { place, _log: log })
    }

    /// The folder with its engine, if that was asked for.
    pub(crate) fn app(&self) -> Option<&OpenAlgo> {
        match &self.place {
            Place::Engine(app) => Some(app),
            Place::Files(_) => None,
        }
    }

    pub(crate) fn files(&self) -> &OpenFolder {
        self.place.files()
    }

    pub(crate) async fn close(self) {
        match self.place {
            Place::Engine(app) => app.close().await,
            Place::Files(files) => files.close().await,
        }
    }
}

impl Place {
    fn files(&self) -> &OpenFolder {
        match self {
            Self::Engine(app) => app.files(),
            Self::Files(files) => files,
        }
    }
}

async fn open(builder: Builder, need: Need) -> Result<Place, OpenAppError> {
    Ok(match need {
        Need::Files | Need::OlderFiles => Place::Files(Box::new(builder.open_folder().await?)),
        Need::Engine | Need::NewFolder => Place::Engine(Box::new(builder.open().await?)),
    })
}

/// What a command may take that others may not.
fn allow(builder: Builder, need: Need) -> Builder {
    match need {
        Need::OlderFiles => builder.accept_older(),
        Need::Files | Need::Engine | Need::NewFolder => builder,
    }
}

/// Says what people should know about where the key of the folder is.
fn warn_about_key(files: &OpenFolder) {
    if files.fell_back_to_key_file() {
        Ui::warn(&format!(
            "this machine has no usable keychain, so the key is kept in {}. Whoever can read that \
             file and the data folder can read everything: keep a copy of it in a safe place, and \
             never beside the data.",
            files.key_source().trim_start_matches("file:")
        ));
    }
    if files.had_key() {
        Ui::warn(&format!(
            "{} had a key but no database, so a new one was made. If there was data here before, \
             put its main.db back in place of the new one.",
            files.folder().root().display()
        ));
    }
}

pub(crate) fn folder(global: &Global) -> Result<DataFolder, CliError> {
    match &global.data_dir {
        Some(path) => Ok(DataFolder::new(path)),
        None => DataFolder::of_user().map_err(|error| {
            CliError::new(Exit::Unavailable, "folder", &error).hint("give --data-dir DIR")
        }),
    }
}

/// Whether the folder says that its key is wrapped by a passphrase, which nobody has named.
fn needs_passphrase(error: &OpenAppError) -> bool {
    matches!(error, OpenAppError::Unlock(UnlockError::PassphraseNeeded))
}

fn plain_builder(folder: &DataFolder, create: bool) -> Builder {
    let builder = OpenAlgo::builder()
        .data_dir(folder.root())
        .without_market_watch();
    if create {
        builder
    } else {
        builder.existing_only()
    }
}

fn builder(global: &Global, folder: &DataFolder, create: bool) -> Result<Builder, CliError> {
    let builder = plain_builder(folder, create);
    Ok(match key_source(global, folder)? {
        Some(source) => builder.key_source(source),
        None => builder,
    })
}

/// Where the flags say that the key is.
pub(crate) fn key_source(
    global: &Global,
    folder: &DataFolder,
) -> Result<Option<KeySource>, CliError> {
    Ok(match &global.key_source {
        Some(KeySourceName::File(path)) => Some(KeySource::File(path.clone())),
        Some(KeySourceName::Keychain) => Some(KeySource::Keychain),
        Some(KeySourceName::Credential(name)) => Some(KeySource::Credential(name.clone())),
        Some(KeySourceName::Passphrase) => {
            Some(KeySource::Passphrase(passphrase(!folder.has_data())?))
        }
        None => None,
    })
}
