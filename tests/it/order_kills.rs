//! A process that is killed with `kill -9` at each point of the order path, while the broker lives
//! on in another: afterwards the broker has one order or none, and the journal says which.

mod approval;
mod broker;
mod gtt;
mod journal;
mod point;
mod split;
mod waiting;

use crate::stored_ports::stored_ports;
use crate::victim::{Victim, hear, victim_folder};
use crate::world::{MORNING, market};
use broker::{Broker, Way};
use chrono::Duration;
use journal::journal;
use openalgo::SystemIds;
use openalgo::core::account::SettingKey;
use openalgo::core::id::UserId;
use openalgo::core::order::{NewOrder, Order, OrderStatus, Side};
use openalgo::core::port::{Clock, MarketSource, PriceOrigin};
use openalgo::crypto::{MasterKey, SystemRandom};
use openalgo::engine::{Engine, EngineConfig, Ports};
use openalgo::store::{AnchorRule, Keys, OpenMode, Store, StoreOptions};
use openalgo_core::testing::{FakeClock, FakeRandom, sample};
use point::Point;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// An engine on an encrypted database, and the broker that its one user trades at.
struct House {
    engine: Engine,
    store: Store,
    user: UserId,
    clock: Arc<FakeClock>,
}

impl House {
    async fn open(folder: &Path, way: Way) -> Self {
        let clock = Arc::new(FakeClock::at(MORNING));
        let store = open_store(folder, &clock);
        let user = settle_in(&store).await;
        let ports = ports(&store, &clock);
        let engine = Engine::start(ports, EngineConfig::default()).await.unwrap();
        let brokers = engine.brokers();
        brokers.connect(user, way.session()).await.unwrap();
        Self {
            engine,
            store,
            user,
            clock,
        }
    }

    async fn place(&self) -> Order {
        let order = NewOrder {
            client_order_id: Some("kill".parse().unwrap()),
            ..market(Side::Buy, 1)
        };
        let placed = self.engine.orders().place(self.user, order).await;
        placed.unwrap().order
    }

    async fn orders(&self) -> Vec<Order> {
        let orders = self.engine.orders().list(self.user, 10).await;
        orders.unwrap()
    }

    async fn close(self) {
        self.engine.stop().await;
        self.store.close().await;
    }
}

fn open_store(folder: &Path, clock: &Arc<FakeClock>) -> Store {
    let path = folder.join("main.db");
    let key = MasterKey::make(&FakeRandom::default()).unwrap();
    let mode = if path.exists() {
        OpenMode::Existing
    } else {
        OpenMode::Create
    };
    let options = StoreOptions {
        keys: Keys::of(&key, Arc::new(FakeRandom::default())),
        clock: Arc::clone(clock) as _,
        mode,
        anchor: AnchorRule::Without,
    };
    Store::open(&path, options).unwrap()
}

/// The user, who is there already after the first start.
async fn settle_in(store: &Store) -> UserId {
    let users = store.users();
    if let Some(user) = users.list().await.unwrap().first() {
        return user.id;
    }
    let user = users.insert(&sample::new_user("trader")).await.unwrap().id;
    let broker = broker::name();
    users.set_order_broker(user, Some(&broker)).await.unwrap();
    let settings = store.settings();
    settings.set(SettingKey::Analyzer, "false").await.unwrap();
    user
}

fn ports(store: &Store, clock: &Arc<FakeClock>) -> Ports {
    let clock = || Arc::clone(clock) as Arc<dyn Clock>;
    let random = || Arc::new(SystemRandom) as _;
    let ids = Arc::new(SystemIds::new(clock(), random()));
    let stored = stored_ports(store, (clock(), random()), ids);
    Ports {
        orders: Arc::new(journal(store.orders())),
        gtt_orders: Arc::new(waiting::Gtts(store.gtt_orders())),
        pending_orders: Arc::new(waiting::Pending(store.pending_orders())),
        market: MarketSource {
            // For real money prices must not be made up.
            path: None,
            origin: PriceOrigin::Market,
            ..stored.market.clone()
        },
        ..stored
    }
}

