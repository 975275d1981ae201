//! Bots begin, end, fail and begin again.

use crate::in_memory::{Place, traded};
use crate::wire::{Slow, session};
use crate::world::{World, reliance};
use async_trait::async_trait;
use openalgo::bot::{BotEnd, BotHandle, BotSetup, BotStartError, Bots, Timer};
use openalgo::core::market::Exchange;
use openalgo::core::order::{NewOrder, Order, OrderKind, OrderStatus, Side, TradingMode};
use openalgo::core::port::{BotStateRepository, BrokerSession, OrderLogQuery};
use openalgo::core::strategy::{BotKey, BotState};
use openalgo::engine::Engine;
use openalgo::prelude::{Bot, BotContext, BotResult};
use openalgo_core::testing::sample::{price, units};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;

/// What a bot did, for the test to see.
type Diary = Arc<Mutex<Vec<String>>>;

struct House {
    place: Place,
    engine: Arc<Engine>,
    bots: Bots,
    diary: Diary,
}

impl House {
    async fn new() -> Self {
        Self::trading_at(Vec::new()).await
    }

    /// One whose owner trades live at the first of these brokers, or on paper.
    async fn trading_at(brokers: Vec<BrokerSession>) -> Self {
        let place = Place::new(brokers).await;
        let engine = Arc::new(place.start().await);
        Self {
            bots: Bots::new(Arc::clone(&engine), Arc::clone(&place.store) as _),
            place,
            engine,
            diary: Diary::default(),
        }
    }

    async fn start(&self, name: &str, acts: Acts) -> Result<BotHandle, BotStartError> {
        let second = Timer::Every(Duration::from_secs(1));
        let setup = BotSetup::new(name.parse().unwrap()).timer("second", second);
        let diary = Arc::clone(&self.diary);
        let bot = Actor { acts, diary };
        self.bots.start(self.place.owner.id, setup, bot).await
    }

    fn diary(&self) -> Vec<String> {
        std::mem::take(&mut *self.diary.lock().unwrap())
    }

    async fn orders(&self) -> Vec<Order> {
        let orders = self.engine.orders();
        orders.list(self.place.owner.id, 10_000).await.unwrap()
    }

    async fn state(&self, name: &str) -> BotState {
        let key = BotKey {
            user: self.place.owner.id,
            bot: name.parse().unwrap(),
        };
        let states: &dyn BotStateRepository = &*self.place.store;
        states.read(&key).await.unwrap()
    }

    async fn end(self) {
        self.bots.end().await;
        self.engine.stop().await;
    }
}

/// What a bot does when its timer comes.
#[derive(Debug, Clone)]
enum Acts {
    Nothing,
    /// Buys once, and never answers.
    BuysAndHangs,
    /// Buys once, and twice when asked again later.
    Buys,
    Fails,
    Panics,
    /// Lets an order rest, and answers when it may.
    Rests(Arc<Notify>),
}

struct Actor {
    acts: Acts,
    diary: Diary,
}

impl Actor {
    fn note(&self, text: impl Into<String>) {
        self.diary.lock().unwrap().push(text.into());
    }

    async fn buy(&self, context: &mut BotContext) -> BotResult {
        let order = NewOrder::market(traded(Exchange::Nse), Side::Buy, units(1));
        let placed = context.place(order).await?;
        let id = placed.order.intent.order.client_order_id.unwrap();
        self.note(format!(
            "{id} {}",
            if placed.replayed { "again" } else { "new" }
        ));
        context.keep("bought", &true)?;
        Ok(())
    }
}

#[async_trait]
impl Bot for Actor {
    async fn start(&mut self, context: &mut BotContext) -> BotResult {
        self.note(format!("start with {}", context.open_orders().count()));
        Ok(())
    }

    async fn order(&mut self, _context: &mut BotContext, order: &Order) -> BotResult {
        self.note(order.status().to_string());
        Ok(())
    }

