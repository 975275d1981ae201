//! What a command works with: an open data folder, and whose account it acts on.

use crate::error::CliError;
use crate::progress::Progress;
use crate::request::Style;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::id::Username;
use openalgo::core::market::Exchange;
use openalgo::core::wire::UnknownWord;
use openalgo::{OpenAlgo, OpenFolder};
use std::str::FromStr;
use tokio::sync::watch;

/// Where a command was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In the process that it runs in.
    Here,
    /// In a process that does not own the folder.
    Elsewhere,
}

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) app: Option<&'a OpenAlgo>,
    pub(crate) files: &'a OpenFolder,
    pub(crate) user: Option<Username>,
    pub(crate) style: Style,
    pub(crate) origin: Origin,
    pub(crate) progress: Progress,
    /// Whether the folder is to be given up.
    pub(crate) leaving: watch::Receiver<bool>,
    /// Locks the folder, where somebody keeps it unlocked.
    pub(crate) release: Option<&'a watch::Sender<bool>>,
}

impl Session<'_> {
    /// The folder with its engine running.
    pub(crate) fn app(&self) -> Result<&OpenAlgo, CliError> {
        self.app.ok_or_else(CliError::no_engine)
    }

    /// Lets resting orders meet the prices since they were last looked at, as opening the folder
    /// does: a command answers the same wherever it runs.
    pub(crate) async fn catch_up(&self) {
        let Some(app) = self.app.filter(|_app| self.origin == Origin::Elsewhere) else {
            return;
        };
        if let Err(error) = app.catch_up().await {
            tracing::warn!(error = %error, "resting orders were not brought up to the present");
        }
    }

    /// The user whose account the command acts on: the one named, or the owner. Whoever can use
    /// the key source counts as signed in.
    pub(crate) async fn user(&self) -> Result<User, CliError> {
        let users = self.app()?.users();
        Ok(match &self.user {
            Some(name) => users.get(name).await?,
            None => users.owner().await?,
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
        let value = self.app()?.settings().get(key).await?.value;
        value.parse().map_err(|error| {
            CliError::refused(
                "setting_value",
                &format!("the setting {key} is wrong: {error}"),
            )
            .hint(format!("mend it with `openalgo settings set {key} VALUE`"))
        })
    }
}
