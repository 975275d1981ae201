//! An engine that stops while an order is being let go.

use super::{Place, by, give_key, order, waiting};
use async_trait::async_trait;
use openalgo::core::market::{InstrumentKey, Quote};
use openalgo::core::order::{Order, OrderStatus, Side};
use openalgo::core::port::{
    MarketError, MarketSource, OrderRepository, PendingOrderRepository, QuoteSource,
};
use openalgo::core::strategy::{ApprovalStatus, PendingOrder};
use openalgo::engine::service::ApproveError;
use openalgo::engine::{EngineConfig, Ports};
use openalgo_core::testing::sample;
use std::sync::Arc;
use std::time::Duration;

/// Prices that come late.
#[derive(Debug)]
struct Late(Arc<dyn QuoteSource>);

#[async_trait]
impl QuoteSource for Late {
    async fn quote(&self, key: &InstrumentKey) -> Result<Quote, MarketError> {
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.0.quote(key).await
    }
}

async fn stored(place: &Place, pending: &PendingOrder) -> (PendingOrder, Vec<Order>) {
    let store = &*place.store;
    let pending = PendingOrderRepository::get(store, pending.id).await;
    let orders = OrderRepository::list(store, &sample::all_of(place.owner.id)).await;
    (pending.unwrap(), orders.unwrap())
}

/// Whoever has approved it is gone by then. Nothing of it goes on after the end.
#[tokio::test(start_paused = true)]
async fn what_was_begun_comes_to_its_end() {
    let place = Place::new(Vec::new()).await;
    let owner = &place.owner;
    give_key(&place, owner.id).await;
    let ports = place.ports();
    let quotes = Arc::new(Late(Arc::clone(&ports.market.quotes)));
    let market = MarketSource {
        quotes,
        ..ports.market.clone()
    };
    let ports = Ports { market, ..ports };
    let engine = place.start_on(ports, EngineConfig::default()).await;
    let asked = engine.keyed_orders().place(owner.id, order(Side::Buy, 1));
    let pending = waiting(asked.await.unwrap()).pending;
    let approvals = engine.approvals();
    let approve = approvals.approve(owner.id, pending.id, by(owner));
    let left = tokio::time::timeout(Duration::from_millis(10), approve).await;
    assert!(left.is_err());
    engine.stop().await;

    let at_the_end = stored(&place, &pending).await;
    assert_eq!(at_the_end.0.approval.status(), ApprovalStatus::Approved);
    let statuses: Vec<_> = at_the_end.1.iter().map(Order::status).collect();
    assert_eq!(statuses, [OrderStatus::Complete]);
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(stored(&place, &pending).await, at_the_end);
    let again = approvals.approve(owner.id, pending.id, by(owner)).await;
    assert!(matches!(again, Err(ApproveError::Stopped)));
}
