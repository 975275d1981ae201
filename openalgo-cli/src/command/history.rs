//! `openalgo history`: what prices did in the past.

use crate::error::CliError;
use crate::request::Style;
use crate::session::Session;
use crate::show::{Entry, Output, Sheet, exact_time, full_time, number};
use crate::words::{InstrumentName, counted, upper};
use chrono::{Days, NaiveDate};
use openalgo::core::market::{
    Candle, CandleSeries, Exchange, InstrumentKey, Interval, Span, StoredSeries, Timestamp,
    client_seconds,
};
use openalgo::engine::service::{CandlesKept, History, HistoryRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::Write;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo history RELIANCE
  openalgo history NSE:INFY --interval 5m --from 2026-11-25
  openalgo history NSE_INDEX:NIFTY --from 2026-01-01 --csv
  openalgo history INFY --interval 1m --from 2026-11-01 --keep
  openalgo history INFY --interval 15m --from 2026-11-01 --stored
  openalgo history";

/// Candles of 1m and D can be kept in the data folder; any other length is made of them.
/// Without a symbol, what is kept is listed.
#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct Args {
    /// Symbol of the instrument, or EXCHANGE:SYMBOL
    symbol: Option<InstrumentName>,
    /// Its exchange [default: the setting default_exchange]
    #[arg(long, value_parser = upper::<Exchange>)]
    exchange: Option<Exchange>,
    /// Length of a candle: 1s to 45s, 1m to 30m, 1h to 4h, D, W, M, Q or Y
    #[arg(long, default_value = "D")]
    interval: Interval,
    /// The first date [default: today, or thirty days ago for D, or five years ago for longer ones]
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// The last date [default: today]
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// Comma-separated values instead of a table
    #[arg(long)]
    csv: bool,
    /// Tell what was kept, and ask nobody
    #[arg(long)]
    stored: bool,
    /// Keep them: only those that are missing are fetched
    #[arg(long, conflicts_with = "stored")]
    keep: bool,
    /// Take away what is kept of this length
    #[arg(long, conflicts_with_all = ["stored", "keep", "csv"])]
    forget: bool,
}

impl Args {
    /// Only what is taken away twice is not taken away the second time.
    pub(crate) fn may_be_repeated(&self) -> bool {
        !self.forget
    }
}

pub(crate) async fn run(session: &Session<'_>, args: Args) -> Result<Output, CliError> {
    let history = session.app()?.history();
    let style = &session.style;
    let Some(name) = &args.symbol else {
        return Ok(listed(style, &history.catalogue().await?));
    };
    let exchange = session.exchange(args.exchange.or(name.exchange)).await?;
    let series = CandleSeries {
        instrument: InstrumentKey::new(exchange, name.symbol.clone()),
        interval: args.interval,
    };
    if args.forget {
        return Ok(forgotten(&series, history.forget(&series).await?));
    }
    let request = asked(series, &args, session.app()?.now());
    if args.keep {
        return Ok(kept(&request.series, &history.keep(&request).await?));
    }
    let told = if args.stored {
        history.stored(&request).await?
    } else {
        history.fetch(&request).await?
    };
    let text = if args.csv {
        csv(&told)
    } else {
        table(style, &told)
    };
    Ok(warned(Output::new(history_json(&told), text), &told))
}

/// The dates that were named, or those that people mean.
fn asked(series: CandleSeries, args: &Args, now: Timestamp) -> HistoryRequest {
    let today = now.to_ist().date_naive();
    let to = args.to.unwrap_or(today);
    let back = match args.interval {
        Interval::Day => 30,
        longer if longer.is_by_date() => 5 * 366,
        _ => 0,
    };
    let back = || to.checked_sub_days(Days::new(back)).unwrap_or(to);
    HistoryRequest {
        series,
        from: args.from.unwrap_or_else(back),
        to,
    }
}

