//! The way of a command: what only its caller knows is put in, the folder is opened, and the
//! command runs.

use crate::args::{Cli, Command, Global};
use crate::command;
use crate::error::CliError;
use crate::open::{self, Open};
use crate::request::Request;
use crate::session::Session;
use crate::show::Output;
use crate::ui::Ui;

/// Runs a command. Whatever comes of it, the data folder is closed before this returns.
pub(crate) async fn run(cli: Cli, ui: Ui) -> Result<Output, CliError> {
    let (global, mut command) = (cli.global, cli.command);
    if let Command::Completions(args) = &command {
        return command::completions::run(args);
    }
    command.resolve()?;
    let mut doctor = None;
    if let Command::Doctor(args) = &mut command {
        args.examine(&open::folder(&global)?);
        doctor = Some(args.clone());
    }
    let color = ui.style().color;
    match (carry_out(&global, ui, command).await, doctor) {
        (Err(error), Some(args)) => Ok(command::doctor::unopened(color, args, &error)),
        (outcome, _) => outcome,
    }
}

async fn carry_out(global: &Global, ui: Ui, command: Command) -> Result<Output, CliError> {
    if let Command::Backup(backup) = &command
        && backup.stands_alone()
    {
        return command::backup::alone(global, backup, ui).await;
    }
    let need = command.need();
    let request = Request {
        command,
        user: global.user.clone(),
        style: ui.style(),
    };
    let open = Open::open(global, need).await?;
    let outcome = answer(&open, request).await;
    open.close().await;
    outcome
}

/// Runs a command on the data folder that this process has open.
async fn answer(open: &Open, request: Request) -> Result<Output, CliError> {
    let session = Session {
        app: open.app(),
        files: open.files(),
        user: request.user,
        style: request.style,
    };
    let outcome = command::on(&session, request.command).await;
    if let Err(error) = &outcome {
        tracing::error!(code = %error.code, message = %error.message, "the command failed");
    }
    outcome
}
