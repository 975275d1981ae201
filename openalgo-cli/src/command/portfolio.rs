//! `openalgo trades`, `positions`, `holdings` and `funds`.

use crate::error::CliError;
use crate::session::Session;
use crate::show::{
    Output, broker_funds_json, broker_funds_table, funds_json, funds_table, holding_json,
    holdings_table, position_json, positions_table, trade_json, trades_table,
};
use openalgo::engine::service::AccountFunds;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of these commands.
const EXAMPLES: &str = "\
Examples:
  openalgo positions
  openalgo funds --json
  openalgo trades --limit 10";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct NoArgs {}

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TradesArgs {
    /// Show at most so many, the newest first
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

pub(crate) async fn trades(session: &Session<'_>, args: TradesArgs) -> Result<Output, CliError> {
    let user = session.user().await?;
    let trades = session.app()?.orders().trades(user.id, args.limit).await?;
    let data: Vec<Value> = trades.iter().map(trade_json).collect();
    Ok(Output::new(
        json!(data),
        trades_table(&session.style, &trades),
    ))
}

pub(crate) async fn positions(session: &Session<'_>) -> Result<Output, CliError> {
    let user = session.user().await?;
    let positions = session.app()?.portfolio().positions(user.id).await?;
    let data: Vec<Value> = positions.iter().map(position_json).collect();
    Ok(Output::new(
        json!(data),
        positions_table(&session.style, &positions),
    ))
}

pub(crate) async fn holdings(session: &Session<'_>) -> Result<Output, CliError> {
    let user = session.user().await?;
    let holdings = session.app()?.portfolio().holdings(user.id).await?;
    let data: Vec<Value> = holdings.iter().map(holding_json).collect();
    Ok(Output::new(
        json!(data),
        holdings_table(&session.style, &holdings),
    ))
}

pub(crate) async fn funds(session: &Session<'_>) -> Result<Output, CliError> {
    let user = session.user().await?;
    let funds = session.app()?.portfolio().funds(user.id).await?;
    Ok(match &funds {
        AccountFunds::Paper(funds) => {
            Output::new(funds_json(funds), funds_table(&session.style, funds))
        }
        AccountFunds::Broker(broker, funds) => Output::new(
            broker_funds_json(broker, funds),
            broker_funds_table(&session.style, funds),
        ),
    })
}
