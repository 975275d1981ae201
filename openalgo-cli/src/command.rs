//! One file per command: its flags and what it does.

pub(crate) mod apikey;
pub(crate) mod completions;
pub(crate) mod db;
pub(crate) mod key;
pub(crate) mod order;
pub(crate) mod portfolio;
pub(crate) mod quickstart;
pub(crate) mod quote;
pub(crate) mod settings;
pub(crate) mod status;
pub(crate) mod symbols;
pub(crate) mod user;

use crate::args::{Cli, Command};
use crate::error::CliError;
use crate::session::{Session, open_folder};
use crate::show::Output;
use crate::ui::Ui;

/// Runs a command. Whatever comes of it, the data folder is closed before this returns.
pub(crate) async fn run(cli: Cli, ui: Ui) -> Result<Output, CliError> {
    match cli.command {
        Command::Completions(args) => completions::run(&args),
        // These work on a folder in which something keeps the engine from running, too.
        Command::Db(db::Command::Check) => {
            let files = open_folder(&cli.global).await?;
            let outcome = db::check(&files, ui).await;
            files.close().await;
            outcome
        }
        Command::Key(command) => {
            let files = open_folder(&cli.global).await?;
            let outcome = key::run(&files, &command);
            files.close().await;
            outcome
        }
        command => {
            let creates = matches!(command, Command::Quickstart(_) | Command::Init(_));
            let session = Session::open(&cli.global, ui, creates).await?;
            let outcome = on(&session, command).await;
            if let Err(error) = &outcome {
                tracing::error!(code = error.code, message = %error.message, "the command failed");
            }
            session.app.close().await;
            outcome
        }
    }
}

/// Runs a command on an open data folder.
async fn on(session: &Session, command: Command) -> Result<Output, CliError> {
    match command {
        Command::Quickstart(_) => quickstart::run(session).await,
        Command::Init(_) => quickstart::init(session).await,
        Command::Status(_) => status::run(session).await,
        Command::User(command) => user::run(session, command).await,
        Command::Apikey(command) => apikey::run(session, command).await,
        Command::Settings(command) => settings::run(session, command).await,
        Command::Symbols(command) => symbols::run(session, command).await,
        Command::Quote(args) => quote::run(session, args).await,
        Command::Order(command) => order::run(session, command).await,
        Command::Trades(args) => portfolio::trades(session, args).await,
        Command::Positions(_) => portfolio::positions(session).await,
        Command::Holdings(_) => portfolio::holdings(session).await,
        Command::Funds(_) => portfolio::funds(session).await,
        Command::Db(db::Command::Check) => db::check(session.app.files(), session.ui).await,
        Command::Key(command) => key::run(session.app.files(), &command),
        Command::Completions(args) => completions::run(&args),
    }
}
