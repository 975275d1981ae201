//! Sixty-four orders at once on one symbol, again and again, on threads that really run side by
//! side: what is held is what was filled, and smart orders reach their targets.

mod crowd;
mod twins;
mod wire;

use crate::exchange::Exchange;
use crate::in_memory::{Place, traded};
use crate::risk::by;
use crowd::{Asked, Came, after_one_another, at_once, filled, mixed, target};
use fastrand::Rng;
use futures_util::future::join_all;
use openalgo::core::account::{LimitName, User};
use openalgo::core::market::Exchange as Bourse;
use openalgo::core::order::{Order, Product, Side};
use openalgo::core::port::{BrokerSession, PositionRepository};
use openalgo::core::value::Quantity;
use openalgo::engine::Engine;
use openalgo_core::testing::FakeClock;
use std::collections::BTreeSet;
use std::sync::Arc;
use wire::Unhurried;

/// How often sixty-four orders are asked for at once, on paper and at a broker each.
const ROUNDS: usize = 1_000;

/// How many of these in one life of an engine: what is held goes over from one to the next.
const ROUNDS_OF_A_LIFE: usize = 4;

/// Lives that go on side by side: an order in flight at a broker is waited for.
const LIVES_AT_ONCE: usize = 25;

/// Who asks, and what for.
struct Life {
    engine: Arc<Engine>,
    owner: User,
    rng: Rng,
    /// Orders that were looked at before.
    seen: usize,
}

impl Life {
    async fn new(place: &Place, seed: usize) -> Self {
        Self {
            engine: Arc::new(place.start().await),
            owner: place.owner.clone(),
            rng: Rng::with_seed(u64::try_from(seed).unwrap()),
            seen: 0,
        }
    }

    /// Every order so far, the first one first.
    async fn orders(&self) -> Vec<Order> {
        let orders = self.engine.orders().list(self.owner.id, u32::MAX).await;
        let mut orders = orders.unwrap();
        orders.reverse();
        orders
    }

    async fn held(&self) -> i64 {
        let portfolio = self.engine.portfolio();
        let standing = portfolio.standing(self.owner.id, traded(Bourse::Nse), Product::Mis);
        standing.await.unwrap().held.get()
    }

    /// Asks for sixty-four orders at once, smart and plain. Each that is told of is there, and no
    /// other.
    async fn crowd(&mut self) {
        let asked = mixed(&mut self.rng);
        let came = at_once(&self.engine, self.owner.id, asked).await;
        self.each_is_there(&came).await;
    }

    /// Asks eight times at once for the same position, when nothing else is under way: one order
    /// at most leads there.
    async fn alerts(&mut self) -> i64 {
        let cancelled = self.engine.orders().cancel_all(self.owner.id).await;
        assert!(cancelled.unwrap().iter().all(|it| it.outcome.is_ok()));
        self.engine.reconcile().await.unwrap();
        let position = target(&mut self.rng);
        let alerts = vec![Asked::smart(position); 8];
        let came = at_once(&self.engine, self.owner.id, alerts).await;
        assert!(!came.contains(&Came::Refused), "{came:?}");
        assert!(self.each_is_there(&came).await <= 1);
        position
    }

    /// Returns how many orders came of what was asked for.
    async fn each_is_there(&mut self, came: &[Came]) -> usize {
        let told: BTreeSet<_> = came.iter().filter_map(Came::order).collect();
        let orders = self.orders().await;
        let there: BTreeSet<_> = orders.iter().skip(self.seen).map(|it| it.id).collect();
        assert_eq!(told, there);
        assert_eq!(told.len(), came.iter().filter_map(Came::order).count());
        self.seen = orders.len();
        told.len()
    }
}

