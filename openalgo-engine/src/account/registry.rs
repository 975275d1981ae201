//! Finds or starts the writer of an account; stops them all.

use super::actor::{Actor, Desk};
use super::paper_desk::{PaperDesk, PaperTools};
use super::wire_desk::{WireDesk, WireTools};
use super::{AccountError, AccountHandle};
use crate::brokers::Brokers;
use crate::event::EventBus;
use crate::guards::Guards;
use crate::ports::Ports;
use crate::reconciler::Reconciler;
use crate::service::SettingService;
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::paper::PaperAccountKey;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// Starts the desk of an account.
#[derive(Debug, Clone)]
pub(crate) struct Desks {
    ports: Arc<Ports>,
    settings: SettingService,
    events: EventBus,
    brokers: Brokers,
    guards: Guards,
    reconciler: Reconciler,
}

impl Desks {
    pub(crate) fn new(
        (ports, settings): (Arc<Ports>, SettingService),
        events: EventBus,
        (brokers, guards, reconciler): (Brokers, Guards, Reconciler),
    ) -> Self {
        Self {
            ports,
            settings,
            events,
            brokers,
            guards,
            reconciler,
        }
    }

    fn desk(&self, user: UserId, broker: &BrokerName) -> Desk {
        if *broker == self.ports.paper {
            let tools = PaperTools {
                exchange: Arc::clone(&self.ports.exchange),
                ledger: Arc::clone(&self.ports.ledger),
                settings: self.settings.clone(),
                hours: self.ports.market.hours.clone(),
                clock: Arc::clone(&self.ports.clock),
                ids: Arc::clone(&self.ports.ids),
            };
            let broker = broker.clone();
            return Desk::Paper(PaperDesk::new(PaperAccountKey { user, broker }, tools));
        }
        let tools = WireTools {
            brokers: self.brokers.clone(),
            orders: Arc::clone(&self.ports.orders),
            clock: Arc::clone(&self.ports.clock),
            governor: self.guards.governor.clone(),
            switches: self.guards.switches.clone(),
            reconciler: self.reconciler.clone(),
        };
        Desk::Wire(WireDesk::new((user, broker.clone()), tools))
    }
}

#[derive(Debug, Default)]
struct Running {
    accounts: BTreeMap<(UserId, BrokerName), AccountHandle>,
    tasks: JoinSet<()>,
    stopped: bool,
}

/// The accounts whose writers run.
#[derive(Debug)]
pub(crate) struct AccountRegistry {
    desks: Desks,
    running: Mutex<Running>,
}

impl AccountRegistry {
    pub(crate) fn new(desks: Desks) -> Self {
        Self {
            desks,
            running: Mutex::new(Running::default()),
        }
    }

    /// The writer of a user's account at a broker; it is started if it does not run.
    pub(crate) fn account(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Result<AccountHandle, AccountError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.stopped {
            return Err(AccountError::Stopped);
        }
        let key = (user, broker.clone());
        let known = running.accounts.get(&key);
        if let Some(handle) = known.filter(|handle| !handle.is_closed()) {
            return Ok(handle.clone());
        }
        let desk = self.desks.desk(user, broker);
        let (actor, handle) =
            Actor::new(desk, self.desks.events.clone(), self.desks.guards.clone());
        running.tasks.spawn(actor.run());
        running.accounts.insert(key, handle.clone());
        Ok(handle)
    }

    /// The writers that run of a user's accounts.
    pub(crate) fn of_user(&self, user: UserId) -> Vec<AccountHandle> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let accounts = running.accounts.iter();
        let of_user = accounts.filter(|((owner, _), _)| *owner == user);
        of_user.map(|(_, handle)| handle.clone()).collect()
    }

    /// Lets every writer finish what it has begun, and ends it.
    pub(crate) async fn stop(&self) {
        let mut tasks = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.stopped = true;
            running.accounts.clear();
            std::mem::take(&mut running.tasks)
        };
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(error = %error, "the writer of an account ended early");
            }
        }
    }
}
