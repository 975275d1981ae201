//! A market from files.

use openalgo_brokers::recorded::{RecordedError, RecordedMarket};
use openalgo_core::market::{
    CandleGrid, Exchange, FeedMode, InstrumentKey, Interval, MarketHours, Span, TickSource,
    Timestamp,
};
use openalgo_core::port::{Clock as _, MarketError, MarketSource, Subscription, TickStream};
use openalgo_core::testing::FakeClock;
use std::fs;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const INSTRUMENTS: &str = "\
instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange
1001,11,ACME,ACME WORKS,0,,0,0.05,1,EQ,NSE,NSE
1002,12,BOLT,BOLT AND NUT,0,,0,0.05,1,EQ,NSE,NSE
1003,13,ACME26DECFUT,ACME,0,2026-12-29,0,0.05,50,FUT,NFO-FUT,NFO
";

const QUOTES: &str = r#"{
"NSE:ACME": {
  "instrument_token": 1001, "last_price": 100.05, "volume": 7000, "oi": 0, "average_price": 99.123456789,
  "ohlc": {"open": 99, "high": 101.5, "low": 98.5, "close": 99.95},
  "lower_circuit_limit": 90, "upper_circuit_limit": 110,
  "depth": {
    "buy": [{"price": 100, "quantity": 5, "orders": 2}, {"price": 0, "quantity": 0, "orders": 0}],
    "sell": [{"price": 100.1, "quantity": 9, "orders": 1}]
  }
},
"NFO:ACME26DECFUT": {
  "last_price": 101, "oi": 4500, "ohlc": {"open": 101, "high": 102, "low": 100, "close": 100}
}
}"#;

const HISTORICAL: &str = r#"{
"/instruments/historical/1001/day?from=2026-11-23&to=2026-11-24&oi=1": {"data": {"candles": [
  ["2026-11-23T00:00:00+0530", 98, 99.5, 97.5, 99, 12000, 0],
  ["2026-11-24T00:00:00+0530", 99, 100.5, 98.5, 99.95, 13000]
]}}
}"#;

struct Place {
    folder: TempDir,
    clock: Arc<FakeClock>,
    market: Arc<RecordedMarket>,
    source: MarketSource,
}

impl Place {
    fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.path().join(file), text).unwrap();
    }
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (file, text) in files {
        fs::write(folder.path().join(file), text).unwrap();
    }
    folder
}

fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30"))
}

async fn place() -> Place {
    let folder = folder(&[
        ("instruments.csv", INSTRUMENTS),
        ("quotes.json", QUOTES),
        ("historical.json", HISTORICAL),
    ]);
    let clock = clock();
    let market = RecordedMarket::open(folder.path(), Arc::clone(&clock) as _);
    let market = market.await.unwrap();
    Place {
        source: market.source(),
        folder,
        clock,
        market,
    }
}

fn key(exchange: &str, symbol: &str) -> InstrumentKey {
    InstrumentKey::new(exchange.parse().unwrap(), symbol.parse().unwrap())
}

fn wanted(symbol: &str, mode: FeedMode) -> Subscription {
    Subscription {
        instrument: key("NSE", symbol),
        mode,
    }
}

/// Why a folder with these files holds no market.
async fn refused(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    let opened = RecordedMarket::open(folder.path(), clock()).await;
    let error: RecordedError = opened.unwrap_err();
    let place = folder.path().display().to_string();
    error.to_string().replace(&place, "")
}

async fn next(stream: &mut dyn TickStream) -> Option<String> {
    let waiting = tokio::time::timeout(Duration::from_secs(3), stream.next());
    waiting
        .await
        .ok()
        .flatten()
        .map(|tick| tick.ltp.to_string())
}

