//! Brokers: logging in and out, and which of them a user's live orders go to.

use crate::brokers::Brokers;
use crate::ports::Ports;
use crate::reconciler::Reconciler;
use openalgo_core::account::SessionState;
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::port::{BrokerSession, StoreError};
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::watch;

/// Why a login at a broker was not taken over.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectBrokerError {
    /// Real orders would go by a time that is not the true one.
    #[error(
        "no broker can be logged in to while the clock is set to another time than the true one"
    )]
    StagedClock,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a broker was not chosen.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChooseBrokerError {
    /// Orders cannot go to a broker that this program is not connected to.
    #[error(
        "the broker '{broker}' is not connected; these are: {}",
        names(connected)
    )]
    NotConnected {
        /// The broker that was named.
        broker: BrokerName,
        /// Those that are connected.
        connected: Vec<BrokerName>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Knows the sessions of users at brokers.
#[derive(Debug, Clone)]
pub struct BrokerService {
    ports: Arc<Ports>,
    brokers: Brokers,
    reconciler: Reconciler,
}

impl BrokerService {
    pub(crate) fn new(ports: Arc<Ports>, brokers: Brokers, reconciler: Reconciler) -> Self {
        Self {
            ports,
            brokers,
            reconciler,
        }
    }

    /// Takes over the session of a user who has logged in at a broker, until the daily boundary.
    /// What the broker knows of our orders is read at once, as far as it can be. Where live orders
    /// go does not change.
    pub async fn connect(
        &self,
        user: UserId,
        session: BrokerSession,
    ) -> Result<SessionState, ConnectBrokerError> {
        if self.ports.clock.is_staged() {
            return Err(ConnectBrokerError::StagedClock);
        }
        self.ports.users.get(user).await?;
        let login = (user, session.broker.clone());
        let state = self.brokers.connect(user, session)?;
        // What a pass could not tell, it has said in the log.
        drop(self.reconciler.pass_at(&login).await);
        Ok(state)
    }

    /// Ends the session of a user at a broker, and says whether it was alive. Orders stay there.
    pub fn disconnect(&self, user: UserId, broker: &BrokerName) -> bool {
        let login = (user, broker.clone());
        self.brokers.log_out(&login)
    }

    /// The one broker that takes no real money.
    pub fn paper(&self) -> &BrokerName {
        &self.ports.paper
    }

    /// The brokers that a user's orders can go to now: the paper broker, and those at which the
    /// user is logged in.
    pub fn known(&self, user: UserId) -> Vec<BrokerName> {
        let states = self.brokers.states(user).into_iter();
        let live = states.filter(|(_, state)| state.is_live());
        let live = live.map(|(broker, _)| broker);
        std::iter::once(self.ports.paper.clone())
            .chain(live)
            .collect()
    }

    /// Where a user stands at each broker that the user logged in at since the program was
    /// started.
    pub fn states(&self, user: UserId) -> Vec<(BrokerName, SessionState)> {
        self.brokers.states(user)
    }

    /// Follows one session until it is over; after a login there is another.
    pub fn watch(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Option<watch::Receiver<SessionState>> {
        self.brokers.watch(&(user, broker.clone()))
    }

    /// Chooses the broker that a user's live orders go to: the paper broker, or one at which the
    /// user is logged in. Without one they are refused.
    pub async fn choose(
        &self,
        user: UserId,
        broker: Option<&BrokerName>,
    ) -> Result<(), ChooseBrokerError> {
        let connected = self.known(user);
        if let Some(broker) = broker.filter(|broker| !connected.contains(broker)) {
            let broker = broker.clone();
            return Err(ChooseBrokerError::NotConnected { broker, connected });
        }
        Ok(self.ports.users.set_order_broker(user, broker).await?)
    }
}

fn names(brokers: &[BrokerName]) -> String {
    let names: Vec<_> = brokers.iter().map(BrokerName::as_str).collect();
    names.join(", ")
}
