//! `openalgo watch`: prices as they change.

use crate::error::{CliError, Exit};
use crate::progress::Live;
use crate::request::Style;
use crate::session::{Origin, Session};
use crate::show::{Entry, Output, Sheet, clock_time, tick_json};
use crate::signals::Signals;
use crate::words::{InstrumentName, counted, upper};
use openalgo::core::market::{Exchange, FeedMode, InstrumentKey, Tick};
use openalgo::core::port::Subscription;
use openalgo::core::value::{Money, Percent};
use openalgo::engine::hub::{NextTick, SubscribeError, TickReader};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Prices that come within so long are shown together.
const TOGETHER: Duration = Duration::from_millis(200);

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo watch RELIANCE INFY NSE_INDEX:NIFTY
  openalgo watch RELIANCE --count 10 --json
  openalgo watch RELIANCE --seconds 60 > prices.txt";

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Symbols of the instruments, or EXCHANGE:SYMBOL
    #[arg(required = true, value_name = "SYMBOL")]
    symbols: Vec<InstrumentName>,
    /// The exchange of those without one [default: the setting default_exchange]
    #[arg(long, value_parser = upper::<Exchange>)]
    exchange: Option<Exchange>,
    /// End after so many prices
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// End after so many seconds
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,
}

/// Why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    Stopped,
    FolderClosed,
    TooSlow,
}

pub(crate) async fn run(session: &Session<'_>, args: Args) -> Result<Output, CliError> {
    let named = session.exchange(args.exchange).await?;
    let mut keys = Vec::new();
    for name in args.symbols {
        let key = InstrumentKey::new(name.exchange.unwrap_or(named), name.symbol);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let wanted = keys.iter().map(|key| Subscription {
        instrument: key.clone(),
        mode: FeedMode::Quote,
    });
    let hub = session.app()?.hub();
    let reader = hub.subscribe(&wanted.collect::<Vec<_>>()).await;
    let reader = reader.map_err(|error| match error {
        SubscribeError::Lookup(error) => error.into(),
        other => CliError::new(Exit::Unavailable, "not_offered", &other),
    })?;
    let mut show = Show {
        session,
        reader,
        rows: keys.into_iter().map(|key| (key, None)).collect(),
        seen: 0,
        most: args.count.unwrap_or(u64::MAX),
    };
    let until = args.seconds.map(Duration::from_secs);
    let until = until.and_then(|span| Instant::now().checked_add(span));
    let end = show.go_on(until).await?;
    let conflated = show.reader.conflated();
    let said = counted(show.seen, "price");
    let data = json!({ "prices": show.seen, "left_out": conflated });
    let output = Output::new(data, format!("{said} shown."));
    Ok(match end {
        End::Done | End::Stopped => output,
        End::FolderClosed => output.warning(
            "the process that has the data folder open is ending: run this again to go on",
        ),
        End::TooSlow => output.warning("prices came faster than they could be shown"),
    })
}

/// What is shown.
struct Show<'s> {
    session: &'s Session<'s>,
    reader: TickReader,
    rows: Vec<(InstrumentKey, Option<Arc<Tick>>)>,
    /// Prices that were shown.
    seen: u64,
    most: u64,
}

