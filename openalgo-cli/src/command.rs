//! One file per command: its flags and what it does.
//!
//! A command goes three steps: `resolve` puts in what only its caller knows, `need` says what must
//! be open for it, and `on` runs it in the process that has the data folder open; `alone` does so
//! where no other command may run beside it.

pub(crate) mod analyzer;
pub(crate) mod apikey;
pub(crate) mod backup;
pub(crate) mod broker;
pub(crate) mod completions;
pub(crate) mod db;
pub(crate) mod depth;
pub(crate) mod doctor;
pub(crate) mod history;
pub(crate) mod journal;
pub(crate) mod key;
pub(crate) mod latency;
pub(crate) mod lock;
pub(crate) mod logs;
pub(crate) mod market;
pub(crate) mod option;
pub(crate) mod order;
pub(crate) mod paper;
pub(crate) mod pending;
pub(crate) mod portfolio;
pub(crate) mod quickstart;
pub(crate) mod quote;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod risk;
pub(crate) mod settings;
pub(crate) mod status;
pub(crate) mod symbols;
pub(crate) mod unlock;
pub(crate) mod user;
pub(crate) mod watch;

use crate::alone::{Alone, Done};
use crate::args::Command;
use crate::error::{CliError, NO_ORDER_BROKER};
use crate::session::Session;
use crate::show::Output;
use crate::words::counted;
use openalgo::Builder;
use openalgo::core::id::Username;
use openalgo::core::monitor::Surface;

/// What must be open for a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The data folder. Its engine runs for what others want meanwhile, unless something in the
    /// folder keeps it from that.
    Files,
    /// The data folder as it lies: its engine is not started for it, since that changes what is
    /// looked at. Where the engine runs already, it goes on.
    Reading,
    /// The data folder without its engine, and with nobody else in it; see [`crate::alone`].
    Alone,
    /// The data folder with its engine.
    Engine,
    /// The same, and a folder that does not exist yet is made.
    NewFolder,
    /// The same as the engine, which goes on working by itself.
    Hold,
}

impl Need {
    /// Whether a folder does whose engine does not run.
    pub(crate) fn does_without_engine(self) -> bool {
        matches!(self, Self::Files | Self::Reading | Self::Alone)
    }
}

impl Command {
    /// Puts in what only the caller knows: what is typed or piped in, and where it stands.
    pub(crate) fn resolve(&mut self, user: Option<&Username>) -> Result<(), CliError> {
        match self {
            Self::User(command) => command.resolve(user),
            Self::Backup(command) => command.resolve(),
            Self::Db(command) => command.resolve(),
            Self::Order(command) => command.resolve(),
            Self::Journal(command) => command.resolve(),
            Self::Symbols(command) => command.resolve(),
            Self::Market(command) => command.resolve(),
            Self::Record(args) => args.resolve(),
            Self::Quickstart(_)
            | Self::Init(_)
            | Self::Status(_)
            | Self::Unlock(_)
            | Self::Lock(_)
            | Self::Analyzer(_)
            | Self::Apikey(_)
            | Self::Broker(_)
            | Self::Settings(_)
            | Self::Risk(_)
            | Self::Paper(_)
            | Self::Pending(_)
            | Self::Quote(_)
            | Self::Depth(_)
            | Self::Watch(_)
            | Self::History(_)
            | Self::Chain(_)
            | Self::Greeks(_)
            | Self::Payoff(_)
            | Self::Replay(_)
            | Self::Latency(_)
            | Self::Logs(_)
            | Self::Trades(_)
            | Self::Positions(_)
            | Self::Holdings(_)
            | Self::Funds(_)
            | Self::Doctor(_)
            // What it asks for depends on the folder; see `key::Command::resolve`.
            | Self::Key(_)
            | Self::Completions(_) => Ok(()),
        }
    }

