//! A year of minute candles through a bot beside a loop that only reads them.
//! `cargo bench --bench bots`; figures are kept in `docs/benchmarks.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark has nobody to hand an error to but its reader"
)]

mod bot;
mod year;

use bot::{Crossover, Idle};
use openalgo::bot::{BotSetup, CandleTrack, Rehearsal, Rehearsed, Tape};
use openalgo::core::market::{Candle, Interval};
use openalgo::prelude::Bot;
use std::alloc::System;
use std::hint::black_box;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use zeroizing_alloc::ZeroAlloc;

/// The same as the programs have: what is freed is wiped.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() {
    let runtime = Runtime::new().unwrap();
    let candles = year::minutes();
    println!(
        "{} candles of a minute, each told as up to four prices",
        candles.len()
    );
    let read = (0..5).map(|_| {
        let begun = Instant::now();
        black_box(read(&candles));
        begun.elapsed()
    });
    let read = read.min().unwrap();
    println!("{:<42} {read:>12.1?}", "a loop that reads them");
    let print = |name: &str, (took, rehearsed): (Duration, Rehearsed)| {
        let each = took / u32::try_from(candles.len()).unwrap();
        let ratio = took.as_secs_f64() / read.as_secs_f64();
        println!(
            "{name:<42} {took:>12.1?} {each:>10.1?} a candle, {ratio:>8.0} times; {} orders",
            rehearsed.orders.len()
        );
    };
    print(
        "through a bot that does nothing",
        through(&runtime, &candles, Idle),
    );
    let (took, rehearsed) = through(&runtime, &candles, Crossover::default());
    print("through a crossover of averages", (took, rehearsed));
}

/// The sum of the closing prices, in ten-thousandths.
fn read(candles: &[Candle]) -> i128 {
    let closes = candles
        .iter()
        .map(|candle| candle.close.to_decimal().mantissa());
    closes.sum()
}

/// From the candles in memory to the report, with a folder of its own.
fn through(
    runtime: &Runtime,
    candles: &[Candle],
    bot: impl Bot + 'static,
) -> (Duration, Rehearsed) {
    let track = CandleTrack {
        instrument: year::instrument(),
        interval: Interval::Minute1,
        candles: candles.to_vec(),
    };
    let setup =
        BotSetup::new("bench".parse().unwrap()).candles(year::instrument().key, Interval::Minute1);
    let begun = Instant::now();
    let rehearsal = Rehearsal::new(Tape::candles(vec![track]).unwrap());
    let rehearsed = runtime.block_on(rehearsal.run(setup, bot)).unwrap();
    let took = begun.elapsed();
    assert!(rehearsed.end.is_orderly(), "{}", rehearsed.end);
    assert_eq!(rehearsed.left_out, 0, "every price can be");
    (took, rehearsed)
}
