//! The data folder that the flags name: opened by this process, or reached by its key.

use crate::args::{Command, Global};
use crate::command::Need;
use crate::error::{CliError, Exit};
use crate::input::passphrase;
use crate::logging;
use crate::ui::Ui;
use openalgo::control::{Credential, Door};
use openalgo::{
    Builder, DataFolder, KeyReport, KeySource, KeySourceName, LockError, OpenAlgo, OpenAppError,
    OpenFolder, Opened, Owner, Ownership, PlaceRule, SharedPlace, UnlockError, World,
};
use std::path::Path;
use std::time::Duration;
use tracing_appender::non_blocking::WorkerGuard;

/// The data folder that the flags name, and the key source; a passphrase is asked for once, and
/// only when it is needed.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) folder: DataFolder,
    place: PlaceRule,
    world: World,
    /// What opens the folder; without, the folder says where its key is.
    source: Option<KeySource>,
    /// Whether that is to be a passphrase, which was not typed yet.
    asks: bool,
    /// Flushed at the end.
    log: Option<WorkerGuard>,
}

impl Target {
    pub(crate) fn new(global: &Global) -> Result<Self, CliError> {
        let source = match &global.key_source {
            Some(KeySourceName::File(path)) => Some(KeySource::File(path.clone())),
            Some(KeySourceName::Keychain) => Some(KeySource::Keychain),
            Some(KeySourceName::Credential(name)) => Some(KeySource::Credential(name.clone())),
            Some(KeySourceName::Passphrase) | None => None,
        };
        Ok(Self {
            folder: folder(global)?,
            place: global.place(),
            world: global.world()?,
            source,
            asks: global.key_source == Some(KeySourceName::Passphrase),
            log: None,
        })
    }

    /// Opens as much of the data folder as the command needs; does not wait for an owner.
    pub(crate) async fn open(&mut self, command: &Command) -> Result<Opening, CliError> {
        self.start_log();
        self.named()?;
        let need = command.need();
        let mut opened = open(self.builder_for(command), need).await;
        if opened.as_ref().is_err_and(needs_passphrase) {
            self.ask_passphrase(false)?;
            opened = open(self.builder_for(command), need).await;
        }
        let open = match opened {
            Err(OpenAppError::Lock(taken @ LockError::Owned { .. })) => {
                return Ok(Opening::Taken(taken));
            }
            opened => opened?,
        };
        warn_about_key(open.files());
        warn_about_memory(open.files());
        self.start_log();
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            "the data folder is open"
        );
        Ok(Opening::Done(open))
    }

    /// Sees that there is a key for a command before anything is closed for it.
    pub(crate) async fn has_key_for(&self, command: &Command) -> Result<(), CliError> {
        self.builder_for(command).control_key().await?;
        Ok(())
    }

    /// Opens a folder that this process owns as a command needs it that is alone with it.
    pub(crate) async fn enter(
        &mut self,
        open: Open,
        command: &Command,
    ) -> Result<OpenFolder, CliError> {
        let app = match open {
            // It was opened for this very command.
            Open::Files(files) => return Ok(*files),
            Open::Engine(app) => app,
        };
        let ownership = app.files().ownership();
        app.close().await;
        let builder = self.builder_for(command).owned(ownership);
        let files = builder.open_folder().await?;
        if let Some(change) = command.key_change() {
            // It has just proved to open the folder, whatever comes of the change.
            self.opens_with(change.with().cloned());
        }
        Ok(files)
    }

    /// Opens a folder again that this process keeps unlocked.
    pub(crate) async fn open_again(&mut self, ownership: Ownership) -> Result<Open, CliError> {
        let builder = self.builder(Need::Hold).owned(ownership);
        let open = open(builder, Need::Hold).await?;
        tracing::info!("the data folder is open again");
        Ok(open)
    }

    /// What the caller of a change of the key opens the folder with: a passphrase is asked for
    /// where one wraps the key, though somebody may keep the folder unlocked.
    pub(crate) fn present(&mut self) -> Result<Option<KeySource>, CliError> {
        self.refuse_without_data()?;
        if self.named()?.is_none() && self.is_wrapped()? {
            self.ask_passphrase(false)?;
        }
        Ok(self.source.clone())
    }

    /// Where the flags say that the key is.
    pub(crate) fn named(&mut self) -> Result<Option<KeySource>, CliError> {
        if self.asks {
            self.ask_passphrase(!self.folder.has_data())?;
        }
        Ok(self.source.clone())
    }

    /// Opens the folder with this from now on; without, the folder says where its key is.
    pub(crate) fn opens_with(&mut self, source: Option<KeySource>) {
        self.source = source;
        self.asks = false;
    }

    pub(crate) fn refuse_without_data(&self) -> Result<(), CliError> {
        if self.folder.has_data() {
            return Ok(());
        }
        Err(OpenAppError::without_data(&self.folder).into())
    }

    /// Whether the key is wrapped by a passphrase.
    pub(crate) fn is_wrapped(&self) -> Result<bool, CliError> {
        Ok(self.folder.vault().exists() && KeyReport::place(&self.folder)? == "passphrase")
    }

    /// Starts the log, once there is a folder for it.
    fn start_log(&mut self) {
        if self.log.is_none() && self.folder.has_data() {
            self.log = logging::start(&self.folder);
        }
    }

    pub(crate) fn in_use_by(&self, owner: Owner) -> LockError {
        LockError::Owned {
            folder: self.folder.root().to_owned(),
            owner: Some(Box::new(owner)),
        }
    }

    /// What proves to the owner that this process may speak: the pass of an unlocked folder where
    /// it spares a passphrase, else the key.
    pub(crate) async fn credential(&mut self) -> Result<Credential, CliError> {
        if let Some(pass) = self.folder.pass().filter(|_pass| self.source.is_none()) {
            return Ok(pass);
        }
        self.key().await
    }

    /// The control key of the folder.
    pub(crate) async fn key(&mut self) -> Result<Credential, CliError> {
        self.named()?;
        let key = match self.builder(Need::Files).control_key().await {
            Err(error) if needs_passphrase(&error) => {
                self.ask_passphrase(false)?;
                self.builder(Need::Files).control_key().await?
            }
            key => key?,
        };
        Ok(Credential::Key(key))
    }

    /// With the key of the caller, if the command is to change it, and with our own otherwise.
    fn builder_for(&self, command: &Command) -> Builder {
        let need = command.need();
        let builder = match command.key_change() {
            Some(change) => self.builder_with(need, change.with()),
            None => self.builder(need),
        };
        command.opened(builder)
    }

    fn builder(&self, need: Need) -> Builder {
        self.builder_with(need, self.source.as_ref())
    }

    fn builder_with(&self, need: Need, source: Option<&KeySource>) -> Builder {
        let builder = OpenAlgo::builder()
            .data_dir(self.folder.root())
            .place(self.place)
            .world(self.world.clone())
            .patience(Duration::ZERO);
        let builder = match need {
            Need::NewFolder => builder.without_market_watch().reachable(),
            Need::Engine | Need::Files | Need::Reading => {
                builder.existing_only().without_market_watch().reachable()
            }
            Need::Hold | Need::Alone => builder.existing_only().reachable(),
        };
        match source {
            Some(source) => builder.key_source(source.clone()),
            None => builder,
        }
    }

    fn ask_passphrase(&mut self, is_new: bool) -> Result<(), CliError> {
        let typed = passphrase(is_new)?;
        self.opens_with(Some(KeySource::Passphrase(typed)));
        Ok(())
    }
}