    pub(crate) fn need(&self) -> Need {
        match self {
            Self::Quickstart(_) | Self::Init(_) => Need::NewFolder,
            Self::Db(db::Command::AcceptOlder { .. }) => Need::Alone,
            Self::Key(command) => command.need(),
            Self::Unlock(_) => Need::Hold,
            Self::Journal(journal::Command::Verify { .. }) => Need::Reading,
            Self::Backup(_)
            | Self::Journal(journal::Command::Export { .. })
            | Self::Db(db::Command::Check | db::Command::Compact)
            | Self::Doctor(_)
            | Self::Lock(_)
            | Self::Market(_)
            | Self::Replay(_)
            | Self::Completions(_) => Need::Files,
            Self::Status(_)
            | Self::User(_)
            | Self::Analyzer(_)
            | Self::Apikey(_)
            | Self::Broker(_)
            | Self::Settings(_)
            | Self::Risk(_)
            | Self::Paper(_)
            | Self::Pending(_)
            | Self::Symbols(_)
            | Self::Quote(_)
            | Self::Depth(_)
            | Self::Watch(_)
            | Self::History(_)
            | Self::Chain(_)
            | Self::Greeks(_)
            | Self::Payoff(_)
            | Self::Record(_)
            | Self::Latency(_)
            | Self::Logs(_)
            | Self::Order(_)
            | Self::Trades(_)
            | Self::Positions(_)
            | Self::Holdings(_)
            | Self::Funds(_) => Need::Engine,
        }
    }

    /// The name under which clients know what it asks for, if it is recorded with its answer: what
    /// changes orders is.
    pub(crate) fn endpoint(&self) -> Option<&'static str> {
        match self {
            Self::Order(command) => command.endpoint(),
            Self::Pending(command) => command.endpoint(),
            Self::Analyzer(command) => command.endpoint(),
            _ => None,
        }
    }

    /// What its caller should do when it is stopped by a signal, if it is one of those that change
    /// orders: what it has begun may stand at a broker by then.
    pub(crate) fn when_stopped(&self) -> Option<String> {
        match self {
            Self::Order(command) => command.when_stopped(),
            Self::Pending(command) => command.endpoint().map(|_recorded| {
                "`openalgo pending list --status all` shows what was decided, `openalgo order list` \
                 what was placed"
                    .to_owned()
            }),
            Self::Analyzer(command) => command
                .endpoint()
                .map(|_recorded| "`openalgo analyzer status` shows where orders go now".to_owned()),
            Self::Risk(command) if !command.may_be_repeated() => {
                Some("`openalgo risk status` shows whether trading is halted".to_owned())
            }
            Self::Paper(command) if !command.may_be_repeated() => {
                Some("`openalgo paper funds` shows what the account has now".to_owned())
            }
            _ => None,
        }
    }

    /// What is unusual about how the folder is opened for it.
    pub(crate) fn opened(&self, builder: Builder) -> Builder {
        match self {
            Self::Db(db::Command::AcceptOlder { .. }) => builder.accept_older(Surface::Cli),
            // It tells whether others can reach it.
            Self::Doctor(_) => builder.reachable(),
            _ => builder,
        }
    }

    /// The change of the key that it is, if it is one. For that, the folder is opened with what
    /// its caller presents, wherever it runs.
    pub(crate) fn key_change(&self) -> Option<&key::Change> {
        match self {
            Self::Key(key::Command::Change(change)) => Some(change),
            _ => None,
        }
    }

    /// Whether doing it twice comes to the same as once, so that it can be sent again when the
    /// process that had it went away without an answer.
    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::User(command) => command.may_be_repeated(),
            // A file that the first time made is in the way of the second.
            Self::Backup(_) | Self::Record(_) => false,
            Self::Analyzer(command) => command.may_be_repeated(),
            Self::Apikey(command) => command.may_be_repeated(),
            Self::Broker(command) => command.may_be_repeated(),
            Self::Risk(command) => command.may_be_repeated(),
            Self::Order(command) => command.may_be_repeated(),
            Self::History(args) => args.may_be_repeated(),
            Self::Paper(command) => command.may_be_repeated(),
            Self::Pending(command) => command.may_be_repeated(),
            Self::Key(command) => command.may_be_repeated(),
            Self::Journal(command) => command.may_be_repeated(),
            Self::Symbols(command) => command.may_be_repeated(),
            Self::Quickstart(_)
            | Self::Init(_)
            | Self::Status(_)
            | Self::Unlock(_)
            | Self::Lock(_)
            | Self::Settings(_)
            | Self::Quote(_)
            | Self::Depth(_)
            | Self::Watch(_)
            | Self::Chain(_)
            | Self::Greeks(_)
            | Self::Payoff(_)
            | Self::Replay(_)
            | Self::Latency(_)
            | Self::Logs(_)
            | Self::Market(_)
            | Self::Trades(_)
            | Self::Positions(_)
            | Self::Holdings(_)
            | Self::Funds(_)
            | Self::Db(_)
            | Self::Doctor(_)
            | Self::Completions(_) => true,
        }
    }
}

