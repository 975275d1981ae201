//! `openalgo paper`.

use crate::error::CliError;
use crate::request::Style;
use crate::session::Session;
use crate::show::{Entry, Output, Sheet, funds_json, funds_table, number, rupees, rupees_signed};

use openalgo::core::monitor::{Author, Surface};
use openalgo::core::paper::{DailyPnl, Movement};
use openalgo::core::value::Money;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo paper funds
  openalgo paper capital 500000
  openalgo paper reset --yes
  openalgo paper daily --limit 7
  openalgo paper movements";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Show the money of the paper account, wherever orders go now
    #[command(after_help = EXAMPLES)]
    Funds,
    /// Start the account anew: orders that wait are withdrawn, positions,
    /// holdings and profits are gone; orders and trades stay on record
    #[command(after_help = EXAMPLES)]
    Reset {
        /// Do it: what is gone does not come back
        #[arg(long)]
        yes: bool,
    },
    /// Give every paper account another capital; positions stay
    #[command(after_help = EXAMPLES)]
    Capital {
        /// 100000, 500000, 1000000, 2500000, 5000000 or 10000000 rupees
        amount: Money,
    },
    /// List what days came to, the newest first
    #[command(after_help = EXAMPLES)]
    Daily {
        /// Show at most so many
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// List what moved in or out of positions without a trade, the newest first
    #[command(after_help = EXAMPLES)]
    Movements {
        /// Show at most so many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
}

impl Command {
    /// Resetting again would take away what was done in between.
    pub(crate) fn may_be_repeated(&self) -> bool {
        !matches!(self, Self::Reset { .. })
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let user = session.user().await?.id;
    let (paper, style) = (session.app()?.paper(), &session.style);
    Ok(match command {
        Command::Funds => {
            let funds = paper.funds(user).await?;
            Output::new(funds_json(&funds), funds_table(style, &funds))
        }
        Command::Reset { yes: false } => {
            let message = "resetting takes positions, holdings and profits away for good";
            return Err(CliError::refused("not_confirmed", &message)
                .hint("say `openalgo paper reset --yes` if that is meant"));
        }
        Command::Reset { yes: true } => {
            let by = Author {
                user: Some(user),
                surface: Surface::Cli,
            };
            let funds = paper.reset(user, by).await?;
            let capital = rupees(funds.funds.total_capital);
            let text = format!("The paper account starts anew with ₹{capital}.");
            Output::new(funds_json(&funds), text)
        }
        Command::Capital { amount } => {
            paper.set_capital(amount).await?;
            let funds = paper.funds(user).await?;
            let text = format!(
                "The capital is ₹{} now, of which ₹{} are free.",
                rupees(funds.funds.total_capital),
                rupees(funds.funds.available)
            );
            Output::new(funds_json(&funds), text)
        }
        Command::Daily { limit } => days(style, &paper.daily(user, limit).await?),
        Command::Movements { limit } => movements(style, &paper.movements(user, limit).await?),
    })
}

fn days(style: &Style, days: &[DailyPnl]) -> Output {
    let columns = [
        "Day",
        "#Realised",
        "#Positions",
        "#Holdings",
        "#Total",
        "#Worth",
    ];
    let mut sheet = Sheet::fitting(style, &columns).spare(&["Realised", "Positions", "Holdings"]);
    for day in days {
        sheet.row([
            Entry::new(day.date),
            Entry::new(rupees_signed(day.realized)),
            Entry::new(rupees_signed(day.positions_unrealized)),
            Entry::new(rupees_signed(day.holdings_unrealized)),
            Entry::new(rupees_signed(day.total)),
            Entry::new(rupees(day.portfolio_value)),
        ]);
    }
    let data: Vec<Value> = days.iter().map(day_json).collect();
    Output::new(json!(data), sheet.or("No day has ended yet."))
}

fn movements(style: &Style, movements: &[Movement]) -> Output {
    let columns = ["~When", "Symbol", "Product", "~What", "#Units", "#₹"];
    let mut sheet = Sheet::fitting(style, &columns).spare(&["When", "Product"]);
    for movement in movements {
        let at = movement.at.to_ist().format("%Y-%m-%d %H:%M:%S");
        sheet.row([
            Entry::new(at),
            Entry::new(&movement.instrument),
            Entry::new(movement.product),
            Entry::new(movement.kind),
            Entry::new(movement.units),
            Entry::new(rupees_signed(movement.cash)),
        ]);
    }
    let data: Vec<Value> = movements.iter().map(movement_json).collect();
    Output::new(json!(data), sheet.or("Nothing moved without a trade."))
}

fn day_json(day: &DailyPnl) -> Value {
    json!({
        "date": day.date.to_string(),
        "realized_pnl": number(day.realized),
        "positions_unrealized_pnl": number(day.positions_unrealized),
        "holdings_unrealized_pnl": number(day.holdings_unrealized),
        "total_mtm": number(day.total),
        "available_balance": number(day.available),
        "used_margin": number(day.used_margin),
        "portfolio_value": number(day.portfolio_value),
    })
}

fn movement_json(movement: &Movement) -> Value {
    json!({
        "exchange": movement.instrument.exchange,
        "symbol": movement.instrument.symbol,
        "product": movement.product,
        "kind": movement.kind,
        "units": movement.units.get(),
        "cash": number(movement.cash),
        "at": movement.at,
    })
}
