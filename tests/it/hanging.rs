//! A broker that does not answer holds up nobody else, and nobody for long.

use crate::in_memory::{EXCHANGES, Place, traded};
use crate::risk::by;
use crate::wire::Slow;
use async_trait::async_trait;
use futures_util::future::join_all;
use openalgo::core::account::{LimitName, User};
use openalgo::core::id::{BrokerName, BrokerOrderId};
use openalgo::core::market::Exchange;
use openalgo::core::order::{JournaledIntent, NewOrder, OrderKind, OrderState, Side};
use openalgo::core::port::{
    Acknowledgement, BrokerReadError, BrokerSession, CancelError, ModifyError, OrderBook,
    OrderBookReader, OrderGateway, PortfolioReader, SubmitError, UserRepository,
};
use openalgo::core::portfolio::{BrokerFunds, Holding, Position};
use openalgo::core::rule::modification::Modification;
use openalgo::engine::Engine;
use openalgo_core::testing::sample;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// It takes orders, or loses its answers, and tells nothing else.
#[derive(Debug, Default)]
struct Hung {
    loses: AtomicBool,
}

impl Hung {
    fn has_lost(&self) -> bool {
        self.loses.load(Ordering::SeqCst)
    }

    fn session(self: &Arc<Self>) -> BrokerSession {
        BrokerSession {
            order_book: Some(Arc::clone(self) as _),
            portfolio: Some(Arc::clone(self) as _),
            ..BrokerSession::new("hung".parse().unwrap(), Arc::clone(self) as _)
        }
    }
}

#[async_trait]
impl OrderGateway for Hung {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        if self.has_lost() {
            return Err(SubmitError::OutcomeUnknown("timed out".into()));
        }
        let id = format!("B-{}", intent.order_id());
        Ok(Acknowledgement {
            broker_order_id: BrokerOrderId::try_new(&id).unwrap(),
            awaits_trigger: false,
        })
    }

    async fn modify(&self, _order: &BrokerOrderId, _asked: &NewOrder) -> Result<(), ModifyError> {
        Err(ModifyError::OutcomeUnknown("timed out".into()))
    }

    async fn cancel(&self, _order: &BrokerOrderId) -> Result<(), CancelError> {
        Ok(())
    }
}

#[async_trait]
impl OrderBookReader for Hung {
    async fn orders(&self) -> Result<OrderBook, BrokerReadError> {
        pending().await
    }

    fn carries_tags(&self) -> bool {
        true
    }
}

#[async_trait]
impl PortfolioReader for Hung {
    async fn positions(&self) -> Result<Vec<Position>, BrokerReadError> {
        pending().await
    }

    async fn holdings(&self) -> Result<Vec<Holding>, BrokerReadError> {
        pending().await
    }

    async fn funds(&self) -> Result<BrokerFunds, BrokerReadError> {
        pending().await
    }
}

fn order() -> NewOrder {
    let price = sample::price("99");
    NewOrder {
        kind: OrderKind::Limit { price },
        ..NewOrder::market(traded(Exchange::Nse), Side::Buy, sample::units(1))
    }
}

/// The time that something may take which is said to take a few seconds.
const FEW_SECONDS: Duration = Duration::from_secs(5);

/// The pause before the first look.
const PAUSE: Duration = Duration::from_millis(200);

/// Whoever asked is told after a few seconds that the answer was lost, whatever the book does.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_for_a_few_seconds_and_no_longer() {
    let broker = Arc::new(Hung::default());
    let place = Place::new(vec![broker.session()]).await;
    let engine = place.start().await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    let open = orders.place(owner, order()).await.unwrap().order;
    broker.loses.store(true, Ordering::SeqCst);

    let begun = Instant::now();
    let lost = orders.place(owner, order()).await.unwrap().order;
    assert!(matches!(lost.state, OrderState::Unconfirmed { .. }));
    assert_eq!(begun.elapsed(), PAUSE + FEW_SECONDS);

    let begun = Instant::now();
    let dearer = Modification {
        price: Some(sample::price("99.5")),
        ..Modification::default()
    };
    let id = open.public_id();
    orders.modify(owner, &id, dearer).await.unwrap_err();
    assert_eq!(begun.elapsed(), PAUSE + FEW_SECONDS);
    engine.stop().await;
}

/// Somebody else, who trades at a broker that answers nothing but orders.
async fn somebody_elses(place: &Place, engine: &Engine) -> User {
    let store = &place.store;
    let other = store.insert(&sample::new_user("other")).await.unwrap();
    let broker: BrokerName = "quick".parse().unwrap();
    let session = BrokerSession::new(broker.clone(), Arc::new(Slow));
    let brokers = engine.brokers();
    brokers.connect(other.id, session).await.unwrap();
    brokers.choose(other.id, Some(&broker)).await.unwrap();
    other
}

/// A limit on the loss of a day asks the broker before each entry.
#[tokio::test(start_paused = true)]
async fn a_broker_that_shows_no_positions_holds_up_its_own_entries_once() {
    let place = Place::new(vec![Arc::new(Hung::default()).session()]).await;
    let engine = place.start().await;
    let (orders, owner) = (engine.orders(), &place.owner);
    let other = somebody_elses(&place, &engine).await;
    for user in [owner, &other] {
        let loss = LimitName::DailyLoss.parse("100").unwrap();
        let risk = engine.risk();
        risk.change_limit(user.id, loss, by(user)).await.unwrap();
    }
    let begun = Instant::now();
    let held_up = join_all(EXCHANGES.map(|exchange| {
        let instrument = traded(exchange);
        let order = NewOrder {
            instrument,
            ..order()
        };
        orders.place(owner.id, order)
    }));
    let (held_up, others) = tokio::join!(held_up, async {
        let placed = orders.place(other.id, order()).await;
        (placed, begun.elapsed())
    });
    let (placed, took) = others;
    placed.unwrap();
    assert!(took < Duration::from_secs(1), "{took:?}");
    for refused in held_up {
        let refused = refused.unwrap_err();
        assert!(refused.to_string().contains("daily_loss"), "{refused}");
    }
    // Then each of them is looked at once more, since it might be an exit.
    assert_eq!(begun.elapsed(), FEW_SECONDS + Duration::from_secs(15));
    engine.stop().await;
}
