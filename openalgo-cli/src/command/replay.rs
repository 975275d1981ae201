//! `openalgo replay`: a recording, played again.

use crate::error::{CliError, Exit};
use crate::progress::Progress;
use crate::request::Style;
use crate::show::{Entry, Output, PriceTable, Sheet, exact_time, full_path, full_time};
use crate::signals::Signals;
use crate::ui::Ui;
use crate::words::{InstrumentName, counted, span};
use openalgo::brokers::recording::{Ending, Pace, Replay, ReplayEnd, Speed};
use openalgo::core::market::{FeedMode, InstrumentKey, Tick};
use openalgo::core::port::{Subscription, TickStream};
use openalgo::recording::{RecordingSummary, examine_recording, open_recording};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Prices that come within so long are shown together.
const TOGETHER: Duration = Duration::from_millis(200);

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo replay today.ticks --speed 60
  openalgo replay week.ticks NSE:INFY --speed 600 --longest-pause 1m
  openalgo replay today.ticks --summary
  openalgo replay today.ticks --speed 100000 --json > prices.jsonl";

/// Needs no data folder.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The recording, as `openalgo record` makes it
    file: PathBuf,
    /// Only these instruments: a symbol, or EXCHANGE:SYMBOL [default: all]
    #[arg(value_name = "SYMBOL")]
    symbols: Vec<InstrumentName>,
    /// How many times faster than it was
    #[arg(long, default_value = "1")]
    speed: Speed,
    /// Make a pause between two prices no longer than this, such as 1m
    #[arg(long, value_name = "SPAN", value_parser = span)]
    longest_pause: Option<Duration>,
    /// Tell what is in it instead
    #[arg(long)]
    summary: bool,
}

pub(crate) async fn run(args: &Args, ui: Ui) -> Result<Output, CliError> {
    if args.summary {
        let path = args.file.clone();
        let examined = tokio::task::spawn_blocking(move || examine_recording(&path)).await;
        let summary = examined.map_err(|error| CliError::internal("it was not read", &error))??;
        return Ok(summarised(&ui.style(), &args.file, &summary));
    }
    let path = args.file.clone();
    let opened = tokio::task::spawn_blocking(move || open_recording(&path)).await;
    let reader = opened.map_err(|error| CliError::internal("it was not read", &error))??;
    let listed = reader.preamble().instruments.iter().map(|it| &it.key);
    let keys = chosen(&args.symbols, listed)?;
    let pace = Pace::Running {
        speed: args.speed,
        longest_pause: args.longest_pause,
    };
    let (replay, task) = Replay::new(reader, pace);
    let (progress, steps) = Progress::here();
    let style = ui.style();
    let showing = async {
        let shown = show(&replay, (keys, &style), &progress).await;
        drop(progress);
        shown
    };
    let (shown, ()) = tokio::join!(showing, ui.follow(steps));
    let shown = shown?;
    task.end().await;
    let end = replay.ended().await;
    told(shown, &end)
}

/// The instruments that were named, or all of them.
fn chosen<'k>(
    names: &[InstrumentName],
    listed: impl Iterator<Item = &'k InstrumentKey> + Clone,
) -> Result<Vec<InstrumentKey>, CliError> {
    let is_named = |key: &InstrumentKey, name: &InstrumentName| {
        key.symbol == name.symbol
            && name
                .exchange
                .is_none_or(|exchange| exchange == key.exchange)
    };
    for name in names {
        if !listed.clone().any(|key| is_named(key, name)) {
            let message = format!("the recording does not list {}", name.symbol);
            return Err(CliError::new(Exit::Refused, "unknown_symbol", &message)
                .hint("`openalgo replay FILE --summary` lists its instruments"));
        }
    }
    let all = names.is_empty();
    let wanted = listed.filter(|key| all || names.iter().any(|name| is_named(key, name)));
    Ok(wanted.cloned().collect())
}

