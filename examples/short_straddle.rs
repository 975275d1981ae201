//! A bot on paper: it sells a call and a put of NIFTY at the money, watches what both are worth together,
//! and buys them back at a stop, at a target, or when it is told to stop, whichever comes first.
//!
//! `cargo run --example short_straddle`

use openalgo::bot::Timer;
use openalgo::core::market::{ContractClass, OptionRight, Tick};
use openalgo::core::rule::strike::StrikeOffset;
use openalgo::engine::market::{OptionChoice, UnderlyingQuery};
use openalgo::prelude::*;
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

/// What may be lost, and what is enough, for each unit of the pair: small, so that this ends soon.
const STOP: &str = "0.25";
const TARGET: &str = "0.25";

struct Straddle {
    legs: [InstrumentKey; 2],
    lot: Quantity,
    /// What a unit of both was sold at, and what each costs now.
    sold: Money,
    costs: BTreeMap<InstrumentKey, Price>,
}

#[async_trait]
impl Bot for Straddle {
    async fn start(&mut self, context: &mut BotContext) -> BotResult {
        for leg in self.legs.clone() {
            let order = NewOrder::market(leg, Side::Sell, self.lot);
            // On paper the answer tells the price; at a broker, `order` would be told it.
            let sold = context.place(order).await?.order.average_price()?;
            self.sold = self.sold.plus(sold.times(Quantity::ONE)?)?;
        }
        Ok(())
    }

    async fn tick(&mut self, context: &mut BotContext, tick: &Tick) -> BotResult {
        self.costs.insert(tick.instrument.clone(), tick.ltp);
        if self.costs.len() < self.legs.len() {
            return Ok(());
        }
        let mut profit = self.sold;
        for cost in self.costs.values() {
            profit = profit.minus(cost.times(Quantity::ONE)?)?;
        }
        if profit >= TARGET.parse()? || profit.negated() >= STOP.parse()? {
            context.log(&format!("out at ₹{profit} a unit"));
            context.finish();
        }
        Ok(())
    }

    async fn timer(&mut self, context: &mut BotContext, _name: &str) -> BotResult {
        context.finish();
        Ok(())
    }

    /// Whyever it ends, it does not leave options behind that were sold.
    async fn stop(&mut self, context: &mut BotContext) -> BotResult {
        for leg in &self.legs {
            let held = context.position(leg, Product::Mis).await?;
            if !held.is_flat() {
                context.close(leg, Product::Mis).await?;
            }
        }
        Ok(())
    }
}

/// The option at the money that ends first.
async fn leg(
    app: &OpenAlgo,
    right: OptionRight,
) -> Result<(InstrumentKey, Quantity), Box<dyn Error>> {
    let today = app.now().to_ist().date_naive();
    let instruments = app.market().instruments().await;
    let chain = instruments
        .list()
        .chain(Exchange::Nfo, "NIFTY")
        .ok_or("no options on NIFTY")?;
    let expiries = chain.expiries(ContractClass::Options, today);
    let choice = OptionChoice {
        // Not the one that ends today.
        expiry: expiries.get(1).copied(),
        offset: StrikeOffset::AtTheMoney,
        right,
        strike_step: None,
    };
    let underlying = UnderlyingQuery {
        name: "NIFTY".into(),
        exchange: Exchange::NseIndex,
    };
    let option = app
        .options()
        .resolve(&underlying, &choice)
        .await?
        .instrument;
    Ok((option.key.clone(), option.lot_size))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let app = OpenAlgo::builder()
        .data_dir(folder.path().join("data"))
        .key_source(KeySource::File(folder.path().join("master.key")))
        .open()
        .await?;
    let owner = app.set_up_owner().await?.user;
    let ((call, lot), (put, _)) = (
        leg(&app, OptionRight::Call).await?,
        leg(&app, OptionRight::Put).await?,
    );

    let setup = BotSetup::new("straddle".parse()?)
        .prices(call.clone())
        .prices(put.clone())
        .timer("end of the day", Timer::Daily("15:10:00".parse()?));
    let straddle = Straddle {
        legs: [call, put],
        lot,
        sold: Money::ZERO,
        costs: BTreeMap::new(),
    };
    let bot = app.bots().start(owner.id, setup, straddle).await?;
    // Ten seconds are enough for an example.
    let ended = tokio::time::timeout(Duration::from_secs(10), bot.ended()).await;
    let end = match ended {
        Ok(end) => end,
        Err(_still_runs) => bot.stop().await,
    };
    let trades = app.orders().trades(owner.id, 10).await?;
    #[expect(clippy::print_stdout, reason = "an example shows what it did")]
    {
        print!("{}", openalgo::bot::trade_list(&trades));
        println!("{end}");
    }
    app.close().await;
    // Two legs in, two legs out.
    if end.is_orderly() && trades.len() == 4 {
        return Ok(());
    }
    Err("the straddle was not closed".into())
}
