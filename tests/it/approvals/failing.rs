//! A store or a market that fails while orders wait.

use super::crash::{Fails, Frail};
use super::{Desk, named, order};
use crate::in_memory::{Place, traded};
use crate::risk::by;
use crate::tapped::{Call, Tap, Tapped};
use async_trait::async_trait;
use openalgo::core::id::ClientOrderId;
use openalgo::core::market::{Exchange, InstrumentKey, Quote};
use openalgo::core::order::{NewOrder, Side};
use openalgo::core::port::{MarketError, QuoteSource, StoreError};
use openalgo::core::strategy::ApprovalStatus;
use openalgo::engine::service::{ApprovalError, ApproveError, Stage};
use openalgo::engine::{EngineConfig, Ports};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A store that takes intents and nothing that becomes of them, and cannot read orders of a
/// sender's id.
#[derive(Debug, Default)]
struct Forgetful {
    damaged: Option<ClientOrderId>,
}

impl Forgetful {
    fn of(self, place: &Place) -> Arc<Tapped<Self>> {
        Arc::new(Tapped {
            orders: Arc::clone(&place.store) as _,
            tap: self,
        })
    }
}

#[async_trait]
impl Tap for Forgetful {
    async fn before(&self, call: Call<'_>) -> Result<(), StoreError> {
        match call {
            Call::Append => Err(StoreError::Failed {
                operation: "store what became of the order",
                source: "the disk is full".into(),
            }),
            Call::FindByClientId(id) if self.damaged.as_ref() == Some(id) => {
                Err(StoreError::Corrupt {
                    table: "orders",
                    column: "symbol",
                    row: 1,
                    reason: "it is no symbol".into(),
                })
            }
            Call::Insert | Call::InsertCancelled | Call::UpdateStatus | Call::FindByClientId(_) => {
                Ok(())
            }
        }
    }
}

/// The same desk on ports of which something is replaced.
async fn on(desk: Desk, replace: impl FnOnce(&mut Ports, &Place)) -> Desk {
    desk.engine.stop().await;
    let mut ports = desk.place.ports();
    replace(&mut ports, &desk.place);
    let engine = desk.place.start_on(ports, EngineConfig::default()).await;
    Desk { engine, ..desk }
}

/// The broker has it: whoever reads that it was not placed would place it again.
#[tokio::test(start_paused = true)]
async fn an_order_whose_outcome_was_not_stored_is_not_called_unplaced() {
    let desk = Desk::new().await;
    let id = desk.queue(order(Side::Buy, 1)).await.id;
    let desk = Box::pin(on(desk, |ports, place| {
        ports.orders = Forgetful::default().of(place);
    }))
    .await;
    let error = desk.approve(id).await.unwrap_err();
    assert_eq!(desk.broker.count(), 1);
    let text = error.to_string();
    let ApproveError::OutcomeUnknown {
        id: told, order, ..
    } = error
    else {
        panic!("{error:?}");
    };
    let order = order.unwrap();
    assert_eq!(told, id);
    assert!(text.contains(&format!("(order {order})")), "{text}");
    let (_, stage) = desk.view(id).await;
    assert!(matches!(stage, Stage::Placed(it) if it.public_id() == order));
    let again = desk.refusal(id).await;
    assert!(again.contains(&order), "{again}");
    assert_eq!(desk.broker.count(), 1);
    desk.engine.stop().await;
}

/// What came of one that cannot be read keeps nobody from the others.
#[tokio::test(start_paused = true)]
async fn an_order_that_is_damaged_keeps_no_other_from_a_person() {
    let desk = Desk::new().await;
    let asked = named("damaged", order(Side::Buy, 1));
    let damaged = desk.queue(asked).await.id;
    desk.approve(damaged).await.unwrap();
    let other = desk.queue(order(Side::Buy, 1)).await.id;
    let desk = Box::pin(on(desk, |ports, place| {
        let damaged = Some("damaged".parse().unwrap());
        ports.orders = Forgetful { damaged }.of(place);
    }))
    .await;
    let (_, stage) = desk.view(damaged).await;
    assert!(matches!(stage, Stage::Unreadable), "{stage:?}");
    let (approvals, owner) = (desk.engine.approvals(), by(&desk.place.owner));
    let all = approvals.approve_all(desk.user(), owner).await.unwrap();
    let told: Vec<_> = all.iter().map(|it| (it.id, &it.outcome)).collect();
    let [(first, Err(ApproveError::Store(_))), (second, _)] = told[..] else {
        panic!("{told:?}");
    };
    assert_eq!([first, second], [damaged, other]);
    assert_eq!(desk.broker.count(), 2, "the other one has gone out");
    desk.engine.stop().await;
}

