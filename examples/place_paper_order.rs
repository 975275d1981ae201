//! Places a paper order in a folder that is thrown away, and shows what came of it.
//!
//! `cargo run --example place_paper_order`

use openalgo::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let app = OpenAlgo::builder()
        .data_dir(folder.path().join("data"))
        .key_source(KeySource::File(folder.path().join("master.key")))
        .open()
        .await?;
    let owner = app.set_up_owner().await?.user;

    let reliance = InstrumentKey::new(Exchange::Nse, "RELIANCE".parse()?);
    let order = NewOrder::market(reliance, Side::Buy, Quantity::try_new(10)?);
    let placed = app.orders().place(owner.id, order).await?.order;

    let (status, price) = (placed.status(), placed.average_price()?);
    #[expect(clippy::print_stdout, reason = "an example shows what it did")]
    {
        println!("order {}: {status} at ₹{price}", placed.public_id());
    }
    app.close().await;
    Ok(())
}
