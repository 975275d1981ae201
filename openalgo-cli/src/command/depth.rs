//! `openalgo depth`.

use crate::error::{CliError, Exit};
use crate::request::Style;
use crate::session::Session;
use crate::show::{Entry, Output, Sheet, clock_time, depth_json};
use crate::words::{InstrumentName, upper};
use openalgo::core::market::{Depth, DepthLevel, Exchange, InstrumentKey};
use serde::{Deserialize, Serialize};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo depth RELIANCE
  openalgo depth NSE:INFY --json";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Symbol of the instrument, or EXCHANGE:SYMBOL
    symbol: InstrumentName,
    /// Its exchange [default: the setting default_exchange]
    #[arg(long, value_parser = upper::<Exchange>)]
    exchange: Option<Exchange>,
}

pub(crate) async fn run(session: &Session<'_>, args: Args) -> Result<Output, CliError> {
    let InstrumentName { exchange, symbol } = args.symbol;
    let exchange = session.exchange(args.exchange.or(exchange)).await?;
    let key = InstrumentKey::new(exchange, symbol);
    let depth = session.app()?.market().depth(&key).await?;
    let depth = depth.ok_or_else(|| {
        let message = "this source of prices tells no order books";
        CliError::new(Exit::Unavailable, "not_offered", &message)
            .hint("`openalgo quote SYMBOL` shows the best bid and offer")
    })?;
    Ok(Output::new(
        depth_json(&depth),
        text(&session.style, &depth),
    ))
}

fn text(style: &Style, depth: &Depth) -> String {
    let columns = [
        "#Orders", "#Bid qty", "#Bid", "#Ask", "#Ask qty", "#Orders ",
    ];
    let mut sheet = Sheet::fitting(style, &columns).spare(&["Orders", "Orders "]);
    let levels = depth.bids.len().max(depth.asks.len());
    for at in 0..levels {
        let [bid, ask] = [depth.bids.get(at), depth.asks.get(at)].map(cells);
        let [bid_orders, bid_quantity, bid_price] = bid;
        let [ask_orders, ask_quantity, ask_price] = ask;
        sheet.row([
            bid_orders,
            bid_quantity,
            bid_price,
            ask_price,
            ask_quantity,
            ask_orders,
        ]);
    }
    let total = |levels: &[DepthLevel]| -> i64 {
        let units = levels.iter().map(|level| level.quantity.get());
        units.fold(0, i64::saturating_add)
    };
    let (bids, asks) = (total(&depth.bids), total(&depth.asks));
    let name = &depth.instrument;
    let mut text = sheet.or(&format!("Nobody bids for {name} or offers it."));
    if levels > 0 {
        let at = clock_time(depth.timestamp);
        let sums = format!("{name}: {bids} bid for, {asks} on offer at {at} IST.\n");
        text.push_str(&sums);
    }
    text
}

fn cells(level: Option<&DepthLevel>) -> [Entry; 3] {
    match level {
        Some(level) => [
            Entry::new(level.orders),
            Entry::new(level.quantity),
            Entry::new(level.price),
        ],
        None => [Entry::new("-"), Entry::new("-"), Entry::new("-")],
    }
}
