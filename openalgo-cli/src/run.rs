//! The way of a command: what only its caller knows is put in; then this process takes the data
//! folder and runs it, or the process that owns the folder does.

use crate::args::{Cli, Command, Global};
use crate::command;
use crate::error::{CliError, Exit};
use crate::house::{House, Outcome};
use crate::open::{self, Open, Opening, Target};
use crate::patience::Patience;
use crate::progress::Progress;
use crate::request::Request;
use crate::session::Origin;
use crate::show::Output;
use crate::travel::{self, Journey};
use crate::ui::Ui;
use openalgo::{KeyReport, LockError, Owner};

/// Runs a command; `None` when its answer was given already. Whatever comes of it, the data
/// folder is closed before this returns.
pub(crate) async fn run(cli: Cli, ui: Ui) -> Result<Option<Output>, CliError> {
    let (global, mut command) = (cli.global, cli.command);
    if let Command::Completions(args) = &command {
        return command::completions::run(args).map(Some);
    }
    command.resolve(global.user.as_ref())?;
    let mut doctor = None;
    if let Command::Doctor(args) = &mut command {
        args.examine(&open::folder(&global)?, global.place());
        doctor = Some(args.clone());
    }
    let style = ui.style();
    let outcome = carry_out(&global, ui, command).await;
    let outcome = outcome.map_err(|error| match open::folder(&global) {
        Ok(folder) => error.offering_recovery(KeyReport::has_recovery(&folder)),
        Err(_nowhere) => error,
    });
    match (outcome, doctor) {
        (Err(error), Some(args)) => Ok(Some(command::doctor::unopened(&style, args, &error))),
        (outcome, _) => outcome,
    }
}

async fn carry_out(global: &Global, ui: Ui, command: Command) -> Result<Option<Output>, CliError> {
    if let Command::Backup(backup) = &command
        && backup.stands_alone()
    {
        return command::backup::alone(global, backup, ui).await.map(Some);
    }
    let mut target = Target::new(global)?;
    let command = match command {
        Command::Key(key) if key.stands_alone() => {
            return command::key::source(global, target).await.map(Some);
        }
        Command::Key(key) => Command::Key(key.resolve(&mut target, ui)?),
        other => other,
    };
    let request = Request {
        command,
        user: global.user.clone(),
        style: ui.style(),
        world: global.world()?,
    };
    match request.command {
        Command::Unlock(_) => command::unlock::hold(target, &request, ui)
            .await
            .map(|()| None),
        Command::Lock(_) => command::lock::end(target, &request, ui).await.map(Some),
        _ => go(target, request, ui).await.map(Some),
    }
}

/// Takes the folder, or has its owner run the command, whichever can be had first.
async fn go(mut target: Target, request: Request, ui: Ui) -> Outcome {
    let mut patience = Patience::default();
    loop {
        let taken = match target.folder.owner() {
            Ok(Some(owner)) => {
                patience.meet(&owner);
                match ask(&mut target, &owner, (&request, ui), &mut patience).await? {
                    Some(outcome) => return outcome,
                    None => target.in_use_by(owner),
                }
            }
            Ok(None) => match target.open(&request.command).await? {
                Opening::Done(open) => return own(target, open, (request, ui)).await,
                Opening::Taken(taken) => taken,
            },
            Err(taken @ LockError::Owned { .. }) => taken,
            Err(error) => return Err(error.into()),
        };
        if !patience.wait().await {
            return Err(patience.verdict(taken));
        }
    }
}

/// Has the owner of the folder run a command; `None` when it was not done and can be tried again.
pub(crate) async fn ask(
    target: &mut Target,
    owner: &Owner,
    (request, ui): (&Request, Ui),
    patience: &mut Patience,
) -> Result<Option<Outcome>, CliError> {
    let Some(call) = travel::connect(target, owner, patience).await? else {
        return Ok(None);
    };
    let journey = travel::ask(call, request, ui).await?;
    // It may have taken as long as what the owner was doing.
    patience.renew();
    match journey {
        Journey::Answered(outcome) => Ok(Some(outcome)),
        Journey::NotTaken => Ok(None),
        Journey::Lost if request.command.may_be_repeated() => Ok(None),
        Journey::Lost => Err(lost(owner)),
    }
}

fn lost(owner: &Owner) -> CliError {
    let message = format!(
        "process {} ended before it answered, so it is not known whether this was done",
        owner.pid
    );
    CliError::new(Exit::OutcomeUnknown, "outcome_unknown", &message)
        .hint("look before you repeat it")
}

/// Runs a command on the folder that this process has just opened, and meanwhile those that
/// other processes bring.
async fn own(target: Target, open: Open, (request, ui): (Request, Ui)) -> Outcome {
    let (house, endpoint) = House::open(target, open, false);
    let (progress, steps) = Progress::here();
    let (outcome, ()) = tokio::join!(house.run(request, Origin::Here, progress), ui.follow(steps),);
    house.leave();
    if let Some(endpoint) = endpoint {
        endpoint.stop().await;
    }
    house.close().await?;
    outcome.unwrap_or_else(|| Err(CliError::no_engine()))
}
