//! Orders that wait for a person: they are kept, found again by their sender's id, and lapse.

use crate::event::{Event, EventBus};
use crate::ports::Ports;
use crate::service::SettingService;
use openalgo_core::account::SettingKey;
use openalgo_core::id::{ClientOrderId, UserId};
use openalgo_core::market::{SessionBoundary, Timestamp};
use openalgo_core::monitor::REMEMBERED;
use openalgo_core::port::StoreError;
use openalgo_core::strategy::{ApprovalExpiry, NewPendingOrder, PendingOrder};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// When marking orders that have lapsed is tried again after the store has failed.
const AGAIN: Duration = Duration::from_mins(1);

/// Where orders wait.
#[derive(Debug, Clone)]
pub(crate) struct WaitingRoom {
    ports: Arc<Ports>,
    settings: SettingService,
    events: EventBus,
    /// Told when there are more orders than before.
    grown: Arc<Notify>,
}

impl WaitingRoom {
    pub(crate) fn new(ports: &Arc<Ports>, settings: SettingService, events: EventBus) -> Self {
        Self {
            ports: Arc::clone(ports),
            settings,
            events,
            grown: Arc::default(),
        }
    }

    /// When an order lapses that is asked for now.
    pub(crate) fn lapses_at(&self) -> Result<Timestamp, StoreError> {
        let expiry: ApprovalExpiry = self.settings.parsed(SettingKey::ApprovalExpiry)?;
        let boundary: SessionBoundary = self.settings.parsed(SettingKey::SessionExpiryTime)?;
        Ok(expiry.lapses_at(self.ports.clock.now(), boundary))
    }

    /// Lets orders in that were asked for at once: all of them or none.
    pub(crate) async fn enter(
        &self,
        orders: &[NewPendingOrder],
    ) -> Result<Vec<PendingOrder>, StoreError> {
        let queued = self.ports.pending_orders.insert(orders).await?;
        for order in &queued {
            let order = Box::new(order.clone());
            self.events.publish(Event::PendingOrderQueued(order));
        }
        self.grown.notify_one();
        Ok(queued)
    }

    /// The order that a user asked for with this id, if that is still remembered.
    pub(crate) async fn find(
        &self,
        user: UserId,
        id: &ClientOrderId,
    ) -> Result<Option<PendingOrder>, StoreError> {
        let since = self.ports.clock.now().plus(-REMEMBERED);
        let orders = &self.ports.pending_orders;
        orders.find_by_client_id(user, id, since).await
    }

    /// Tells that somebody has decided.
    pub(crate) fn decided(&self, order: PendingOrder) {
        let order = Box::new(order);
        self.events.publish(Event::PendingOrderDecided(order));
    }

    /// Marks what has lapsed. Nothing is written where nothing has.
    pub(crate) async fn expire(&self) -> Result<Option<Timestamp>, StoreError> {
        let orders = &self.ports.pending_orders;
        let now = self.ports.clock.now();
        let next = orders.next_expiry().await?;
        if next.is_none_or(|at| at > now) {
            return Ok(next);
        }
        for order in orders.expire(now).await? {
            self.decided(order);
        }
        orders.next_expiry().await
    }

    /// Marks orders when they lapse, until it is told to stop. One is refused from then on
    /// whether it is marked or not.
    pub(crate) async fn keep_time(self, mut stopped: watch::Receiver<bool>) {
        loop {
            let next = match self.expire().await {
                Ok(next) => next.map(|at| {
                    let span = at.since(self.ports.clock.now());
                    span.to_std().unwrap_or_default()
                }),
                Err(error) => {
                    tracing::warn!(%error, "orders that have lapsed were not marked");
                    Some(AGAIN)
                }
            };
            tokio::select! {
                biased;
                _ = stopped.changed() => return,
                () = self.grown.notified() => {}
                () = sleep(next) => {}
            }
        }
    }
}

/// Waits for so long; for ever where nothing is waited for.
async fn sleep(span: Option<Duration>) {
    match span {
        Some(span) => tokio::time::sleep(span).await,
        None => std::future::pending().await,
    }
}
