//! The engine inside a program of one's own: a limit of risk, an order that rests and one that fills,
//! what happened as it happened, and what is held in the end. No command line is involved.
//!
//! `cargo run --example embedding`

use openalgo::core::account::{LimitAmount, LimitChange};
use openalgo::core::monitor::{Author, Surface};
use openalgo::engine::event::{Event, Next};
use openalgo::prelude::*;
use std::error::Error;

/// No order of the user may be worth more than fifty thousand rupees from now on.
async fn limit_orders(app: &OpenAlgo, user: UserId) -> Result<(), Box<dyn Error>> {
    let by = Author {
        user: Some(user),
        surface: Surface::Embedded,
    };
    let most = LimitAmount::try_new("50000".parse()?).ok_or("no amount above zero")?;
    let limit = LimitChange::OrderValue(Some(most));
    app.risk().change_limit(user, limit, by).await?;
    Ok(())
}

/// An order that rests ten steps below the market until it is cancelled.
async fn rest_and_cancel(
    app: &OpenAlgo,
    user: UserId,
    key: &InstrumentKey,
) -> Result<(), Box<dyn Error>> {
    let market = app.market().quote(key).await?;
    let tick = app.market().instrument(key).await?.tick;
    let resting = NewOrder {
        kind: OrderKind::Limit {
            price: tick.steps_from(market.ltp, -10)?,
        },
        ..NewOrder::market(key.clone(), Side::Buy, Quantity::ONE)
    };
    let resting = app.orders().place(user, resting).await?.order;
    app.orders().cancel(user, &resting.public_id()).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    // A real program leaves both out: the folder is the user's own, and its key in the keychain.
    let app = OpenAlgo::builder()
        .data_dir(folder.path().join("data"))
        .key_source(KeySource::File(folder.path().join("master.key")))
        .open()
        .await?;
    let owner = app.set_up_owner().await?.user.id;
    let mut events = app.subscribe();

    let key = InstrumentKey::new(Exchange::Nse, "RELIANCE".parse()?);
    let buy = |units| -> Result<NewOrder, Box<dyn Error>> {
        let quantity = Quantity::try_new(units)?;
        Ok(NewOrder::market(key.clone(), Side::Buy, quantity))
    };
    limit_orders(&app, owner).await?;
    let refused = app.orders().place(owner, buy(10_000)?).await;
    let refused = refused.err().ok_or("the limit was not kept")?;
    let filled = app.orders().place(owner, buy(10)?).await?.order;
    rest_and_cancel(&app, owner, &key).await?;

    #[expect(clippy::print_stdout, reason = "an example shows what it did")]
    {
        println!("refused: {refused}");
        // What happened is told in its order; the last word is about the order that was cancelled.
        while let Next::Event(event) = events.next().await {
            let Event::OrderChanged(order) = event else {
                continue;
            };
            println!("order {}: {}", order.public_id(), order.status());
            if order.status() == OrderStatus::Cancelled {
                break;
            }
        }
        for held in app.portfolio().positions(owner).await? {
            let (units, profit) = (held.position.quantity, held.pnl);
            println!(
                "{units} units of {}: ₹{profit}",
                held.position.key.instrument
            );
        }
    }
    let funds = app.paper().funds(owner).await?.funds;
    if filled.status() != OrderStatus::Complete || funds.used_margin.is_zero() {
        return Err("nothing is held".into());
    }
    app.close().await;
    Ok(())
}