/// Shows prices until there are no more, or nobody looks; how many were shown.
async fn show(
    replay: &Replay,
    (keys, style): (Vec<InstrumentKey>, &Style),
    progress: &Progress,
) -> Result<u64, CliError> {
    let cannot = |error| CliError::internal("the recording is not streamed", &error);
    let feed = replay.source().feed.ok_or_else(CliError::no_engine)?;
    let mut stream = feed.open().await.map_err(cannot)?;
    let wanted = keys.iter().map(|key| Subscription {
        instrument: key.clone(),
        mode: FeedMode::Depth,
    });
    let wanted: Vec<_> = wanted.collect();
    feed.subscribe(&wanted).await.map_err(cannot)?;
    let mut signals = Signals::hear()?;
    let mut table = PriceTable::new(keys, "Ctrl-C ends this.");
    let mut seen = 0_u64;
    replay.begin();
    let play = async {
        while let Some(news) = next(replay, &mut *stream).await {
            seen = seen.saturating_add(u64::try_from(news.len()).unwrap_or(u64::MAX));
            if !progress.show(&table.after(&news, style)).await {
                break;
            }
        }
    };
    tokio::select! {
        biased;
        () = signals.next() => {}
        () = progress.unwatched() => {}
        () = play => {}
    }
    Ok(seen)
}

/// The prices that come next; `None` when there are no more.
async fn next(replay: &Replay, stream: &mut dyn TickStream) -> Option<Vec<Arc<Tick>>> {
    let first = tokio::select! {
        biased;
        tick = stream.next() => tick?,
        _ = replay.ended() => stream_rest(stream).await?,
    };
    let mut news = vec![Arc::new(first)];
    let soon = Instant::now().checked_add(TOGETHER);
    let soon = soon.unwrap_or_else(Instant::now);
    while let Ok(Some(tick)) = timeout_at(soon, stream.next()).await {
        news.push(Arc::new(tick));
        if news.len() >= 1_000 {
            break;
        }
    }
    Some(news)
}

/// What still waits in a stream that gets nothing more.
async fn stream_rest(stream: &mut dyn TickStream) -> Option<Tick> {
    timeout_at(Instant::now(), stream.next()).await.ok()?
}

fn told(shown: u64, end: &ReplayEnd) -> Result<Output, CliError> {
    let output = Output::new(
        json!({ "prices": shown }),
        format!("{} shown.\n", counted(shown, "price")),
    );
    match end {
        ReplayEnd::Over(ending) => Ok(torn(output, *ending)),
        ReplayEnd::Failed(error) => {
            Err(CliError::new(Exit::Unavailable, "damaged_recording", error)
                .hint("play a copy of it, if there is one"))
        }
        _ => Ok(output),
    }
}

fn torn(output: Output, ending: Ending) -> Output {
    match ending {
        Ending::Whole => output,
        Ending::Torn { block, offset } => output.warning(format!(
            "the recording ends in the middle of block {block}, at byte {offset}: whoever wrote it was \
             stopped, and what came last is lost"
        )),
    }
}

fn summarised(style: &Style, path: &Path, summary: &RecordingSummary) -> Output {
    let mut sheet = Sheet::fitting(style, &["Symbol", "Exch", "#Lot", "#Prices"]);
    let mut listed = Vec::new();
    for (instrument, prices) in &summary.instruments {
        let key = &instrument.key;
        sheet.row([
            Entry::new(&key.symbol),
            Entry::new(key.exchange),
            Entry::new(instrument.lot_size),
            Entry::new(prices),
        ]);
        listed.push(json!({
            "symbol": key.symbol,
            "exchange": key.exchange,
            "prices": prices,
        }));
    }
    let span = summary.span;
    let data = json!({
        "file": full_path(path),
        "begun": exact_time(summary.begun),
        "first": span.map(|(first, _)| exact_time(first)),
        "last": span.map(|(_, last)| exact_time(last)),
        "prices": summary.prices(),
        "whole": summary.ending == Ending::Whole,
        "instruments": Value::Array(listed),
    });
    let mut text = sheet.or("No instruments.");
    let times = match span {
        None => format!("No prices since {}.\n", full_time(summary.begun)),
        Some((first, last)) => {
            format!("From {} until {}.\n", full_time(first), full_time(last))
        }
    };
    text.push_str(&times);
    torn(Output::new(data, text), summary.ending)
}
