//! `openalgo quote`.

use crate::error::CliError;
use crate::session::Session;
use crate::show::{Output, clock_time, fields, quote_json};
use crate::words::upper;
use openalgo::core::market::{Exchange, InstrumentKey, Quote, Symbol};
use openalgo::core::value::{Price, Quantity};
use serde::{Deserialize, Serialize};

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo quote RELIANCE
  openalgo quote NIFTY --exchange NSE_INDEX --json";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Symbol of the instrument
    #[arg(value_parser = upper::<Symbol>)]
    symbol: Symbol,
    /// Its exchange [default: the setting default_exchange]
    #[arg(long, value_parser = upper::<Exchange>)]
    exchange: Option<Exchange>,
}

pub(crate) async fn run(session: &Session<'_>, args: Args) -> Result<Output, CliError> {
    let exchange = session.exchange(args.exchange).await?;
    let app = session.app()?;
    let key = InstrumentKey::new(exchange, args.symbol);
    let quote = app.market().quote(&key).await?;
    let source = app.world().price_source();
    Ok(Output::new(quote_json(&quote), text(&quote, source)))
}

fn text(quote: &Quote, source: &str) -> String {
    let level = |price: Option<Price>, quantity: Quantity| {
        price.map_or("-".to_owned(), |price| format!("{price} x {quantity}"))
    };
    let mut rows = vec![
        ("Instrument", quote.instrument.to_string()),
        ("LTP", quote.ltp.to_string()),
        ("Bid", level(quote.bid, quote.bid_quantity)),
        ("Ask", level(quote.ask, quote.ask_quantity)),
        ("Open", quote.open.to_string()),
        ("High", quote.high.to_string()),
        ("Low", quote.low.to_string()),
        ("Prev close", quote.prev_close.to_string()),
        ("Volume", quote.volume.to_string()),
    ];
    if let Some(oi) = quote.oi {
        rows.push(("Open interest", oi.to_string()));
    }
    rows.push((
        "At",
        format!("{} IST ({source})", clock_time(quote.timestamp)),
    ));
    fields(&rows)
}