/// What came of opening the folder.
#[derive(Debug)]
pub(crate) enum Opening {
    /// This process owns it now.
    Done(Open),
    /// Another one does.
    Taken(LockError),
}

/// A data folder that this process has open, and how much of it.
#[derive(Debug)]
pub(crate) enum Open {
    Engine(Box<OpenAlgo>),
    Files(Box<OpenFolder>),
}

impl Open {
    /// The folder with its engine, if that was asked for.
    pub(crate) fn app(&self) -> Option<&OpenAlgo> {
        match self {
            Self::Engine(app) => Some(app),
            Self::Files(_) => None,
        }
    }

    pub(crate) fn files(&self) -> &OpenFolder {
        match self {
            Self::Engine(app) => app.files(),
            Self::Files(files) => files,
        }
    }

    /// The address at which other processes knock, once.
    pub(crate) fn take_door(&mut self) -> Option<Door> {
        match self {
            Self::Engine(app) => app.take_door(),
            Self::Files(files) => files.take_door(),
        }
    }

    pub(crate) async fn close(self) {
        match self {
            Self::Engine(app) => app.close().await,
            Self::Files(files) => files.close().await,
        }
    }
}

async fn open(builder: Builder, need: Need) -> Result<Open, OpenAppError> {
    Ok(match need {
        Need::Alone | Need::Reading => Open::Files(Box::new(builder.open_folder().await?)),
        Need::Files => match builder.open_what_works().await? {
            Opened::Engine(app) => Open::Engine(app),
            Opened::Files { files, why } => {
                let why = CliError::from(why);
                tracing::warn!(code = %why.code, reason = why.for_log(), "the data folder is open without its engine");
                Open::Files(files)
            }
        },
        Need::Engine | Need::NewFolder | Need::Hold => {
            Open::Engine(Box::new(builder.open().await?))
        }
    })
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
    if files.is_new()
        && let Some(path) = files.key_file()
    {
        warn_about_key_file(path);
    }
    if files.had_key() {
        Ui::warn(&format!(
            "{} had a key but no database, so a new one was made. If there was data here before, \
             put its main.db back in place of the new one.",
            files.folder().root().display()
        ));
    }
}

/// Says of a new folder that it does not last.
fn warn_about_memory(files: &OpenFolder) {
    if files.is_new() && files.folder().is_in_memory() {
        Ui::warn(&format!(
            "{} lies in memory: everything in it is gone when this machine restarts. To keep it, \
             name a folder on a disk with --data-dir.",
            files.folder().root().display()
        ));
    }
}

/// Says that a key file that was made leaves this machine.
pub(crate) fn warn_about_key_file(path: &Path) {
    if let Some(place @ SharedPlace::Synced { .. }) = SharedPlace::of(path) {
        Ui::warn(&about_key_file(path, &place));
    }
}

/// What is to be said of a key file in a place that is synced.
pub(crate) fn about_key_file(path: &Path, place: &SharedPlace) -> String {
    format!(
        "the key file {} lies {place}: whoever sees one of the copies has the key. Move it with \
         `openalgo key move --to file:PATH`, and change it with `openalgo key rotate`.",
        path.display()
    )
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
