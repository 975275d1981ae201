//! Whatever is asked for, and whatever is switched meanwhile: a live broker gets only orders whose
//! request was made, or decided on, while orders went there. What waits for a price keeps the mode in
//! which it was asked for, and waits on while orders go elsewhere.

mod entries;
mod watch;

use crate::approvals::give_key;
use crate::exchange::{Exchange, name};
use crate::in_memory::Place;
use crate::world::MORNING;
use entries::{Entry, ask};
use fastrand::Rng;
use futures_util::future::join_all;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::id::BrokerName;
use openalgo::core::order::{Order, TradingMode};
use openalgo::core::port::BrokerSession;
use openalgo::engine::{Engine, EngineConfig};
use openalgo_core::testing::FakeClock;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use watch::{Watch, Watched};

const DAYS: u64 = 60;
const CLIENTS: u64 = 6;
const REQUESTS_EACH: u64 = 15;

/// Brokers, and who uses them.
struct Stage {
    watch: Arc<Watch>,
    exchange: Arc<Exchange>,
    /// A broker at which the user logs in, and to which no order is ever sent.
    other: Arc<Exchange>,
    place: Place,
    engine: Engine,
}

impl Stage {
    /// With analyze mode off and a broker chosen, and a key whose orders wait for a person.
    async fn set() -> Self {
        let watch = Arc::new(Watch::default());
        let exchange = || Exchange::with_clock(Arc::new(FakeClock::at(MORNING)));
        let (exchange, other) = (exchange(), exchange());
        let session = session(&exchange, &watch, name());
        let place = Place::new(vec![session]).await;
        give_key(&place, place.owner.id).await;
        let config = EngineConfig {
            watch_gtts_every: Some(Duration::from_millis(25)),
            ..EngineConfig::default()
        };
        let engine = place.start_with(config).await;
        watch.live_is_possible(true);
        Self {
            watch,
            exchange,
            other,
            place,
            engine,
        }
    }

    fn owner(&self) -> &User {
        &self.place.owner
    }

    async fn analyzer(&self, is_on: bool) {
        let settings = self.engine.settings();
        let value = is_on.to_string();
        settings.set(SettingKey::Analyzer, &value).await.unwrap();
    }

    async fn choose(&self, broker: Option<&BrokerName>) {
        let brokers = self.engine.brokers();
        // A broker at which nobody is logged in is not chosen; the choice stays.
        drop(brokers.choose(self.owner().id, broker).await);
    }

    /// The user logs in anew, at the broker that is chosen or at the other one.
    async fn log_in(&self, dice: &Dice) {
        let session = if dice.below(2) == 0 {
            session(&self.exchange, &self.watch, name())
        } else {
            session(&self.other, &self.watch, other())
        };
        let brokers = self.engine.brokers();
        brokers.connect(self.owner().id, session).await.unwrap();
    }

    /// Clients ask for everything that there is, in an order that the seed tells.
    async fn clients(&self, seed: u64) -> Vec<(Entry, Result<Vec<TradingMode>, String>)> {
        let clients = (0..CLIENTS).map(async |client| {
            let mut rng = Rng::with_seed(seed * CLIENTS + client);
            let mut outcomes = Vec::new();
            for number in 0..REQUESTS_EACH {
                sleep(Duration::from_millis(rng.u64(..40))).await;
                let entry = rng.choice(Entry::ALL).unwrap();
                let strategy = format!("{client}-{number}");
                let price = rng.choice(["90", "100", "110"]).unwrap();
                self.place.price(price);
                let house = (&self.engine, self.owner(), &*self.watch);
                let outcome = ask(house, (entry, &strategy), &mut rng).await;
                outcomes.push((entry, outcome));
            }
            outcomes
        });
        join_all(clients).await.into_iter().flatten().collect()
    }

    /// Each live order is at the broker, and nothing else is. Gives how many orders live and on
    /// paper had waited for a price.
    async fn tidy(self) -> (usize, usize) {
        self.engine.stop().await;
        let orders = self.engine.orders().list(self.owner().id, u32::MAX).await;
        let orders = orders.unwrap();
        let waited = |mode| {
            let is_its = |order: &&Order| {
                let id = order.intent.order.client_order_id.as_ref();
                order.intent.mode == mode && id.is_some_and(|id| id.as_str().starts_with("GTT-"))
            };
            orders.iter().filter(is_its).count()
        };
        let waited = (waited(TradingMode::Live), waited(TradingMode::Paper));
        let live = orders.iter().filter(|order| {
            let intent = &order.intent;
            assert_eq!(intent.mode == TradingMode::Live, intent.broker == name());
            intent.mode == TradingMode::Live && order.state.broker_order_id().is_some()
        });
        assert_eq!(live.count(), self.exchange.count());
        assert_eq!(self.other.count(), 0);
        assert_eq!(self.watch.violations(), Vec::<String>::new());
        waited
    }
}

/// Chance for whoever turns the switches.
struct Dice(RefCell<Rng>);

impl Dice {
    fn of(seed: u64) -> Self {
        Self(RefCell::new(Rng::with_seed(seed)))
    }