/// Goes through all lives, some of them at a time.
async fn live<F>(life: impl Fn(usize) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let lives: Vec<_> = (0..ROUNDS / ROUNDS_OF_A_LIFE).collect();
    for some in lives.chunks(LIVES_AT_ONCE) {
        let some = some.iter().map(|seed| tokio::spawn(life(*seed)));
        for life in join_all(some).await {
            life.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_paper_the_position_is_the_sum_of_the_fills() {
    live(async |seed| {
        let place = Place::new(Vec::new()).await;
        let mut life = Life::new(&place, seed).await;
        for _ in 0..ROUNDS_OF_A_LIFE {
            let (before, held) = (life.seen, life.held().await);
            life.crowd().await;
            let orders = life.orders().await;
            // The account takes orders one after the other, so each smart one leads to its target
            // from exactly what those before it come to.
            after_one_another(held, &orders[before..]);
            are_the_same(&life, &place).await;
            let position = life.alerts().await;
            assert_eq!(life.held().await, position);
            are_the_same(&life, &place).await;
        }
        life.engine.stop().await;
    })
    .await;
}

/// Position, trades and orders on paper tell the same.
async fn are_the_same(life: &Life, place: &Place) {
    let owner = life.owner.id;
    let trades = life.engine.orders().trades(owner, u32::MAX).await.unwrap();
    let bought: i64 = trades
        .iter()
        .map(|trade| match trade.execution.side {
            Side::Buy => trade.execution.quantity.get(),
            Side::Sell => -trade.execution.quantity.get(),
        })
        .sum();
    let positions = place.store.list(owner, None).await.unwrap();
    let stored: i64 = positions.iter().map(|it| it.quantity.get()).sum();
    let held = life.held().await;
    let by_orders = filled(&life.orders().await);
    assert_eq!((bought, stored, by_orders), (held, held, held));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn at_a_broker_the_position_is_the_sum_of_the_fills() {
    live(async |seed| {
        let exchange = Exchange::with_clock(Arc::new(FakeClock::at(crate::world::MORNING)));
        let gateway = Arc::new(Unhurried::new(Arc::clone(&exchange)));
        let session = BrokerSession {
            orders: gateway,
            ..exchange.session()
        };
        let place = Place::new(vec![session]).await;
        let mut life = Life::new(&place, seed).await;
        let fast = LimitName::OrdersPerSecond.parse("1000000").unwrap();
        let risk = life.engine.risk();
        let changed = risk.change_limit(life.owner.id, fast, by(&life.owner));
        changed.await.unwrap();
        for _ in 0..ROUNDS_OF_A_LIFE {
            life.crowd().await;
            life.engine.reconcile().await.unwrap();
            is_what_the_broker_says(&life, &exchange).await;
            let position = life.alerts().await;
            life.engine.reconcile().await.unwrap();
            assert_eq!(is_what_the_broker_says(&life, &exchange).await, position);
        }
        life.engine.stop().await;
    })
    .await;
}

/// The broker has each of our orders once, filled as we know it. Returns its position.
async fn is_what_the_broker_says(life: &Life, exchange: &Exchange) -> i64 {
    let ours: Vec<_> = life.orders().await;
    let told = ours.iter().map(|order| {
        let filled = order.executed().quantity;
        (order.intent.id.tag(), order.public_id(), filled)
    });
    let mut told: Vec<_> = told.collect();
    let (mut theirs, position) = exchange.change(|ledger| {
        let lines = ledger.orders.iter().map(|line| {
            let tag = line.tag.clone().unwrap();
            (tag, line.broker_order_id.to_string(), line.filled)
        });
        let position = ledger.positions.values().sum::<i64>();
        (lines.collect::<Vec<_>>(), position)
    });
    told.sort();
    theirs.sort();
    assert_eq!(told, theirs);
    let by_lines = exchange.change(|ledger| {
        let lines = ledger.orders.iter();
        lines
            .map(|line| signed(line.side, line.filled))
            .sum::<i64>()
    });
    assert_eq!((by_lines, life.held().await), (position, position));
    assert_eq!(filled(&ours), position);
    position
}

fn signed(side: Side, quantity: Quantity) -> i64 {
    match side {
        Side::Buy => quantity.get(),
        Side::Sell => -quantity.get(),
    }
}
