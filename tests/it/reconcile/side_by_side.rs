//! Books of several accounts are read side by side.

use crate::in_memory::{Place, traded};
use crate::wire::Slow;
use async_trait::async_trait;
use openalgo::core::market::Exchange;
use openalgo::core::order::{NewOrder, OrderKind, Side};
use openalgo::core::port::{BrokerReadError, BrokerSession, OrderBook, OrderBookReader};
use openalgo::engine::{Engine, ReconcileError};
use openalgo_core::testing::sample;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A book that is shown at once, or never.
#[derive(Debug, Default)]
struct Book {
    never: bool,
    asked: AtomicU32,
}

#[async_trait]
impl OrderBookReader for Book {
    async fn orders(&self) -> Result<OrderBook, BrokerReadError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.never {
            std::future::pending::<()>().await;
        }
        Ok(OrderBook {
            orders: Vec::new(),
            complete: false,
        })
    }

    fn carries_tags(&self) -> bool {
        true
    }
}

fn session(broker: &str, book: &Arc<Book>) -> BrokerSession {
    BrokerSession {
        order_book: Some(Arc::clone(book) as _),
        ..BrokerSession::new(broker.parse().unwrap(), Arc::new(Slow))
    }
}

/// An order that rests at a broker.
async fn rest(engine: &Engine, place: &Place, broker: &str) -> String {
    let brokers = engine.brokers();
    let broker = broker.parse().unwrap();
    let chosen = brokers.choose(place.owner.id, Some(&broker)).await;
    chosen.unwrap();
    let price = sample::price("99");
    let order = NewOrder {
        kind: OrderKind::Limit { price },
        ..NewOrder::market(traded(Exchange::Nse), Side::Buy, sample::units(1))
    };
    let placed = engine.orders().place(place.owner.id, order).await;
    placed.unwrap().order.public_id()
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_does_not_answer_holds_up_no_other() {
    let stalled = Arc::new(Book {
        never: true,
        ..Book::default()
    });
    let quick = Arc::<Book>::default();
    let sessions = vec![session("stalled", &stalled), session("quick", &quick)];
    let place = Place::new(sessions).await;
    let engine = place.start().await;
    rest(&engine, &place, "stalled").await;
    let id = rest(&engine, &place, "quick").await;
    let begun = Instant::now();
    let (all, (found, took)) = tokio::join!(engine.reconcile(), async {
        let found = engine.orders().status(place.owner.id, &id).await;
        (found.unwrap(), begun.elapsed())
    });
    assert_eq!(found.unwrap().public_id(), id);
    assert!(took < Duration::from_secs(1), "{took:?}");
    let late = all.unwrap_err();
    assert!(matches!(&late, ReconcileError::Late(broker) if broker.as_str() == "stalled"));
    // Whoever asks while a book is being read means what it says from then on.
    let asked = [&stalled, &quick].map(|book| book.asked.load(Ordering::SeqCst));
    assert_eq!(asked, [1, 2]);
    engine.stop().await;
}

/// What is being read when the engine stops comes to its end, and nothing is read after it.
#[tokio::test(start_paused = true)]
async fn nothing_is_read_after_the_end() {
    let quick = Arc::<Book>::default();
    let place = Place::new(vec![session("quick", &quick)]).await;
    let engine = place.start().await;
    rest(&engine, &place, "quick").await;
    let (passed, ()) = tokio::join!(engine.reconcile(), engine.stop());
    assert!(matches!(passed, Ok(()) | Err(ReconcileError::Stopped)));
    let asked = quick.asked.load(Ordering::SeqCst);
    assert!(matches!(
        engine.reconcile().await,
        Err(ReconcileError::Stopped)
    ));
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(quick.asked.load(Ordering::SeqCst), asked);
}

/// Whoever logs in at one broker need not wait for the books of others.
#[tokio::test(start_paused = true)]
async fn a_login_waits_for_no_other_broker() {
    let stalled = Arc::new(Book {
        never: true,
        ..Book::default()
    });
    let quick = Arc::<Book>::default();
    let place = Place::new(vec![session("stalled", &stalled)]).await;
    let engine = place.start().await;
    rest(&engine, &place, "stalled").await;
    let begun = Instant::now();
    let session = session("quick", &quick);
    let connected = engine.brokers().connect(place.owner.id, session).await;
    assert!(connected.unwrap().is_live());
    assert_eq!(begun.elapsed(), Duration::ZERO);
    engine.stop().await;
}
