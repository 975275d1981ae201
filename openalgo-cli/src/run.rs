//! The way of a command: what only its caller knows is put in; then this process takes the data
//! folder and runs it, or the process that owns the folder does.

use crate::args::{Cli, Command, Global};
use crate::command;
use crate::error::CliError;
use crate::house::{House, Outcome, Stay};
use crate::open::{self, Open, Opening, Target};
use crate::patience::Patience;
use crate::progress::Progress;
use crate::request::Request;
use crate::session::Origin;
use crate::show::Output;
use crate::signals::Stop;
use crate::travel::{self, Journey};
use crate::ui::Ui;
use openalgo::{KeyReport, LockError, Owner};
use std::sync::Arc;

/// Runs a command; `None` when its answer was given already. Whatever comes of it, the data
/// folder is closed before this returns.
pub(crate) async fn run(cli: Cli, ui: Ui) -> Result<Option<Output>, CliError> {
    let (global, mut command) = (cli.global, cli.command);
    if let Command::Completions(args) = &command {
        return command::completions::run(args).map(Some);
    }
    if let Command::Replay(args) = &command {
        return command::replay::run(args, ui).await.map(Some);
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
    let mut stop = None;
    loop {
        let taken = match target.folder.owner() {
            Ok(Some(owner)) => {
                patience.meet(&owner);
                let caller = (&request, ui, &mut stop);
                match ask(&mut target, &owner, caller, &mut patience).await? {
                    Some(outcome) => return outcome,
                    None => target.in_use_by(owner),
                }
            }
            Ok(None) => match target.open(&request.command).await? {
                Opening::Done(open) => {
                    let stop = stop_of(&mut stop, (&request, ui))?;
                    return own((target, open), stop, (request, ui)).await;
                }
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

/// What stops a command of which something is said then, from when it can be begun until its caller
/// has the answer.
fn stop_of(
    stop: &mut Option<Arc<Stop>>,
    (request, ui): (&Request, Ui),
) -> Result<Option<Arc<Stop>>, CliError> {
    if let (None, Some(hint)) = (&stop, request.command.when_stopped()) {
        *stop = Some(Arc::new(Stop::hear(ui, hint)?));
    }
    Ok(stop.clone())
}

/// Who has a command run elsewhere, and what stops it once it is on its way.
pub(crate) type Caller<'a> = (&'a Request, Ui, &'a mut Option<Arc<Stop>>);

/// Has the owner of the folder run a command; `None` when it was not done and can be tried again.
pub(crate) async fn ask(
    target: &mut Target,
    owner: &Owner,
    (request, ui, stop): Caller<'_>,
    patience: &mut Patience,
) -> Result<Option<Outcome>, CliError> {
    let Some(call) = travel::connect(target, owner, patience).await? else {
        return Ok(None);
    };
    let journey = match stop_of(stop, (request, ui))? {
        Some(stop) => {
            let journey = stop.unless(travel::ask(call, request, ui)).await;
            journey.ok_or_else(|| stop.elsewhere(owner.pid))??
        }
        None => travel::ask(call, request, ui).await?,
    };
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
    CliError::outcome_unknown(&message).hint("look before you repeat it")
}

/// Runs a command on the folder that this process has just opened, and meanwhile those that
/// other processes bring.
async fn own(
    (target, open): (Target, Open),
    stop: Option<Arc<Stop>>,
    (request, ui): (Request, Ui),
) -> Outcome {
    let (house, endpoint) = House::open(target, open, Stay::Once(stop));
    let (progress, steps) = Progress::here();
    let (outcome, ()) = tokio::join!(house.run(request, Origin::Here, progress), ui.follow(steps),);
    house.leave();
    if let Some(endpoint) = endpoint {
        endpoint.stop().await;
    }
    house.close().await?;
    outcome.unwrap_or_else(|| Err(CliError::no_engine()))
}
