//! An open data folder, and whose account a command acts on.

use crate::args::Global;
use crate::error::{CliError, Exit};
use crate::logging;
use crate::ui::Ui;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::id::Username;
use openalgo::core::market::Exchange;
use openalgo::core::wire::UnknownWord;
use openalgo::{
    Builder, DataFolder, KeySource, KeySourceName, OpenAlgo, OpenAppError, OpenFolder, UnlockError,
};
use secrecy::{ExposeSecret, SecretString};
use std::io::{IsTerminal, Read};
use std::str::FromStr;
use tracing_appender::non_blocking::WorkerGuard;
use zeroize::Zeroizing;

const PASSPHRASE_FILE: &str = "OPENALGO_PASSPHRASE_FILE";

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) app: OpenAlgo,
    pub(crate) ui: Ui,
    user: Option<Username>,
    _log: Option<WorkerGuard>,
}

impl Session {
    /// Opens the data folder that the flags name; makes it only if `create` says so.
    pub(crate) async fn open(global: &Global, ui: Ui, create: bool) -> Result<Self, CliError> {
        let folder = folder(global)?;
        // A folder that does not exist yet gets its log when it does.
        let early = folder.has_data().then(|| logging::start(&folder)).flatten();
        let app = match builder(global, &folder, create)?.open().await {
            Err(error) if needs_passphrase(&error) => {
                let source = KeySource::Passphrase(passphrase(false)?);
                plain_builder(&folder, create)
                    .key_source(source)
                    .open()
                    .await?
            }
            opened => opened?,
        };
        let files = app.files();
        if files.fell_back_to_key_file() {
            Ui::warn(&format!(
                "this machine has no usable keychain, so the key is kept in {}. Whoever can read \
                 that file and the data folder can read everything: keep a copy of it in a safe \
                 place, and never beside the data.",
                files.key_source().trim_start_matches("file:")
            ));
        }
        if files.had_key() {
            Ui::warn(&format!(
                "{} had a key but no database, so a new one was made. If there was data here \
                 before, put its main.db back in place of the new one.",
                folder.root().display()
            ));
        }
        let log = early.or_else(|| logging::start(&folder));
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            "the data folder is open"
        );
        Ok(Self {
            app,
            ui,
            user: global.user.clone(),
            _log: log,
        })
    }

    /// The user whose account the command acts on: the one named, or the owner. Whoever can use
    /// the key source counts as signed in.
    pub(crate) async fn user(&self) -> Result<User, CliError> {
        Ok(match &self.user {
            Some(name) => self.app.users().get(name).await?,
            None => self.app.users().owner().await?,
        })
    }

    /// The exchange that was named, or the one that the setting names.
    pub(crate) async fn exchange(&self, named: Option<Exchange>) -> Result<Exchange, CliError> {
        match named {
            Some(exchange) => Ok(exchange),
            None => self.setting(SettingKey::DefaultExchange).await,
        }
    }

    /// A setting as what it means.
    pub(crate) async fn setting<T>(&self, key: SettingKey) -> Result<T, CliError>
    where
        T: FromStr<Err = UnknownWord>,
    {
        let value = self.app.settings().get(key).await?.value;
        value.parse().map_err(|error| {
            CliError::refused(
                "setting_value",
                &format!("the setting {key} is wrong: {error}"),
            )
            .hint(format!("mend it with `openalgo settings set {key} VALUE`"))
        })
    }
}

/// Opens the data folder that the flags name, without its engine.
pub(crate) async fn open_folder(global: &Global) -> Result<OpenFolder, CliError> {
    let folder = folder(global)?;
    match builder(global, &folder, false)?.open_folder().await {
        Err(error) if needs_passphrase(&error) => {
            let source = KeySource::Passphrase(passphrase(false)?);
            Ok(plain_builder(&folder, false)
                .key_source(source)
                .open_folder()
                .await?)
        }
        opened => Ok(opened?),
    }
}

fn folder(global: &Global) -> Result<DataFolder, CliError> {
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
    let source = match &global.key_source {
        Some(KeySourceName::File(path)) => Some(KeySource::File(path.clone())),
        Some(KeySourceName::Keychain) => Some(KeySource::Keychain),
        Some(KeySourceName::Passphrase) => {
            Some(KeySource::Passphrase(passphrase(!folder.has_data())?))
        }
        None => None,
    };
    Ok(match source {
        Some(source) => builder.key_source(source),
        None => builder,
    })
}

/// The passphrase, from the file that the environment names or from the terminal.
fn passphrase(is_new: bool) -> Result<SecretString, CliError> {
    let unreadable = |error: &std::io::Error| {
        let message = format!("the passphrase cannot be read: {error}");
        CliError::new(Exit::Locked, "no_key", &message).hint("see `openalgo --help`")
    };
    if let Some(path) = std::env::var_os(PASSPHRASE_FILE) {
        let text = std::fs::read_to_string(path).map(Zeroizing::new);
        let text = text.map_err(|error| unreadable(&error))?;
        return Ok(first_line(&text));
    }
    if !std::io::stdin().is_terminal() {
        let message = "a passphrase is needed and there is no terminal to ask for it";
        let hint = format!("name a file that holds it in {PASSPHRASE_FILE}");
        return Err(CliError::new(Exit::Locked, "no_key", &message).hint(hint));
    }
    if is_new {
        return ask_twice("New passphrase: ");
    }
    ask("Passphrase: ").map_err(|error| unreadable(&error))
}

/// A new password: from standard input if asked for, else typed twice at the terminal.
pub(crate) fn new_password(from_stdin: bool) -> Result<SecretString, CliError> {
    if from_stdin {
        let mut text = Zeroizing::new(String::new());
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| CliError::internal("the password cannot be read", &error))?;
        return Ok(first_line(&text));
    }
    if !std::io::stdin().is_terminal() {
        let message = "a password is needed and there is no terminal to ask for it";
        return Err(CliError::new(Exit::Usage, "usage", &message)
            .hint("pipe it in and give --password-stdin"));
    }
    ask_twice("New password: ")
}

/// Asks for a new secret and once more for the same, so that a slip does not lock anybody out.
fn ask_twice(prompt: &str) -> Result<SecretString, CliError> {
    let unreadable =
        |error: std::io::Error| CliError::internal("the terminal cannot be read", &error);
    let first = ask(prompt).map_err(unreadable)?;
    let second = ask("The same again: ").map_err(unreadable)?;
    if first.expose_secret() == second.expose_secret() {
        return Ok(first);
    }
    Err(CliError::new(Exit::Usage, "usage", &"the two are not the same").hint("try again"))
}

fn ask(prompt: &str) -> Result<SecretString, std::io::Error> {
    rpassword::prompt_password(prompt).map(SecretString::from)
}

fn first_line(text: &str) -> SecretString {
    SecretString::from(text.lines().next().unwrap_or_default())
}
