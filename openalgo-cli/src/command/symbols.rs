//! `openalgo symbols`.

use crate::error::CliError;
use crate::request::Style;
use crate::session::Session;
use crate::show::{Output, Sheet, fields, instrument_json};
use crate::words::upper;
use comfy_table::Cell;
use openalgo::core::market::{Exchange, Instrument, InstrumentKey, Symbol};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo symbols search reliance
  openalgo symbols search NIFTY 26000 CE --exchange NFO
  openalgo symbols show RELIANCE --exchange NSE";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Find instruments by words of their symbol or name, or by their strike
    #[command(after_help = EXAMPLES)]
    Search {
        /// Words that must all occur
        #[arg(required = true)]
        words: Vec<String>,
        /// Only on this exchange
        #[arg(long, value_parser = upper::<Exchange>)]
        exchange: Option<Exchange>,
        /// Show at most so many
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Show the trading rules of an instrument
    #[command(after_help = EXAMPLES)]
    Show {
        /// Its symbol
        #[arg(value_parser = upper::<Symbol>)]
        symbol: Symbol,
        /// Its exchange [default: the setting default_exchange]
        #[arg(long, value_parser = upper::<Exchange>)]
        exchange: Option<Exchange>,
    },
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    match command {
        Command::Search {
            words,
            exchange,
            limit,
        } => {
            let index = session
                .app()?
                .market()
                .instruments()
                .await
                .map_err(|error| CliError::internal("the instruments cannot be listed", &error))?;
            let found = index.search(&words.join(" "), exchange, limit);
            let data: Vec<Value> = found.iter().map(|found| instrument_json(found)).collect();
            Ok(Output::new(json!(data), list(&session.style, &found)))
        }
        Command::Show { symbol, exchange } => {
            let exchange = session.exchange(exchange).await?;
            let key = InstrumentKey::new(exchange, symbol);
            let instrument = session.app()?.market().instrument(&key).await?;
            Ok(Output::new(
                instrument_json(&instrument),
                details(&instrument),
            ))
        }
    }
}

fn list(style: &Style, found: &[Arc<Instrument>]) -> String {
    let columns = [
        "Symbol", "Exch", "~Name", "Type", "Expiry", "#Strike", "#Lot", "#Tick",
    ];
    let mut sheet =
        Sheet::fitting(style, &columns).spare(&["Strike", "Expiry", "Lot", "Type", "Tick"]);
    for instrument in found {
        let expiry = instrument
            .expiry
            .map(|date| date.format("%d %b %Y").to_string());
        let strike = instrument.strike.map(|strike| strike.to_string());
        sheet.row([
            Cell::new(&instrument.key.symbol),
            Cell::new(instrument.key.exchange),
            Cell::new(&instrument.name),
            Cell::new(instrument.kind),
            Cell::new(expiry.unwrap_or_default()),
            Cell::new(strike.unwrap_or_default()),
            Cell::new(instrument.lot_size),
            Cell::new(instrument.tick),
        ]);
    }
    sheet.or("Nothing found. Try fewer or shorter words.")
}

fn details(instrument: &Instrument) -> String {
    let mut rows = vec![
        ("Symbol", instrument.key.symbol.to_string()),
        ("Exchange", instrument.key.exchange.to_string()),
        ("Name", instrument.name.to_string()),
        ("Type", instrument.kind.to_string()),
        ("Lot size", instrument.lot_size.to_string()),
        ("Tick size", instrument.tick.to_string()),
        (
            "Tradable",
            if instrument.is_tradable() {
                "yes"
            } else {
                "no"
            }
            .to_owned(),
        ),
    ];
    if let Some(expiry) = instrument.expiry {
        rows.push(("Expiry", expiry.format("%d %b %Y").to_string()));
    }
    if let Some(strike) = instrument.strike {
        rows.push(("Strike", strike.to_string()));
    }
    fields(&rows)
}