/// A candle's time as people read it: its date alone where it has no other.
fn time(interval: Interval, at: Timestamp) -> String {
    let local = at.to_ist();
    let form = if interval.is_by_date() {
        "%Y-%m-%d"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    local.format(form).to_string()
}

fn table(style: &Style, told: &History) -> String {
    let columns = ["Time", "#Open", "#High", "#Low", "#Close", "#Volume", "#OI"];
    let mut sheet = Sheet::fitting(style, &columns).spare(&["OI", "Volume"]);
    let interval = told.series.interval;
    for candle in &told.candles {
        let oi = candle.oi.map(|oi| oi.to_string());
        sheet.row([
            Entry::new(time(interval, candle.timestamp)),
            Entry::new(candle.open),
            Entry::new(candle.high),
            Entry::new(candle.low),
            Entry::new(candle.close),
            Entry::new(candle.volume),
            Entry::new(oi.unwrap_or_else(|| "-".to_owned())),
        ]);
    }
    let mut text = sheet.or("No candles.");
    let width = usize::from(style.width.unwrap_or(80)).saturating_sub(30);
    if let Some(chart) = chart(&told.candles, width) {
        text.push_str(&chart);
    }
    for gap in &told.gaps {
        let [from, until] = [gap.from, gap.until].map(|at| time(interval, at));
        // A terminal shows what is gone, a file must not.
        writeln!(text, "Nothing from {from} until {until}.").unwrap_or_default();
    }
    text
}

/// A line of the closing prices, from the lowest to the highest; `None` where there are too few.
fn chart(candles: &[Candle], width: usize) -> Option<String> {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let closes: Vec<_> = candles.iter().map(|candle| candle.close).collect();
    let (low, high) = (closes.iter().min()?, closes.iter().max()?);
    let range = high.to_decimal().checked_sub(low.to_decimal())?;
    if closes.len() < 2 || range.is_zero() || width < 10 {
        return None;
    }
    let of_bar = closes.len().div_ceil(width);
    let bars = closes.chunks(of_bar).filter_map(|chunk| {
        let above = chunk.last()?.to_decimal().checked_sub(low.to_decimal())?;
        let part = above.checked_mul(7.into())?.checked_div(range)?;
        let place = usize::try_from(part.round_dp(0).mantissa()).ok()?;
        BARS.get(place).copied()
    });
    Some(format!("{low} {} {high}\n", bars.collect::<String>()))
}

fn csv(told: &History) -> String {
    let mut text = "time,open,high,low,close,volume,oi\n".to_owned();
    for candle in &told.candles {
        let Candle {
            timestamp,
            open,
            high,
            low,
            close,
            volume,
            oi,
        } = candle;
        let time = time(told.series.interval, *timestamp);
        let oi = oi.map(|oi| oi.to_string()).unwrap_or_default();
        // Writing into a text does not fail.
        writeln!(text, "{time},{open},{high},{low},{close},{volume},{oi}").unwrap_or_default();
    }
    text
}

fn history_json(told: &History) -> Value {
    let interval = told.series.interval;
    let candles = told.candles.iter().map(|candle| {
        json!({
            "timestamp": client_seconds(interval, candle.timestamp),
            "time": exact_time(candle.timestamp),
            "open": number(candle.open),
            "high": number(candle.high),
            "low": number(candle.low),
            "close": number(candle.close),
            "volume": candle.volume,
            "oi": candle.oi,
        })
    });
    let gaps = told.gaps.iter().map(
        |Span { from, until }| json!({ "from": exact_time(*from), "until": exact_time(*until) }),
    );
    json!({
        "symbol": told.series.instrument.symbol,
        "exchange": told.series.instrument.exchange,
        "interval": interval,
        "made_of": told.made_of,
        "candles": candles.collect::<Vec<_>>(),
        "gaps": gaps.collect::<Vec<_>>(),
        "left_out": told.left_out,
    })
}

fn warned(output: Output, told: &History) -> Output {
    match told.left_out {
        0 => output,
        left_out => output.warning(format!(
            "{} left out: its prices contradict each other, or the exchange did not trade then",
            counted(left_out, "candle")
        )),
    }
}

fn stored_json(stored: &StoredSeries) -> Value {
    json!({
        "symbol": stored.series.instrument.symbol,
        "exchange": stored.series.instrument.exchange,
        "interval": stored.series.interval,
        "first": exact_time(stored.first),
        "last": exact_time(stored.last),
        "candles": stored.count,
    })
}

fn listed(style: &Style, kept: &[StoredSeries]) -> Output {
    let columns = ["Symbol", "Exch", "Interval", "First", "Last", "#Candles"];
    let mut sheet = Sheet::fitting(style, &columns);
    for stored in kept {
        let CandleSeries {
            instrument,
            interval,
        } = &stored.series;
        sheet.row([
            Entry::new(&instrument.symbol),
            Entry::new(instrument.exchange),
            Entry::new(interval),
            Entry::new(time(*interval, stored.first)),
            Entry::new(time(*interval, stored.last)),
            Entry::new(stored.count),
        ]);
    }
    let data = kept.iter().map(stored_json).collect();
    Output::new(Value::Array(data), sheet.or("No candles are kept."))
}

fn kept(series: &CandleSeries, kept: &CandlesKept) -> Output {
    let data = json!({
        "fetched": kept.fetched,
        "stored": kept.stored.as_ref().map(stored_json),
    });
    let fetched = counted(kept.fetched, "candle");
    let text = match &kept.stored {
        None => format!("There are no candles of {series}.\n"),
        Some(stored) => {
            let [first, last] = [stored.first, stored.last].map(full_time);
            let count = counted(stored.count, "candle");
            format!("{series}: {fetched} fetched; {count} kept, from {first} until {last}.\n")
        }
    };
    Output::new(data, text)
}

fn forgotten(series: &CandleSeries, count: u64) -> Output {
    let text = format!("{series}: {} taken away.\n", counted(count, "candle"));
    Output::new(json!({ "taken_away": count }), text)
}
