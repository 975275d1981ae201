//! `openalgo symbols`.

mod expiries;
mod lists;

use crate::error::CliError;
use crate::request::{Style, absolute};
use crate::session::Session;
use crate::show::{Output, Sheet, fields, instrument_json};
use crate::words::upper;
use comfy_table::Cell;
use expiries::Expiries;
use lists::{Import, Size};
use openalgo::OpenContract;
use openalgo::core::id::BrokerName;
use openalgo::core::market::{Exchange, Instrument, InstrumentKey, Symbol};
use openalgo::engine::market::{InstrumentIndex, LookupError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo symbols search reliance
  openalgo symbols search nifty dec fut
  openalgo symbols search NIFTY 26000 CE --exchange NFO
  openalgo symbols show RELIANCE --exchange NSE
  openalgo symbols expiries NIFTY --options
  openalgo symbols lists
  openalgo symbols import instruments.csv --broker zerodha
  openalgo symbols search infy --broker zerodha

Instruments are those of the price source: orders and quotes know no others.
With --broker NAME, the list that was imported for a broker is looked at
instead.";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// Find instruments by symbol, name, strike, kind and expiry, the likeliest first
    #[command(after_help = EXAMPLES)]
    Search {
        /// Words, such as: nifty 26000 ce
        #[arg(required = true)]
        words: Vec<String>,
        /// Only on this exchange
        #[arg(long, value_parser = upper::<Exchange>)]
        exchange: Option<Exchange>,
        /// Show at most so many
        #[arg(long, default_value_t = 20)]
        limit: usize,
        #[command(flatten)]
        list: ListName,
    },
    /// Show the trading rules of an instrument
    #[command(visible_alias = "info", after_help = EXAMPLES)]
    Show {
        /// Its symbol
        #[arg(value_parser = upper::<Symbol>)]
        symbol: Symbol,
        /// Its exchange [default: the setting default_exchange]
        #[arg(long, value_parser = upper::<Exchange>)]
        exchange: Option<Exchange>,
        #[command(flatten)]
        list: ListName,
    },
    /// List the days on which the contracts of an underlying expire
    #[command(after_help = EXAMPLES)]
    Expiries(Expiries),
    /// Show the lists of instruments that there are, and what each is used for
    #[command(after_help = EXAMPLES)]
    Lists,
    /// Take the list of instruments of a broker from a file
    #[command(after_help = EXAMPLES)]
    Import(Import),
    /// List the instruments of the price source anew
    #[command(after_help = EXAMPLES)]
    Update(Size),
}

/// Whose list is looked at.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct ListName {
    /// In the list that was imported for this broker [default: the list of the price source]
    #[arg(long, value_name = "NAME")]
    broker: Option<BrokerName>,
}

/// The instruments that are looked at.
enum Listed {
    OfPrices(Arc<InstrumentIndex>),
    Imported(Arc<OpenContract>),
}

impl Listed {
    fn index(&self) -> &InstrumentIndex {
        match self {
            Self::OfPrices(index) => index,
            Self::Imported(open) => &open.index,
        }
    }

    /// Says what people should know of the list before they rely on it.
    fn warned(&self, output: Output) -> Output {
        match self {
            Self::OfPrices(_) => output,
            Self::Imported(open) => lists::warned(open, output),
        }
    }
}

impl ListName {
    async fn open(&self, session: &Session<'_>) -> Result<Listed, CliError> {
        let app = session.app()?;
        Ok(match &self.broker {
            Some(broker) => Listed::Imported(app.master_contracts().open(broker).await?),
            None => Listed::OfPrices(app.market().instruments().await),
        })
    }
}

impl Command {
    /// A file is where the caller stands.
    pub(crate) fn resolve(&mut self) -> Result<(), CliError> {
        if let Self::Import(import) = self {
            import.file = absolute(&import.file)?;
        }
        Ok(())
    }

    /// Taking a list twice would forget the one before it.
    pub(crate) fn may_be_repeated(&self) -> bool {
        !matches!(self, Self::Import(_))
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    match command {
        Command::Search {
            words,
            exchange,
            limit,
            list,
        } => {
            let listed = list.open(session).await?;
            let found = listed.index().search(&words.join(" "), exchange, limit);
            let data: Vec<Value> = found.iter().map(|found| instrument_json(found)).collect();
            Ok(listed.warned(Output::new(json!(data), table(&session.style, &found))))
        }
        Command::Show {
            symbol,
            exchange,
            list,
        } => {
            let exchange = session.exchange(exchange).await?;
            let key = InstrumentKey::new(exchange, symbol);
            let listed = list.open(session).await?;
            let instrument = match &listed {
                Listed::OfPrices(_) => session.app()?.market().instrument(&key).await?,
                Listed::Imported(open) => find(&open.index, key)?,
            };
            let output = Output::new(instrument_json(&instrument), details(&instrument));
            Ok(listed.warned(output))
        }
        Command::Expiries(args) => expiries::run(session, args).await,
        Command::Lists => lists::list(session).await,
        Command::Import(import) => lists::import(session, import).await,
        Command::Update(size) => lists::update(session, &size).await,
    }
}

fn find(index: &InstrumentIndex, key: InstrumentKey) -> Result<Arc<Instrument>, LookupError> {
    let found = index.find(&key);
    found.ok_or_else(|| LookupError::UnknownSymbol {
        suggestions: index.suggestions(&key),
        key,
    })
}

fn table(style: &Style, found: &[Arc<Instrument>]) -> String {
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
    if instrument.key.exchange.is_derivative() {
        let freeze = instrument.freeze_quantity;
        let freeze = freeze.map_or_else(|| "not known".to_owned(), |it| it.to_string());
        rows.push(("Freeze quantity", freeze));
    }
    if let Some(expiry) = instrument.expiry {
        rows.push(("Expiry", expiry.format("%d %b %Y").to_string()));
    }
    if let Some(strike) = instrument.strike {
        rows.push(("Strike", strike.to_string()));
    }
    fields(&rows)
}
