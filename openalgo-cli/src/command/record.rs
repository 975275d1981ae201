//! `openalgo record`: prices as they come, into a file.

use crate::command::watch::{distinct, stopped};
use crate::error::CliError;
use crate::progress::Step;
use crate::request::absolute;
use crate::session::Session;
use crate::show::{Output, fields, full_path};
use crate::words::{InstrumentName, counted, span, upper};
use openalgo::core::market::{Exchange, FeedMode};
use openalgo::core::port::Subscription;
use openalgo::recording::{RecordEnd, Recorded};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo record RELIANCE INFY NSE_INDEX:NIFTY --to today.ticks
  openalgo record NFO:NIFTY29DEC26FUT --mode depth --to nifty.ticks --for 6h
  openalgo replay today.ticks --speed 60";

/// The file is a new one, and grows as prices come: what is in it when the program
/// is killed can be played. Candles of a minute are made of the prices and kept, as
/// `openalgo history --keep` keeps them. docs/tick-recordings.md tells what is kept.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Symbols of the instruments, or EXCHANGE:SYMBOL
    #[arg(required = true, value_name = "SYMBOL")]
    symbols: Vec<InstrumentName>,
    /// The exchange of those without one [default: the setting default_exchange]
    #[arg(long, value_parser = upper::<Exchange>)]
    exchange: Option<Exchange>,
    /// The file
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// How much of each price: ltp, quote or depth
    #[arg(long, default_value = "quote", value_parser = mode)]
    mode: FeedMode,
    /// End after so long, such as 90s, 30m or 6h [default: when you stop it]
    #[arg(long = "for", value_name = "SPAN", value_parser = span)]
    length: Option<Duration>,
}

fn mode(text: &str) -> Result<FeedMode, String> {
    let mut modes = FeedMode::ALL.iter().copied();
    let found = modes.find(|mode| mode.as_str().eq_ignore_ascii_case(text));
    found.ok_or_else(|| "it must be ltp, quote or depth".to_owned())
}

impl Args {
    /// A file is where the caller stands.
    pub(crate) fn resolve(&mut self) -> Result<(), CliError> {
        self.to = absolute(&self.to)?;
        Ok(())
    }
}

pub(crate) async fn run(session: &Session<'_>, args: Args) -> Result<Output, CliError> {
    let named = session.exchange(args.exchange).await?;
    let keys = distinct(args.symbols, named).into_iter();
    let wanted = keys.map(|instrument| Subscription {
        instrument,
        mode: args.mode,
    });
    let wanted: Vec<_> = wanted.collect();
    let (stopped, mut leaving) = (stopped(session)?, session.leaving.clone());
    let over = async {
        match args.length {
            Some(length) => tokio::time::sleep(length).await,
            None => std::future::pending().await,
        }
    };
    let stop = async {
        tokio::select! {
            biased;
            () = stopped => {}
            _ = leaving.wait_for(|is_leaving| *is_leaving) => {}
            () = over => {}
        }
    };
    let report = |prices: u64| {
        let what = format!("recording: {}, Ctrl-C ends it", counted(prices, "price"));
        session.progress.report(&Step::begin(&what));
    };
    let app = session.app()?;
    let recorded = app.record((&wanted, &args.to), stop, &report).await?;
    Ok(told(&recorded))
}

fn told(recorded: &Recorded) -> Output {
    let path = full_path(&recorded.path);
    let data = json!({
        "file": path,
        "prices": recorded.prices,
        "left_out": recorded.left_out,
        "candles": recorded.candles,
        "bytes": recorded.bytes,
    });
    let text = fields(&[
        ("File", path),
        ("Prices", recorded.prices.to_string()),
        ("Bytes", recorded.bytes.to_string()),
        ("Candles", recorded.candles.unwrap_or_default().to_string()),
    ]);
    let output = Output::new(data, text);
    let output = match recorded.candles {
        Some(_kept) => output,
        None => output.warning("the last candles could not be kept: the log says why"),
    };
    let output = match recorded.left_out {
        0 => output,
        left_out => output.warning(format!(
            "{} came faster than it could be written and was left out",
            counted(left_out, "price")
        )),
    };
    match recorded.end {
        RecordEnd::EngineStopped => output.warning(
            "the process that has the data folder open is ending: record into another file to go on",
        ),
        RecordEnd::TooSlow => output.warning("prices came faster than they could be recorded"),
        _ => output,
    }
}