const TEST: &str = "order_kills::the_broker_has_one_order_or_none_and_the_journal_says_which";

/// Opens a folder, and dies at the point that this process is told.
async fn open_to_die(folder: &Path) -> House {
    let told = hear();
    let [point, passes, address] = told.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{told}");
    };
    point::arm(Point::named(point), passes.parse().unwrap());
    House::open(folder, Way(address.parse().unwrap())).await
}

/// Places an order and cancels it, and dies at a point of that.
async fn be_killed(folder: &Path) {
    let house = open_to_die(folder).await;
    let order = house.place().await;
    point::reached(Point::Answered);
    let orders = house.engine.orders();
    let cancelled = orders.cancel(house.user, &order.public_id()).await;
    panic!("survived: {cancelled:?}");
}

fn kill_at(point: Point, folder: &Path, broker: &Broker) {
    kill_in(TEST, point, (folder, broker));
}

/// Lets a test in the victim's role come to a point and die there.
fn kill_in(test: &str, point: Point, at: (&Path, &Broker)) {
    kill_after(test, (point, 0), at);
}

/// The same when it has passed the point so often.
fn kill_after(test: &str, (point, passes): (Point, usize), (folder, broker): (&Path, &Broker)) {
    let mut victim = Victim::start(test, folder);
    victim.tell(&format!("{point:?} {passes} {}", broker.address));
    assert!(victim.was_killed(), "{point:?} was not reached");
}

#[tokio::test]
async fn the_broker_has_one_order_or_none_and_the_journal_says_which() {
    if let Some(folder) = victim_folder() {
        be_killed(&folder).await;
    }
    for point in Point::OF_AN_ORDER {
        let (folder, broker) = (TempDir::new().unwrap(), Broker::start());
        kill_at(point, folder.path(), &broker);
        check(&format!("{point:?}"), folder.path(), &broker).await;
    }
    for point in Point::OF_A_START {
        let (folder, broker) = (TempDir::new().unwrap(), Broker::start());
        kill_at(Point::Submitted, folder.path(), &broker);
        kill_at(point, folder.path(), &broker);
        check(&format!("{point:?}"), folder.path(), &broker).await;
        assert_eq!(broker.book().len(), 1, "{point:?}");
    }
}

/// What is left after the kill, once the book has told what it can.
async fn check(point: &str, folder: &Path, broker: &Broker) {
    let house = House::open(folder, Way(broker.address)).await;
    for wait in [40, 10] {
        house.clock.advance(Duration::seconds(wait));
        house.engine.reconcile().await.unwrap();
    }
    let (orders, book) = (house.orders().await, broker.book());
    match (&orders[..], &book[..]) {
        ([], []) => assert_eq!(point, "BeforeIntent"),
        ([order], []) => assert_eq!(order.status(), OrderStatus::Rejected, "{point}"),
        ([order], [line]) => {
            assert_eq!(order.public_id(), line.id, "{point}");
            assert_eq!(order.intent.id.tag().as_str(), line.tag, "{point}");
            let status = if line.is_cancelled {
                OrderStatus::Cancelled
            } else {
                OrderStatus::Open
            };
            assert_eq!(order.status(), status, "{point}");
        }
        _ => panic!("{point}: {orders:?}, {book:?}"),
    }
    // The same order again is that order, unless there is none.
    let again = house.place().await;
    assert!(orders.first().is_none_or(|order| order.id == again.id));
    assert_eq!(
        broker.book().len(),
        book.len().max(usize::from(orders.is_empty()))
    );
    assert!(
        house.engine.unresolved().await.unwrap().is_empty(),
        "{point}"
    );
    assert!(house.store.check().await.unwrap().is_sound(), "{point}");
    house.close().await;
}
