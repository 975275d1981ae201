//! Reads prices as they come: of several instruments at once, the latest of each if the reader is slow.
//!
//! `cargo run --example stream_quotes`

use openalgo::core::market::FeedMode;
use openalgo::core::port::Subscription;
use openalgo::engine::hub::NextTick;
use openalgo::prelude::*;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let app = OpenAlgo::builder()
        .data_dir(folder.path().join("data"))
        .key_source(KeySource::File(folder.path().join("master.key")))
        .open()
        .await?;
    let wanted = |symbol: &str| -> Result<Subscription, Box<dyn Error>> {
        Ok(Subscription {
            instrument: InstrumentKey::new(Exchange::Nse, symbol.parse()?),
            mode: FeedMode::Quote,
        })
    };
    let wanted = [wanted("RELIANCE")?, wanted("INFY")?, wanted("TCS")?];
    // Dropping the reader ends its subscriptions.
    let mut reader = app.hub().subscribe(&wanted).await?;
    for _ in 0..6 {
        let NextTick::Tick(tick) = reader.next().await else {
            return Err("the stream has ended".into());
        };
        let day = tick
            .quote
            .as_ref()
            .ok_or("a price without the day's figures")?;
        #[expect(clippy::print_stdout, reason = "an example shows what it did")]
        {
            let (time, key) = (tick.at().to_ist().format("%T%.3f"), &tick.instrument);
            println!("{time} {key:<14} ₹{} volume {}", tick.ltp, day.volume);
        }
    }
    app.close().await;
    Ok(())
}
