//! `openalgo watch`: prices as they change.

use crate::error::CliError;
use crate::session::{Origin, Session};
use crate::show::{Output, PriceTable};
use crate::signals::Signals;
use crate::words::{InstrumentName, counted, upper};
use openalgo::core::market::{Exchange, FeedMode, InstrumentKey, Tick};
use openalgo::core::port::Subscription;
use openalgo::engine::hub::{NextTick, TickReader};
use openalgo::engine::service::CandleKeeper;
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
  openalgo watch RELIANCE --seconds 60 > prices.txt
  openalgo watch RELIANCE INFY --keep";

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
    /// Keep candles of a minute of the prices, as `openalgo history --keep` does
    #[arg(long)]
    keep: bool,
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
    let keys = distinct(args.symbols, named);
    let wanted = keys.iter().map(|key| Subscription {
        instrument: key.clone(),
        mode: FeedMode::Quote,
    });
    let app = session.app()?;
    let hub = app.hub();
    let keeper = args.keep.then(|| app.history().keeper(keys.clone()));
    let reader = hub.subscribe(&wanted.collect::<Vec<_>>()).await;
    let reader = reader?;
    let mut show = Show {
        session,
        reader,
        keeper,
        table: PriceTable::new(keys, "Ctrl-C ends this."),
        seen: 0,
        most: args.count.unwrap_or(u64::MAX),
    };
    let until = args.seconds.map(Duration::from_secs);
    let until = until.and_then(|span| Instant::now().checked_add(span));
    let end = show.go_on(until).await?;
    let conflated = show.reader.conflated();
    let said = counted(show.seen, "price");
    let (data, text) = match show.keeper.take() {
        Some(keeper) => {
            let kept = keeper.finish().await?;
            let candles = counted(kept, "candle");
            (
                json!({ "prices": show.seen, "left_out": conflated, "candles": kept }),
                format!("{said} shown. {candles} kept."),
            )
        }
        None => (
            json!({ "prices": show.seen, "left_out": conflated }),
            format!("{said} shown."),
        ),
    };
    let output = Output::new(data, text);
    Ok(match end {
        End::Done | End::Stopped => output,
        End::FolderClosed => output.warning(
            "the process that has the data folder open is ending: run this again to go on",
        ),
        End::TooSlow => output.warning("prices came faster than they could be shown"),
    })
}

/// Each of these instruments once.
pub(crate) fn distinct(names: Vec<InstrumentName>, exchange: Exchange) -> Vec<InstrumentKey> {
    let mut keys = Vec::new();
    for name in names {
        let key = InstrumentKey::new(name.exchange.unwrap_or(exchange), name.symbol);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// Waits until whoever runs a command has stopped it, or looks no more.
pub(crate) fn stopped<'s>(
    session: &'s Session<'_>,
) -> Result<impl Future<Output = ()> + use<'s>, CliError> {
    // Where the command was typed somewhere else, signals of this process mean another one.
    let signalled = match session.origin {
        Origin::Here => Some(Signals::hear()?),
        Origin::Elsewhere => None,
    };
    let progress = &session.progress;
    Ok(async move {
        let signalled = async {
            match signalled {
                Some(mut signals) => signals.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = signalled => {}
            () = progress.unwatched() => {}
        }
    })
}

/// What is shown.
struct Show<'s> {
    session: &'s Session<'s>,
    reader: TickReader,
    keeper: Option<CandleKeeper>,
    table: PriceTable,
    /// Prices that were shown.
    seen: u64,
    most: u64,
}

impl Show<'_> {
    async fn go_on(&mut self, until: Option<Instant>) -> Result<End, CliError> {
        let (session, mut leaving) = (self.session, self.session.leaving.clone());
        let stopped = stopped(session)?;
        let over = async {
            match until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        Ok(tokio::select! {
            biased;
            () = stopped => End::Stopped,
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
            self.keep(&news).await;
            if !self.tell(&news).await {
                return End::Stopped;
            }
        }
        End::Done
    }

    async fn keep(&mut self, news: &[Arc<Tick>]) {
        if let Some(keeper) = &mut self.keeper {
            for tick in news {
                keeper.take(tick);
            }
            if let Err(error) = keeper.keep().await {
                tracing::warn!(%error, "candles could not be kept; it is tried again");
            }
        }
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
        let live = self.table.after(news, &self.session.style);
        self.session.progress.show(&live).await
    }
}
