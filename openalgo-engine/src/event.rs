//! What happened, for whoever wants to know.
//!
//! Side effects subscribe here; the order path calls none of them. The bus is bounded: a
//! subscriber that does not keep up misses events and is told how many.

use openalgo_core::account::SessionState;
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::order::{Gtt, Order};
use openalgo_core::strategy::PendingOrder;
use tokio::sync::broadcast;

/// Events kept for a subscriber that has not read them yet.
const BACKLOG: usize = 1_024;

/// Something that is true from now on; what is stored of it is on disk.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// An order is new or changed.
    OrderChanged(Box<Order>),
    /// An order that waits for a price is new or changed.
    GttChanged(Box<Gtt>),
    /// An order waits for a person.
    PendingOrderQueued(Box<PendingOrder>),
    /// An order that waited was let go, was refused, or has lapsed.
    PendingOrderDecided(Box<PendingOrder>),
    /// A user stands otherwise at a broker.
    SessionChanged {
        /// Who.
        user: UserId,
        /// Where.
        broker: BrokerName,
        /// How.
        state: SessionState,
    },
}

/// Tells subscribers what happened.
#[derive(Debug, Clone)]
pub(crate) struct EventBus(broadcast::Sender<Event>);

impl EventBus {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }

    pub(crate) fn publish(&self, event: Event) {
        // That nobody listens is no failure.
        drop(self.0.send(event));
    }

    pub(crate) fn subscribe(&self) -> EventStream {
        EventStream(self.0.subscribe())
    }
}

/// The events from the moment of the subscription on.
#[derive(Debug)]
pub struct EventStream(broadcast::Receiver<Event>);

/// What a subscriber gets next.
#[derive(Debug, Clone)]
pub enum Next {
    /// An event.
    Event(Event),
    /// The subscriber was too slow; this many events are lost to it.
    Missed(u64),
    /// The engine has stopped.
    End,
}

impl EventStream {
    /// The next event, if there is one.
    pub fn try_next(&mut self) -> Option<Next> {
        match self.0.try_recv() {
            Ok(event) => Some(Next::Event(event)),
            Err(broadcast::error::TryRecvError::Empty) => None,
            Err(broadcast::error::TryRecvError::Lagged(missed)) => Some(Next::Missed(missed)),
            Err(broadcast::error::TryRecvError::Closed) => Some(Next::End),
        }
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> Next {
        match self.0.recv().await {
            Ok(event) => Next::Event(event),
            Err(broadcast::error::RecvError::Lagged(missed)) => Next::Missed(missed),
            Err(broadcast::error::RecvError::Closed) => Next::End,
        }
    }
}