/// What nobody can be told of the time of some orders keeps no other from being decided on.
#[tokio::test(start_paused = true)]
async fn orders_are_decided_on_although_none_can_be_marked() {
    let desk = Desk::new().await;
    let desk = Box::pin(on(desk, |ports, place| {
        ports.pending_orders = Arc::new(Frail(Arc::clone(&place.store), Fails::Expiry));
    }))
    .await;
    let (one, other) = (
        desk.queue(order(Side::Buy, 1)).await.id,
        desk.queue(order(Side::Buy, 1)).await.id,
    );
    let lapsing = desk.queue(order(Side::Buy, 1)).await;
    desk.approve(one).await.unwrap();
    let (approvals, owner) = (desk.engine.approvals(), by(&desk.place.owner));
    let rejected = approvals.reject(desk.user(), other, (None, owner));
    rejected.await.unwrap();
    approvals.delete(desk.user(), one, owner).await.unwrap();
    assert_eq!(desk.status(other).await, ApprovalStatus::Rejected);

    // One whose time is over is refused all the same.
    let span = lapsing.asked.expires_at.unwrap();
    let span = span.since(desk.place.ports().clock.now());
    tokio::time::sleep(span.to_std().unwrap()).await;
    let refused = desk.approve(lapsing.id).await.unwrap_err();
    let decided = ApproveError::Approval(ApprovalError::Decided {
        id: lapsing.id,
        status: ApprovalStatus::Expired,
        came_of: None,
    });
    assert_eq!(refused.to_string(), decided.to_string());
    let all = approvals.approve_all(desk.user(), owner).await.unwrap();
    assert!(all.iter().all(|it| it.outcome.is_err()), "{all:?}");
    assert_eq!(desk.broker.count(), 1);
    desk.engine.stop().await;
}

/// A market that has stopped answering for one instrument, after its first words.
#[derive(Debug)]
struct Slow {
    real: Arc<dyn QuoteSource>,
    asked: AtomicU32,
}

#[async_trait]
impl QuoteSource for Slow {
    async fn quote(&self, key: &InstrumentKey) -> Result<Quote, MarketError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if *key == traded(Exchange::Bse) && self.asked.load(Ordering::SeqCst) > 3 {
            return std::future::pending().await;
        }
        self.real.quote(key).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_asks_once_per_instrument_and_waits_for_no_price_for_ever() {
    let desk = Desk::new().await;
    let real = desk.place.ports().market.quotes;
    let asked = AtomicU32::new(0);
    let market = Arc::new(Slow { real, asked });
    let quotes = Arc::clone(&market);
    let desk = Box::pin(on(desk, |ports, _| ports.market.quotes = quotes)).await;
    for id in ["one", "two"] {
        desk.queue(named(id, order(Side::Buy, 1))).await;
    }
    let bse = NewOrder {
        instrument: traded(Exchange::Bse),
        ..order(Side::Buy, 1)
    };
    desk.queue(bse).await;
    let before = market.asked.load(Ordering::SeqCst);
    assert_eq!(before, 3);
    let begin = Instant::now();
    let list = desk.engine.approvals().list(desk.user(), None);
    let listed = tokio::time::timeout(Duration::from_secs(10), list).await;
    let listed = listed.unwrap().unwrap();
    assert!(begin.elapsed() <= Duration::from_secs(3));
    let prices: Vec<_> = listed
        .iter()
        .map(|view| matches!(view.stage, Stage::Waits { last: Some(_) }))
        .collect();
    assert_eq!(prices, [false, true, true]);
    assert_eq!(market.asked.load(Ordering::SeqCst) - before, 2);
    desk.engine.stop().await;
}