/// Whoever asks for it meets no price that cannot be: neither those who look nor those who are told.
#[tokio::test]
async fn a_price_outside_the_circuit_limits_is_none() {
    let place = place().await;
    let acme = key("NSE", "ACME");
    for (price, is_one) in [("110.05", false), ("89.95", false), ("110", true)] {
        let quotes = QUOTES.replace("100.05", price);
        place.write("quotes.json", &quotes);
        let told = place.source.quotes.quote(&acme).await;
        match told {
            Ok(quote) => assert!(is_one, "{quote:?}"),
            Err(MarketError::OutOfBand(of)) => assert!(!is_one && of == acme, "{price}"),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn prices_are_those_of_the_file_and_of_now() {
    let place = place().await;
    let quote = place
        .source
        .quotes
        .quote(&key("NSE", "ACME"))
        .await
        .unwrap();
    assert_eq!(quote.ltp.to_string(), "100.05");
    assert_eq!(quote.bid.unwrap().to_string(), "100.00");
    assert_eq!(quote.ask.unwrap().to_string(), "100.10");
    assert_eq!((quote.bid_quantity.get(), quote.ask_quantity.get()), (5, 9));
    assert_eq!(quote.prev_close.to_string(), "99.95");
    assert_eq!((quote.volume, quote.oi), (7_000, None));
    assert_eq!(quote.timestamp, place.clock.now());

    let future = place.market.source().quotes;
    let future = future.quote(&key("NFO", "ACME29DEC26FUT")).await.unwrap();
    assert_eq!(
        (future.oi, future.bid, future.ask),
        (Some(4_500), None, None)
    );
}

#[tokio::test]
async fn levels_that_nobody_fills_are_no_levels() {
    let place = place().await;
    let depth = place.source.depth.unwrap();
    let depth = depth.depth(&key("NSE", "ACME")).await.unwrap();
    assert_eq!((depth.bids.len(), depth.asks.len()), (1, 1));
    assert_eq!(depth.bids[0].orders, 2);
}

#[tokio::test]
async fn what_has_no_price_is_said_to_have_none() {
    let place = place().await;
    for symbol in ["BOLT", "NOBODY"] {
        let quote = place.source.quotes.quote(&key("NSE", symbol)).await;
        assert!(
            matches!(quote, Err(MarketError::UnknownInstrument(_))),
            "{symbol}: {quote:?}"
        );
    }
}

#[tokio::test]
async fn contracts_are_listed_until_they_expire() {
    let place = place().await;
    let on = async |date: &str| {
        let (source, date) = (&place.source.instruments, date.parse().unwrap());
        let all = source.instruments(date).await.unwrap();
        let list = source.list(date).await.unwrap();
        let unpacked = list.entries().map(|entry| entry.to_instrument().unwrap());
        assert!(unpacked.eq(all.iter().cloned()));
        let broker_symbols = list.entries().map(|entry| entry.broker_symbol());
        assert!(broker_symbols.into_iter().all(|symbol| !symbol.is_empty()));
        all.len()
    };
    assert_eq!(on("2026-12-29").await, 3);
    assert_eq!(on("2026-12-30").await, 2);
}

#[tokio::test]
async fn past_prices_are_those_of_the_span() {
    let place = place().await;
    let history = place.source.history.unwrap();
    let at = |text: &str| Timestamp::new(text.parse().unwrap());
    let span = Span {
        from: at("2026-11-23T18:30:00Z"),
        until: at("2026-11-25T00:00:00Z"),
    };
    let acme = key("NSE", "ACME");
    let grid = |interval| CandleGrid::new(MarketHours::Always, Exchange::Nse, interval);
    let candles = history
        .candles(&acme, &grid(Interval::Day), span)
        .await
        .unwrap();
    assert_eq!(candles.len(), 1);
    assert_eq!(candles[0].close.to_string(), "99.95");
    assert_eq!((candles[0].volume, candles[0].oi), (13_000, None));
    let other = history.candles(&acme, &grid(Interval::Minute1), span).await;
    assert_eq!(other.unwrap(), Vec::new());
    let backwards = Span {
        from: span.until,
        until: span.from,
    };
    let none = history
        .candles(&acme, &grid(Interval::Day), backwards)
        .await;
    assert_eq!(none.unwrap(), Vec::new());
}

#[tokio::test]
async fn a_file_that_changes_is_read_again_and_a_broken_one_changes_nothing() {
    let place = place().await;
    let price = async || {
        let quote = place.source.quotes.quote(&key("NSE", "ACME")).await;
        quote.unwrap().ltp.to_string()
    };
    place.write("quotes.json", &QUOTES.replace("100.05", "100.50001"));
    assert_eq!(price().await, "100.05", "five decimals are no price");
    place.write("quotes.json", "{");
    assert_eq!(price().await, "100.05");
    fs::remove_file(place.folder.path().join("quotes.json")).unwrap();
    assert_eq!(price().await, "100.05");
    place.write("quotes.json", &QUOTES.replace("100.05", "101.25"));
    assert_eq!(price().await, "101.25");

    place.write("instruments.csv", "<html>");
    let today = "2026-11-25".parse().unwrap();
    let listed = place.source.instruments.instruments(today);
    assert_eq!(listed.await.unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn who_subscribes_is_told_at_once_and_whenever_the_prices_change() {
    let place = place().await;
    let feed = place.source.feed.clone().unwrap();
    let mut stream = feed.open().await.unwrap();
    let wanted = [
        wanted("ACME", FeedMode::Depth),
        wanted("NOBODY", FeedMode::Ltp),
    ];
    feed.subscribe(&wanted).await.unwrap();
    let first = stream.next().await.unwrap();
    assert_eq!(first.source, TickSource::Recorded);
    let day = first.quote.unwrap();
    let band = day.band.unwrap();
    assert_eq!(band.low.unwrap().to_string(), "90.00");
    assert_eq!(first.depth.unwrap().asks.len(), 1);
    assert_eq!(next(&mut *stream).await, None, "nothing has changed");
    place.write("quotes.json", &QUOTES.replace("100.05", "101.25"));
    assert_eq!(next(&mut *stream).await.as_deref(), Some("101.25"));
}

#[tokio::test]
async fn a_folder_without_a_market_is_refused_by_what_is_wrong_with_it() {
    let good = ("instruments.csv", INSTRUMENTS);
    assert_eq!(refused(&[]).await, "/instruments.csv cannot be read");
    assert_eq!(refused(&[good]).await, "/quotes.json cannot be read");
    let numberless = QUOTES.replace("101.5,", "\"high\",");
    let error = refused(&[good, ("quotes.json", &numberless)]).await;
    assert!(
        error.starts_with("/quotes.json: ") && error.contains("line 4"),
        "{error}"
    );
    let files = [
        good,
        ("quotes.json", QUOTES),
        (
            "historical.json",
            r#"{"/quote?i=1": {"data": {"candles": []}}}"#,
        ),
    ];
    let error = refused(&files).await;
    assert!(
        error.contains("'/quote?i=1' is no request for candles"),
        "{error}"
    );
    let lotless = INSTRUMENTS.replace(",0.05,50,FUT", ",0.05,many,FUT");
    let error = refused(&[("instruments.csv", &lotless), ("quotes.json", QUOTES)]).await;
    assert!(
        error.starts_with("/instruments.csv: row 4") && error.contains("'lot_size'"),
        "{error}"
    );
}

/// A file of which a part is missing, such as one that is still being copied from far away.
#[cfg(unix)]
#[test]
fn a_feed_waits_for_no_file_that_is_being_read() {
    use std::sync::mpsc;
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().build().unwrap()
    };
    let looking = runtime();
    let place = looking.block_on(place());
    let path = place.folder.path().join("quotes.json");
    fs::remove_file(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let quotes = Arc::clone(&place.source.quotes);
    let look = looking.spawn(async move { quotes.quote(&key("NSE", "ACME")).await });
    looking.block_on(tokio::task::yield_now());
    // It opens when somebody reads it, who then waits for the rest.
    let mut slow = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let feed = place.source.feed.clone().unwrap();
    let (opened, has_opened) = mpsc::channel();
    let opening = std::thread::Builder::new().spawn(move || {
        runtime().block_on(async { feed.open().await.unwrap() });
        opened.send(()).unwrap();
    });
    let in_time = has_opened.recv_timeout(Duration::from_secs(10));
    std::io::Write::write_all(&mut slow, QUOTES.as_bytes()).unwrap();
    drop(slow);
    opening.unwrap().join().unwrap();
    looking.block_on(look).unwrap().unwrap();
    in_time.unwrap();
}
