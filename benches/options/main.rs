//! How long an option chain takes, and a volatility. `cargo bench --bench options`; figures are kept
//! in `docs/benchmarks.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark has nobody to hand an error to but its reader"
)]

use futures_util::stream::{self, StreamExt};
use openalgo::core::analytics::{OptionModel, Underlying};
use openalgo::core::market::{Exchange, InstrumentKey, OptionRight, Timestamp};
use openalgo::core::value::Percent;
use openalgo::engine::market::UnderlyingQuery;
use openalgo::engine::service::ChainQuery;
use openalgo::{KeySource, OpenAlgo, World};
use std::alloc::System;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use zeroizing_alloc::ZeroAlloc;

/// The same as the programs have: what is freed is wiped.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

const ROUNDS: usize = 200;
/// Quotes that are asked for at a time, as the chain does.
const AT_ONCE: usize = 16;
/// Strikes on either side of the money: forty-one strikes, eighty-two options.
const AROUND: usize = 20;

fn main() {
    volatility();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(chain());
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap()
}

fn told(what: &str, time: Duration, yardstick: (&str, Duration)) {
    let ratio = time.as_secs_f64() / yardstick.1.as_secs_f64();
    println!(
        "{what}: {time:?}; {}: {:?}; ratio {ratio:.2}",
        yardstick.0, yardstick.1
    );
}

/// Solving for a volatility, held against one price by the same model.
fn volatility() {
    let strikes = (0..100_u32).map(|n| 20_000.0 + f64::from(n) * 120.0);
    let options: Vec<_> = strikes
        .map(|strike| {
            let right = if strike < 26_000.0 {
                OptionRight::Put
            } else {
                OptionRight::Call
            };
            let underlying = Underlying::Forward(26_000.0);
            let model = OptionModel::try_new((right, underlying), strike, 0.25, 0.0).unwrap();
            (model, model.price(0.15).unwrap())
        })
        .collect();
    let (mut solved, mut priced) = (Vec::new(), Vec::new());
    let each = u32::try_from(options.len()).unwrap();
    for _ in 0..ROUNDS * 5 {
        let start = Instant::now();
        for (model, price) in &options {
            black_box(model.implied_volatility(black_box(*price)).unwrap());
        }
        solved.push(start.elapsed() / each);
        let start = Instant::now();
        for (model, _) in &options {
            black_box(model.price(black_box(0.15)).unwrap());
        }
        priced.push(start.elapsed() / each);
    }
    told(
        "implied volatility",
        median(solved),
        ("one price", median(priced)),
    );
}

/// A folder on recorded prices.
async fn open(folder: &Path) -> OpenAlgo {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/data");
    let world = World {
        market_data: Some(data),
        clock: Some(Timestamp::new("2026-11-25T05:00:00Z".parse().unwrap())),
        ..World::default()
    };
    let app = OpenAlgo::builder()
        .data_dir(folder.join("data"))
        .key_source(KeySource::File(folder.join("key")))
        .world(world);
    app.open().await.unwrap()
}

fn query(greeks_at: Option<Percent>) -> ChainQuery {
    ChainQuery {
        underlying: UnderlyingQuery {
            name: "NIFTY".to_owned(),
            exchange: Exchange::NseIndex,
        },
        expiry: "2026-12-01".parse().unwrap(),
        strikes: Some(AROUND),
        greeks_at,
    }
}

/// A chain with Greeks, held against asking for its quotes and computing nothing.
async fn chain() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path()).await;
    let (query, without) = (query(Some(Percent::ZERO)), query(None));
    let keys: Vec<InstrumentKey> = {
        let chain = app.options().chain(&query).await.unwrap();
        let sides = chain.rows.iter().flat_map(|row| [&row.call, &row.put]);
        let sides = sides.flatten().map(|side| side.instrument.key.clone());
        sides.collect()
    };
    let (mut with_greeks, mut plain, mut quotes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(app.options().chain(&query).await.unwrap());
        with_greeks.push(start.elapsed());
        let start = Instant::now();
        black_box(app.options().chain(&without).await.unwrap());
        plain.push(start.elapsed());
        let start = Instant::now();
        let asked = stream::iter(&keys).map(|key| app.market().quote(key));
        black_box(asked.buffered(AT_ONCE).collect::<Vec<_>>().await);
        quotes.push(start.elapsed());
    }
    let quotes = ("its quotes", median(quotes));
    println!("{} options", keys.len());
    told("chain with Greeks", median(with_greeks), quotes);
    told("chain", median(plain), quotes);
    app.close().await;
}