    fn below(&self, end: u64) -> u64 {
        self.0.borrow_mut().u64(..end)
    }

    async fn pause(&self, most: u64) {
        sleep(Duration::from_millis(self.below(most))).await;
    }
}

fn other() -> BrokerName {
    BrokerName::try_new("other").unwrap()
}

fn session(exchange: &Arc<Exchange>, watch: &Arc<Watch>, broker: BrokerName) -> BrokerSession {
    BrokerSession {
        broker,
        orders: Arc::new(Watched::new(Arc::clone(exchange), Arc::clone(watch))),
        ..exchange.session()
    }
}

/// Does something again and again, until the clients are done.
async fn meanwhile<T>(clients: impl Future<Output = T>, turn: impl AsyncFn()) -> T {
    let is_over = Cell::new(false);
    let clients = async {
        let outcomes = clients.await;
        is_over.set(true);
        outcomes
    };
    let turns = async {
        while !is_over.get() {
            turn().await;
        }
    };
    tokio::join!(clients, turns).0
}

#[tokio::test(start_paused = true)]
async fn in_analyze_mode_no_entry_reaches_a_broker() {
    for seed in 0..DAYS {
        let stage = Stage::set().await;
        // What waits for a price since before waits on.
        let mut rng = Rng::with_seed(seed);
        for number in 0..5 {
            let strategy = format!("before-{number}");
            let house = (&stage.engine, stage.owner(), &*stage.watch);
            let asked = ask(house, (Entry::Gtt, &strategy), &mut rng).await;
            asked.unwrap();
        }
        stage.analyzer(true).await;
        stage.watch.live_is_possible(false);
        let dice = Dice::of(seed);
        let outcomes = meanwhile(stage.clients(seed), async || {
            dice.pause(60).await;
            match dice.below(3) {
                0 => stage.log_in(&dice).await,
                1 => stage.choose(Some(&name())).await,
                _ => stage.choose(None).await,
            }
        });
        let placed = outcomes.await.into_iter().filter_map(|(_, it)| it.ok());
        let modes: Vec<_> = placed.flatten().collect();
        assert!(modes.len() > 30, "{}", modes.len());
        assert!(modes.iter().all(|mode| *mode == TradingMode::Paper));
        assert_eq!(stage.watch.reached(), 0);
        stage.tidy().await;
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_order_broker_every_entry_is_refused() {
    for seed in 0..DAYS {
        let stage = Stage::set().await;
        stage.choose(None).await;
        stage.watch.live_is_possible(false);
        let dice = Dice::of(seed);
        let outcomes = meanwhile(stage.clients(seed), async || {
            dice.pause(60).await;
            stage.log_in(&dice).await;
        });
        for (entry, outcome) in outcomes.await {
            let refusal = outcome.unwrap_err();
            let expected = match entry {
                entry if entry.is_a_change() => "none",
                _ => "analyze mode is off and no broker is chosen for live orders",
            };
            assert_eq!(refusal, expected, "{entry:?}");
        }
        assert_eq!(stage.watch.reached(), 0);
        let orders = stage.engine.orders().list(stage.owner().id, 1).await;
        assert!(orders.unwrap().is_empty());
        stage.tidy().await;
    }
}

/// Switches are turned in the middle of everything, baskets and lines at the governor included.
#[tokio::test(start_paused = true)]
async fn what_is_switched_meanwhile_sends_nothing_of_what_was_asked_for_on_paper() {
    let (mut live, mut paper) = (0, 0);
    let (mut waited_live, mut waited_paper) = (0, 0);
    for seed in 0..DAYS {
        let stage = Stage::set().await;
        let dice = Dice::of(seed);
        let (is_on, is_chosen) = (Cell::new(false), Cell::new(true));
        let outcomes = meanwhile(stage.clients(seed), async || {
            dice.pause(120).await;
            match dice.below(5) {
                0 | 1 => {
                    let next = !is_on.get();
                    stage.watch.may_become_live(!next && is_chosen.get());
                    stage.analyzer(next).await;
                    is_on.set(next);
                }
                2 | 3 => {
                    let next = !is_chosen.get();
                    stage.watch.may_become_live(next && !is_on.get());
                    stage.choose(next.then_some(&name())).await;
                    is_chosen.set(next);
                }
                _ => stage.log_in(&dice).await,
            }
            let is_live = !is_on.get() && is_chosen.get();
            stage.watch.live_is_possible(is_live);
        });
        for (entry, outcome) in outcomes.await {
            let modes = outcome.unwrap_or_default();
            live += modes.iter().filter(|it| **it == TradingMode::Live).count();
            paper += modes.iter().filter(|it| **it == TradingMode::Paper).count();
            // However many orders a request came to, all of them went one way.
            assert!(modes.windows(2).all(|it| it[0] == it[1]), "{entry:?}");
        }
        let waited = stage.tidy().await;
        waited_live += waited.0;
        waited_paper += waited.1;
    }
    assert!(live > 1_000 && paper > 1_000, "{live} {paper}");
    assert!(
        waited_live > 50 && waited_paper > 50,
        "{waited_live} {waited_paper}"
    );
}
