//! How long a price takes from the feed to its readers: 3,000 instruments, five prices a second of
//! each, ten readers of all of them, over bare channels. `cargo bench --bench ticks`; figures are
//! kept in `docs/benchmarks.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark has nobody to hand an error to but its reader"
)]

mod load;
mod market;
#[path = "../../examples/custom_repository/memory.rs"]
mod memory;
#[path = "../../tests/it/told.rs"]
mod told;

use load::{Clockwork, Delays, READERS, SECONDS};
use market::engine;
use openalgo::core::market::{FeedMode, Tick};
use openalgo::core::port::Subscription;
use openalgo::engine::hub::NextTick;
use std::alloc::System;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use zeroizing_alloc::ZeroAlloc;

/// The same as the programs have: what is freed is wiped.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// So many prices may wait in a channel of the yardstick, as one of each instrument may in the hub.
const ROOM: usize = load::SYMBOLS;

fn main() {
    let runtime = Runtime::new().unwrap();
    let prices = load::SYMBOLS * load::PER_SECOND * SECONDS;
    println!("{prices} prices in {SECONDS} s to {READERS} readers each; from the feed to a reader");
    println!(
        "{:<22} {:>10} {:>10} {:>10} {:>12} {:>10}",
        "", "p50", "p99", "longest", "delivered", "conflated"
    );
    let (bare, hub) = (runtime.block_on(channels()), runtime.block_on(hub()));
    bare.print("bare channels", 0);
    hub.0.print("hub", hub.1);
    let ratio = |part: f64| hub.0.at(part).as_secs_f64() / bare.at(part).as_secs_f64();
    println!(
        "hub over channels: p50 {:.2}, p99 {:.2}; budget: p99 below 1 ms",
        ratio(0.5),
        ratio(0.99)
    );
}

/// The yardstick: one task that sends each price into the channel of each reader.
async fn channels() -> Delays {
    let clockwork = Clockwork::start();
    let (tell, mut told) = mpsc::channel(ROOM);
    let mut readers = Vec::new();
    let mut outlets = Vec::new();
    for _ in 0..READERS {
        let (outlet, mut inlet) = mpsc::channel::<Arc<Tick>>(ROOM);
        outlets.push(outlet);
        readers.push(tokio::spawn(async move {
            let mut delays = Delays::default();
            while let Some(tick) = inlet.recv().await {
                delays.note(clockwork, &tick);
            }
            delays
        }));
    }
    let fan_out = tokio::spawn(async move {
        while let Some(tick) = told.recv().await {
            let tick: Arc<Tick> = Arc::new(tick);
            for outlet in &outlets {
                outlet.send(Arc::clone(&tick)).await.unwrap();
            }
        }
    });
    load::play(clockwork, &tell).await;
    drop(tell);
    fan_out.await.unwrap();
    Delays::together(readers).await
}

/// The same through the hub of an engine; and how many prices were replaced by later ones before
/// they were taken.
async fn hub() -> (Delays, u64) {
    let clockwork = Clockwork::start();
    let (tell, told) = mpsc::channel(ROOM);
    let engine = engine(clockwork, told).await;
    let wanted = load::keys().map(|instrument| Subscription {
        instrument,
        mode: FeedMode::Quote,
    });
    let wanted: Vec<_> = wanted.collect();
    let mut readers = Vec::new();
    let mut conflated = Vec::new();
    for _ in 0..READERS {
        let mut reader = engine.hub().subscribe(&wanted).await.unwrap();
        let (count, counted) = oneshot::channel();
        conflated.push(counted);
        readers.push(tokio::spawn(async move {
            let mut delays = Delays::default();
            while let NextTick::Tick(tick) = reader.next().await {
                delays.note(clockwork, &tick);
            }
            count.send(reader.conflated()).unwrap();
            delays
        }));
    }
    load::play(clockwork, &tell).await;
    // What is under way arrives.
    tokio::time::sleep(Duration::from_millis(200)).await;
    engine.stop().await;
    let delays = Delays::together(readers).await;
    let mut left_out = 0;
    for count in conflated {
        left_out += count.await.unwrap();
    }
    let health = engine.hub().health();
    assert_eq!(health.quarantined.total(), 0, "every price can be");
    (delays, left_out)
}