    async fn timer(&mut self, context: &mut BotContext, _name: &str) -> BotResult {
        let has_bought = context.kept::<bool>("bought")? == Some(true);
        match &self.acts {
            Acts::BuysAndHangs => {
                self.buy(context).await?;
                pending().await
            }
            Acts::Buys if !has_bought => self.buy(context).await,
            Acts::Fails => Err("out of ideas".into()),
            Acts::Panics => panic!("a bot of this test"),
            Acts::Rests(may_go_on) if !has_bought => {
                let price = price("90");
                let order = NewOrder {
                    kind: OrderKind::Limit { price },
                    ..NewOrder::market(traded(Exchange::Nse), Side::Buy, units(1))
                };
                context.place(order).await?;
                context.keep("bought", &true)?;
                may_go_on.notified().await;
                Ok(())
            }
            Acts::Nothing | Acts::Buys | Acts::Rests(_) => Ok(()),
        }
    }

    async fn stop(&mut self, _context: &mut BotContext) -> BotResult {
        self.note("stop");
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_bot_that_is_killed_places_no_order_twice() {
    let house = House::new().await;
    let hangs = house.start("first", Acts::BuysAndHangs).await.unwrap();
    sleep(Duration::from_secs(3)).await;
    assert!(matches!(*hangs.stop().await, BotEnd::Overdue));
    assert_eq!(house.diary(), ["start with 0", "bot:first:1 new"]);
    assert_eq!(
        house.state("first").await,
        BotState::new(),
        "it never answered"
    );

    let bot = house.start("first", Acts::Buys).await.unwrap();
    sleep(Duration::from_secs(3)).await;
    assert_eq!(house.diary(), ["start with 0", "bot:first:1 again"]);
    assert_eq!(house.orders().await.len(), 1);
    let kept = [(".next-order", "2"), ("bought", "true")];
    let kept: BotState = kept.map(|(name, text)| (name.into(), text.into())).into();
    assert_eq!(house.state("first").await, kept);
    assert!(matches!(*bot.stop().await, BotEnd::Stopped));

    // What it kept is there, and the next order is another one.
    let bot = house.start("first", Acts::Buys).await.unwrap();
    sleep(Duration::from_secs(3)).await;
    bot.stop().await;
    assert_eq!(house.diary(), ["stop", "start with 0", "stop"]);
    let hangs = house.start("first", Acts::BuysAndHangs).await.unwrap();
    sleep(Duration::from_secs(3)).await;
    hangs.stop().await;
    assert_eq!(house.diary(), ["start with 0", "bot:first:2 new"]);
    assert_eq!(house.orders().await.len(), 2);
    house.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_bot_that_fails_ends_and_the_others_go_on() {
    let house = House::new().await;
    let fails = house.start("fails", Acts::Fails).await.unwrap();
    let panics = house.start("panics", Acts::Panics).await.unwrap();
    let goes_on = house.start("goes-on", Acts::Nothing).await.unwrap();
    sleep(Duration::from_secs(3)).await;
    let end = fails.ended().await;
    assert_eq!(end.to_string(), "failed: out of ideas");
    assert!(!end.is_orderly());
    assert!(matches!(*panics.ended().await, BotEnd::Panicked));
    assert!(goes_on.end().is_none());
    let running: Vec<_> = house
        .bots
        .running()
        .iter()
        .map(|it| it.name().to_string())
        .collect();
    assert_eq!(running, ["goes-on"]);
    let logs = house
        .engine
        .logs()
        .list(&OrderLogQuery {
            user: Some(house.place.owner.id),
            failed: false,
            limit: 10,
        })
        .await
        .unwrap();
    let shown = logs
        .iter()
        .find(|log| log.entry.endpoint == "bot/fails/end")
        .unwrap();
    let shown = shown.entry.response.as_deref();
    assert_eq!(shown, Some(r#"{"end":"failed: out of ideas"}"#));
    // Neither of the two was asked to stop.
    assert_eq!(house.diary(), ["start with 0"; 3]);
    house.start("fails", Acts::Nothing).await.unwrap();
    house.end().await;
}

#[tokio::test(start_paused = true)]
async fn there_is_one_bot_of_a_name_and_none_after_the_end() {
    let house = House::new().await;
    let first = house.start("first", Acts::Buys).await.unwrap();
    let refused = house
        .start("first", Acts::Nothing)
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(
        refused,
        "the bot 'first' runs already: stop it first, or take another name"
    );
    let name = first.name().clone();
    let owner = house.place.owner.id;
    let refused = house.bots.forget(owner, name.clone()).await.unwrap_err();
    assert!(matches!(refused, BotStartError::Running(_)));
    sleep(Duration::from_secs(3)).await;
    first.stop().await;
    assert_eq!(house.bots.forget(owner, name).await.unwrap(), 2);
    let last = house.start("first", Acts::Nothing).await.unwrap();
    house.bots.end().await;
    assert!(matches!(*last.ended().await, BotEnd::Stopped));
    let refused = house.start("second", Acts::Nothing).await.unwrap_err();
    assert!(matches!(refused, BotStartError::Closing));
    house.end().await;
}

/// In a data folder, at the prices of the simulated exchange.
#[tokio::test]
async fn a_folder_that_is_closed_stops_its_bots() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let (acts, diary) = (Acts::Nothing, Diary::default());
    let bot = Actor {
        acts,
        diary: Arc::clone(&diary),
    };
    let setup = BotSetup::new("first".parse().unwrap()).prices(reliance());
    let bot = app.bots().start(owner.id, setup, bot).await.unwrap();
    let nothing = BotSetup::new("second".parse().unwrap()).prices(traded(Exchange::Mcx));
    let second = Actor {
        acts: Acts::Nothing,
        diary: Arc::clone(&diary),
    };
    let refused = app.bots().start(owner.id, nothing, second).await;
    assert!(matches!(refused, Err(BotStartError::Prices(_))));
    app.close().await;
    assert!(matches!(*bot.ended().await, BotEnd::Stopped));
    assert_eq!(*diary.lock().unwrap(), ["start with 0", "stop"]);
}

#[tokio::test(start_paused = true)]
async fn what_became_of_an_order_is_told_however_much_happened_meanwhile() {
    let house = House::new().await;
    let may_go_on = Arc::new(Notify::new());
    let acts = Acts::Rests(Arc::clone(&may_go_on));
    let bot = house.start("first", acts).await.unwrap();
    sleep(Duration::from_secs(3)).await;
    let (owner, orders) = (house.place.owner.id, house.engine.orders());
    let rests = house.orders().await[0].public_id();
    orders.cancel(owner, &rests).await.unwrap();
    // More than the bus of events keeps for anybody.
    for _ in 0..1_100 {
        let order = NewOrder::market(traded(Exchange::Nse), Side::Buy, units(1));
        orders.place(owner, order).await.unwrap();
    }
    assert_eq!(house.diary(), ["start with 0"]);
    may_go_on.notify_one();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(house.diary(), [OrderStatus::Cancelled.to_string()]);
    bot.stop().await;
    house.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_bot_trades_live_where_its_owner_does() {
    let house = House::trading_at(vec![session(Arc::new(Slow))]).await;
    let bot = house.start("first", Acts::Buys).await.unwrap();
    sleep(Duration::from_secs(3)).await;
    bot.stop().await;
    let orders = house.orders().await;
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].intent.mode, TradingMode::Live);
    assert_eq!(orders[0].intent.order.strategy.as_deref(), Some("first"));
    let diary = house.diary();
    assert_eq!(diary[..2], ["start with 0", "bot:first:1 new"]);
    // It is told what became of the order until the broker had it.
    let told = &diary[2..diary.len() - 1];
    assert_eq!(told.last().unwrap(), OrderStatus::Open.as_str());
    house.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_bot_begins_with_its_orders_that_are_open() {
    let house = House::new().await;
    let may_go_on = Arc::new(Notify::new());
    may_go_on.notify_one();
    let bot = house.start("first", Acts::Rests(may_go_on)).await.unwrap();
    sleep(Duration::from_secs(3)).await;
    bot.stop().await;
    let other = house.start("second", Acts::Nothing).await.unwrap();
    let again = house.start("first", Acts::Nothing).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    other.stop().await;
    again.stop().await;
    let mut diary = house.diary();
    diary.retain(|line| line.starts_with("start"));
    assert_eq!(diary, ["start with 0", "start with 0", "start with 1"]);
    house.end().await;
}
