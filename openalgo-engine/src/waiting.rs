//! Orders that wait for a person: they are kept, found again by their sender's id, and lapse.

use crate::claims::Claims;
use crate::errands::Errands;
use crate::event::{Event, EventBus};
use crate::ports::Ports;
use crate::schedule::sleep;
use crate::service::{PlaceGttError, PlaceOrderError, SettingService};
use openalgo_core::account::SettingKey;
use openalgo_core::id::{ClientOrderId, UserId};
use openalgo_core::market::{SessionBoundary, Timestamp};
use openalgo_core::monitor::REMEMBERED;
use openalgo_core::order::RequestKey;
use openalgo_core::port::StoreError;
use openalgo_core::strategy::{ApprovalExpiry, ApprovalStatus, NewPendingOrder, PendingOrder};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// When marking orders that have lapsed is tried again after the store has failed.
const AGAIN: Duration = Duration::from_mins(1);

/// How many orders of a user may wait at once; more are none that a person decides on.
const MOST: usize = 1_000;

/// Where orders wait.
#[derive(Debug, Clone)]
pub(crate) struct WaitingRoom {
    ports: Arc<Ports>,
    settings: SettingService,
    events: EventBus,
    /// Told when there are more orders than before.
    grown: Arc<Notify>,
    /// Users whose orders are being let in: none of two at once may be one too many.
    entering: Claims<UserId>,
    /// Where what must be carried through is.
    errands: Errands,
}

/// Why orders were not let in.
#[derive(Debug)]
pub(crate) enum EnterError {
    /// Too many of the user's wait.
    Full,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for EnterError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<EnterError> for PlaceOrderError {
    fn from(error: EnterError) -> Self {
        match error {
            EnterError::Full => Self::TooManyWait { most: MOST },
            EnterError::Store(error) => Self::Store(error),
        }
    }
}

impl From<EnterError> for PlaceGttError {
    fn from(error: EnterError) -> Self {
        match error {
            EnterError::Full => Self::TooManyWait { most: MOST },
            EnterError::Store(error) => Self::Store(error),
        }
    }
}

impl WaitingRoom {
    pub(crate) fn new(
        ports: &Arc<Ports>,
        settings: SettingService,
        (events, errands): (EventBus, Errands),
    ) -> Self {
        Self {
            ports: Arc::clone(ports),
            settings,
            events,
            grown: Arc::default(),
            entering: Claims::default(),
            errands,
        }
    }

    /// Where what must be carried through is, even if whoever asked for it goes away.
    pub(crate) fn errands(&self) -> &Errands {
        &self.errands
    }

    /// When an order lapses that is asked for now.
    pub(crate) fn lapses_at(&self) -> Result<Timestamp, StoreError> {
        let expiry: ApprovalExpiry = self.settings.parsed(SettingKey::ApprovalExpiry)?;
        let boundary: SessionBoundary = self.settings.parsed(SettingKey::SessionExpiryTime)?;
        Ok(expiry.lapses_at(self.ports.clock.now(), boundary))
    }

    /// Lets orders of a user in that were asked for at once: all of them or none.
    pub(crate) async fn enter(
        &self,
        orders: &[NewPendingOrder],
    ) -> Result<Vec<PendingOrder>, EnterError> {
        let Some(user) = orders.first().map(|order| order.user) else {
            return Ok(Vec::new());
        };
        let _turn = self.entering.claim(user).await;
        let waiting = &self.ports.pending_orders;
        let waiting = waiting.count(user, ApprovalStatus::Pending).await?;
        let waiting = usize::try_from(waiting).unwrap_or(usize::MAX);
        if waiting.saturating_add(orders.len()) > MOST {
            return Err(EnterError::Full);
        }
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

    /// The orders that a request was for, if that is still remembered.
    pub(crate) async fn find_request(
        &self,
        key: &RequestKey,
    ) -> Result<Vec<PendingOrder>, StoreError> {
        let since = self.ports.clock.now().plus(-REMEMBERED);
        self.ports.pending_orders.find_by_request(key, since).await
    }

    /// Tells that somebody has decided.
    pub(crate) fn decided(&self, order: PendingOrder) {
        let order = Box::new(order);
        self.events.publish(Event::PendingOrderDecided(order));
    }

    /// Marks what has lapsed before somebody looks. Where that fails, it keeps nobody from what
    /// else there is: an order that has lapsed is refused whether it is marked or not.
    pub(crate) async fn tidy(&self) {
        if let Err(error) = self.expire().await {
            warn(&error);
        }
    }

    /// Marks what has lapsed. Nothing is written where nothing has.
    pub(crate) async fn expire(&self) -> Result<Option<Timestamp>, StoreError> {
        let orders = &self.ports.pending_orders;
        let now = self.ports.clock.now();
        let next = orders.next_expiry().await?;
        if next.is_none_or(|at| at > now) {
            return Ok(next);
        }
        for order in readable(orders.expire(now).await?) {
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
                    warn(&error);
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

/// Those of some orders that can be read. What is wrong with the others is in the log, and found by
/// `db check`.
pub(crate) fn readable(
    read: Vec<Result<PendingOrder, StoreError>>,
) -> impl Iterator<Item = PendingOrder> {
    read.into_iter().filter_map(|read| match read {
        Ok(order) => Some(order),
        Err(error) => {
            let cause = for_log(&error);
            tracing::warn!(cause, "an order that waits, or did, cannot be read");
            None
        }
    })
}

fn warn(error: &StoreError) {
    let cause = for_log(error);
    tracing::warn!(cause, "orders that have lapsed were not marked");
}

/// What went wrong. What is said of a damaged cell quotes it, and it may hold a symbol, which no
/// log does.
fn for_log(error: &StoreError) -> String {
    if let StoreError::Corrupt {
        table, column, row, ..
    } = error
    {
        return format!("{table}.{column} of row {row} is damaged");
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_damaged_cell_holds_is_not_logged() {
        let error = StoreError::Corrupt {
            table: "pending_orders",
            column: "symbol",
            row: 7,
            reason: "'CANARY' is no symbol".into(),
        };
        assert_eq!(for_log(&error), "pending_orders.symbol of row 7 is damaged");
        let error = StoreError::Closed;
        assert_eq!(for_log(&error), error.to_string());
    }
}
