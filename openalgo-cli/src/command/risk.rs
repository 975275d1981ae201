//! `openalgo risk`.

mod view;

use crate::error::CliError;
use crate::session::Session;
use crate::show::Output;
use crate::words::upper;
use openalgo::core::account::{LimitChange, LimitName, SymbolRule};
use openalgo::core::market::{Exchange, InstrumentKey, Symbol};
use openalgo::core::monitor::{Author, Reason, Surface};
use openalgo::engine::route::RouteError;
use openalgo::engine::service::{RiskError, RiskToday};
use serde::{Deserialize, Serialize};
use view::View;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo risk show
  openalgo risk set daily_loss 5000
  openalgo risk set daily_orders off
  openalgo risk symbol deny YESBANK --exchange NSE
  openalgo risk kill --reason 'the feed shows wrong prices'
  openalgo risk resume --user ravi";

/// What `set` and `symbol` mean, for their help.
const LIMITS: &str = "\
Limits:
  order_value        the most rupees that one order may be worth, at the last
                     price or at its own where that is higher
  order_quantity     the most units that one order may be for
  daily_loss         the most rupees that may be lost on one day, realised
                     or not
  daily_orders       the most orders on one day
  orders_per_second  the most live orders that leave for an exchange segment
                     at a broker in any second; others wait for their turn.
                     off means the usual ten

Paper and live orders are counted by themselves. Orders that only reduce a
position pass every limit. A change holds at once, also for a program that
runs.

Examples:
  openalgo risk set order_value 200000
  openalgo risk set daily_loss 5000
  openalgo risk set daily_orders off
  openalgo risk set orders_per_second 8 --user ravi";

/// The examples of `symbol`.
const SYMBOLS: &str = "\
Where symbols are allowed, all others are not.

Examples:
  openalgo risk symbol deny YESBANK --exchange NSE
  openalgo risk symbol allow RELIANCE --exchange NSE
  openalgo risk symbol remove YESBANK --exchange NSE";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Show the limits, how much of them is used today, and whether trading is halted
    #[command(after_help = EXAMPLES)]
    Show,
    /// Set a limit, or take it away
    #[command(after_help = LIMITS)]
    Set {
        /// Which one
        limit: LimitName,
        /// Its value, or off
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Say which symbols may be traded
    #[command(after_help = SYMBOLS)]
    Symbol(SymbolArgs),
    /// Take all limits away; the kill switch stays as it is
    #[command(after_help = EXAMPLES)]
    Clear,
    /// Show whether trading is halted
    #[command(after_help = EXAMPLES)]
    Status,
    /// Take no more orders but those of a person that only reduce a position; what rests can still
    /// be cancelled
    #[command(visible_alias = "halt", after_help = EXAMPLES)]
    Kill {
        /// Why, for whoever meets it later
        #[arg(long, value_name = "TEXT", default_value = "stopped by hand")]
        reason: Reason,
    },
    /// Take orders again
    #[command(after_help = EXAMPLES)]
    Resume,
}

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct SymbolArgs {
    /// What is said of it
    rule: Rule,
    /// The symbol
    #[arg(value_parser = upper::<Symbol>)]
    symbol: Symbol,
    /// Where it trades [default: the setting default_exchange]
    #[arg(long, value_parser = upper::<Exchange>)]
    exchange: Option<Exchange>,
}

/// What is said of a symbol.
#[derive(Debug, Clone, Copy, clap::ValueEnum, Serialize, Deserialize)]
enum Rule {
    /// It may be traded, and what is not allowed may not
    Allow,
    /// It may not be traded
    Deny,
    /// Nothing is said of it
    Remove,
}

impl Command {
    /// Resuming again would undo a halt that came in between.
    pub(crate) fn may_be_repeated(&self) -> bool {
        match self {
            Self::Show
            | Self::Set { .. }
            | Self::Symbol(_)
            | Self::Clear
            | Self::Status
            | Self::Kill { .. } => true,
            Self::Resume => false,
        }
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let user = session.user().await?.id;
    let (risk, view) = (session.app()?.risk(), View::of(session));
    let by = Author {
        user: Some(user),
        surface: Surface::Cli,
    };
    Ok(match command {
        Command::Show => {
            let (limits, halt) = (risk.limits(user).await?, risk.status(user).await?);
            let today = today(risk.today(user).await)?;
            view.all((&limits, today.as_ref()), halt.as_ref())
        }
        Command::Set { limit, value } => {
            let change = limit.parse(&value)?;
            let limits = risk.change_limit(user, change.clone(), by).await?;
            view::changed(&limits, &change)
        }
        Command::Symbol(args) => {
            let change = args.change(session).await?;
            let limits = risk.change_limit(user, change.clone(), by).await?;
            view::changed(&limits, &change)
        }
        Command::Clear => {
            risk.clear_limits(user, by).await?;
            view::cleared()
        }
        Command::Status => view.state(risk.status(user).await?.as_ref()),
        Command::Kill { reason } => view.state(Some(&risk.halt(user, reason, by).await?)),
        Command::Resume => view::resumed(risk.resume(user, by).await?),
    })
}

/// What is used today; nothing is where orders have nowhere to go.
fn today(today: Result<RiskToday, RiskError>) -> Result<Option<RiskToday>, CliError> {
    match today {
        Ok(today) => Ok(Some(today)),
        Err(RiskError::Route(RouteError::NoOrderBroker)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl SymbolArgs {
    async fn change(self, session: &Session<'_>) -> Result<LimitChange, CliError> {
        let exchange = session.exchange(self.exchange).await?;
        let symbol = InstrumentKey::new(exchange, self.symbol);
        let rule = match self.rule {
            Rule::Allow => Some(SymbolRule::Allow),
            Rule::Deny => Some(SymbolRule::Deny),
            Rule::Remove => None,
        };
        // What is not traded cannot be meant; what was traded once can still be forgotten.
        if rule.is_some() {
            session.app()?.market().instrument(&symbol).await?;
        }
        Ok(LimitChange::Symbol(symbol, rule))
    }
}