impl Show<'_> {
    async fn go_on(&mut self, until: Option<Instant>) -> Result<End, CliError> {
        let (session, mut leaving) = (self.session, self.session.leaving.clone());
        // Where the command was typed somewhere else, signals of this process mean another one.
        let signalled = match session.origin {
            Origin::Here => Some(Signals::hear()?),
            Origin::Elsewhere => None,
        };
        let stopped = async {
            match signalled {
                Some(mut signals) => signals.next().await,
                None => std::future::pending().await,
            }
        };
        let over = async {
            match until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        Ok(tokio::select! {
            biased;
            () = stopped => End::Stopped,
            () = session.progress.unwatched() => End::Stopped,
            _ = leaving.wait_for(|is_leaving| *is_leaving) => End::FolderClosed,
            () = over => End::Done,
            end = self.show_all() => end,
        })
    }

    async fn show_all(&mut self) -> End {
        while self.seen < self.most {
            let mut news = Vec::new();
            match self.reader.next().await {
                NextTick::Tick(tick) => news.push(tick),
                NextTick::TooSlow => return End::TooSlow,
                NextTick::End => return End::FolderClosed,
            }
            let soon = Instant::now().checked_add(TOGETHER);
            let soon = soon.unwrap_or_else(Instant::now);
            while self.has_room(&news) {
                match timeout_at(soon, self.reader.next()).await {
                    Ok(NextTick::Tick(tick)) => news.push(tick),
                    Ok(NextTick::TooSlow | NextTick::End) | Err(_) => break,
                }
            }
            if !self.tell(&news).await {
                return End::Stopped;
            }
        }
        End::Done
    }

    fn has_room(&self, news: &[Arc<Tick>]) -> bool {
        let seen = self
            .seen
            .saturating_add(u64::try_from(news.len()).unwrap_or(u64::MAX));
        seen < self.most
    }

    /// Whether somebody looks.
    async fn tell(&mut self, news: &[Arc<Tick>]) -> bool {
        self.seen = self
            .seen
            .saturating_add(u64::try_from(news.len()).unwrap_or(u64::MAX));
        for tick in news {
            let mut rows = self.rows.iter_mut();
            if let Some((_, row)) = rows.find(|(key, _)| *key == tick.instrument) {
                *row = Some(Arc::clone(tick));
            }
        }
        let live = Live {
            picture: picture(&self.session.style, &self.rows),
            lines: news.iter().map(|tick| line(tick)).collect(),
            data: news.iter().map(|tick| tick_json(tick)).collect(),
        };
        self.session.progress.show(&live).await
    }
}

/// What the price has done since yesterday's close: the amount and the percentage.
fn change(tick: &Tick) -> Option<(Money, Percent)> {
    let before = tick.quote.as_ref()?.prev_close;
    let of = |price| Money::try_new(openalgo::core::value::Price::to_decimal(price)).ok();
    let (now, before) = (of(tick.ltp)?, of(before)?);
    let change = now.minus(before).ok()?;
    Some((change, Percent::of(change, before).ok()?))
}

fn percent(percent: Percent) -> String {
    let rounded = percent.to_decimal().round_dp(2);
    format!("{rounded:+.2} %")
}

fn picture(style: &Style, rows: &[(InstrumentKey, Option<Arc<Tick>>)]) -> String {
    let columns = [
        "Symbol", "Exch", "#LTP", "#Change", "#%", "#Bid", "#Ask", "#Low", "#High", "#Volume", "At",
    ];
    let mut sheet = Sheet::fitting(style, &columns)
        .spare(&["%", "Bid", "Ask", "At", "Volume", "Low", "High", "Exch"]);
    for (key, tick) in rows {
        let day = tick.as_ref().and_then(|tick| tick.quote.as_ref());
        let changed = tick.as_ref().and_then(|tick| change(tick));
        let text = |text: Option<String>| Entry::new(text.unwrap_or_else(|| "-".to_owned()));
        sheet.row([
            Entry::new(&key.symbol),
            Entry::new(key.exchange),
            text(tick.as_ref().map(|tick| tick.ltp.to_string())),
            changed.map_or_else(|| Entry::new("-"), |(change, _)| Entry::profit(change)),
            text(changed.map(|(_, change)| percent(change))),
            text(day.and_then(|day| day.bid).map(|bid| bid.to_string())),
            text(day.and_then(|day| day.ask).map(|ask| ask.to_string())),
            text(day.map(|day| day.low.to_string())),
            text(day.map(|day| day.high.to_string())),
            text(day.map(|day| day.volume.to_string())),
            // What it shows is of today.
            text(
                tick.as_ref()
                    .map(|tick| tick.at().to_ist().format("%H:%M:%S").to_string()),
            ),
        ]);
    }
    let mut text = sheet.or("");
    text.push_str("Ctrl-C ends this.\n");
    text
}

fn line(tick: &Tick) -> String {
    let (at, key, ltp) = (clock_time(tick.at()), &tick.instrument, tick.ltp);
    let change = change(tick).map_or(String::new(), |(_, change)| percent(change));
    format!("{at}  {key}  {ltp}  {change}")
        .trim_end()
        .to_owned()
}