/// Runs a command that is alone with the data folder.
pub(crate) async fn alone(alone: Alone, command: Command) -> Result<Done, CliError> {
    match command {
        Command::Db(command) => db::alone(alone, &command).await,
        Command::Key(key::Command::Change(change)) => key::alone(alone, change).await,
        _ => Err(CliError::no_engine()),
    }
}

/// Runs a command on an open data folder.
pub(crate) async fn on(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    match dispatch(session, command).await {
        Err(error) if error.code == NO_ORDER_BROKER => Err(nowhere(session, error).await),
        outcome => outcome,
    }
}

/// What is said where orders go nowhere: what is held on paper is not gone, but is looked at nowhere
/// while analyze mode is off.
async fn nowhere(session: &Session<'_>, error: CliError) -> CliError {
    let held = async {
        let user = session.user().await?.id;
        Ok::<_, CliError>(session.app()?.paper().held(user).await?)
    };
    // What keeps it from being told is told by the command that shows it.
    let Ok(held) = held.await else {
        return error;
    };
    let told = [
        (held.positions, "open position"),
        (held.holdings, "holding"),
        (held.orders, "resting order"),
    ];
    let told = told.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<_> = told.map(|(count, what)| counted(count, what)).collect();
    if told.is_empty() {
        return error;
    }
    error.hint(format!(
        "the paper account has {}: turn analyze mode on with `openalgo analyzer on` to see and change \
         that, or choose a broker for live orders with `openalgo broker use NAME` (`openalgo broker use \
         paper` keeps to paper)",
        told.join(" and ")
    ))
}

async fn dispatch(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    match command {
        Command::Quickstart(_) => quickstart::run(session).await,
        Command::Init(_) => quickstart::init(session).await,
        Command::Status(_) => status::run(session).await,
        Command::Unlock(_) | Command::Replay(_) => Err(CliError::no_engine()),
        Command::Lock(_) => Ok(lock::run(session)),
        Command::User(command) => user::run(session, command).await,
        Command::Analyzer(command) => analyzer::run(session, command).await,
        Command::Apikey(command) => apikey::run(session, command).await,
        Command::Broker(command) => broker::run(session, command).await,
        Command::Settings(command) => settings::run(session, command).await,
        Command::Risk(command) => risk::run(session, command).await,
        Command::Symbols(command) => symbols::run(session, command).await,
        Command::Quote(args) => quote::run(session, args).await,
        Command::Depth(args) => depth::run(session, args).await,
        Command::Watch(args) => watch::run(session, args).await,
        Command::History(args) => history::run(session, args).await,
        Command::Chain(args) => option::chain::run(session, args).await,
        Command::Greeks(args) => option::greeks::run(session, args).await,
        Command::Payoff(args) => option::payoff::run(session, args).await,
        Command::Record(args) => record::run(session, args).await,
        Command::Latency(args) => latency::run(session, args).await,
        Command::Logs(args) => logs::run(session, args).await,
        Command::Market(command) => market::run(session, command).await,
        Command::Order(command) => order::run(session, command).await,
        Command::Paper(command) => paper::run(session, command).await,
        Command::Pending(command) => pending::run(session, command).await,
        Command::Trades(args) => portfolio::trades(session, args).await,
        Command::Positions(_) => portfolio::positions(session).await,
        Command::Holdings(_) => portfolio::holdings(session).await,
        Command::Funds(_) => portfolio::funds(session).await,
        Command::Backup(command) => backup::run(session, command).await,
        Command::Db(command) => db::run(session, command).await,
        Command::Journal(command) => journal::run(session, command).await,
        Command::Doctor(args) => doctor::run(session, args).await,
        Command::Key(command) => key::run(session, &command),
        Command::Completions(args) => completions::run(&args),
    }
}
