//! What the parts of the running system share.

use super::StartError;
use crate::account::{AccountRegistry, CatchUpError, catch_up};
use crate::brokers::Brokers;
use crate::errands::Errands;
use crate::event::EventBus;
use crate::gtt::Tools as GttTools;
use crate::guards::Guards;
use crate::hub::MarketDataHub;
use crate::limits::Profits;
use crate::market::Market;
use crate::ports::Ports;
use crate::reconciler::Reconciler;
use crate::recorder::Records;
use crate::service::{OrderService, PaperFunds, SettingService};
use crate::standing::Standings;
use crate::waiting::WaitingRoom;
use openalgo_core::id::UserId;
use std::sync::Arc;

/// What the engine's services and own tasks are made of.
#[derive(Debug, Clone)]
pub(super) struct Core {
    pub(super) ports: Arc<Ports>,
    pub(super) market: Arc<Market>,
    pub(super) hub: MarketDataHub,
    pub(super) accounts: Arc<AccountRegistry>,
    pub(super) guards: Guards,
    pub(super) brokers: Brokers,
    pub(super) reconciler: Reconciler,
    pub(super) records: Records,
    pub(super) room: WaitingRoom,
    pub(super) errands: Errands,
}

impl Core {
    /// What the watch of orders that wait for a price works with.
    pub(super) fn gtt_tools(&self, orders: &OrderService, events: &EventBus) -> GttTools {
        GttTools {
            ports: Arc::clone(&self.ports),
            market: Arc::clone(&self.market),
            accounts: Arc::clone(&self.accounts),
            hub: self.hub.clone(),
            orders: orders.clone(),
            events: events.clone(),
        }
    }

    /// What tells the money of paper accounts.
    pub(super) fn paper_funds(&self, settings: &SettingService) -> PaperFunds {
        let held = (Arc::clone(&self.ports), settings.clone());
        PaperFunds::new(held, Arc::clone(&self.market), Arc::clone(&self.accounts))
    }

    /// What tells what is held, and what a day has come to.
    pub(super) fn accountants(&self, settings: &SettingService) -> (Standings, Profits) {
        let (ports, market) = (&self.ports, &self.market);
        let standings = Standings::new(
            (Arc::clone(ports), settings.clone()),
            Arc::clone(market),
            Arc::clone(&self.accounts),
            (self.brokers.clone(), self.reconciler.clone()),
        );
        let profits = Profits::new(
            (Arc::clone(ports), settings.clone()),
            Arc::clone(market),
            (Arc::clone(&self.accounts), self.brokers.clone()),
            self.guards.days.clone(),
        );
        (standings, profits)
    }

    /// Brings the resting paper orders of every user up to the present. An account that fails
    /// does not keep the others from it; the first failure is reported.
    pub(super) async fn catch_up(&self) -> Result<(), StartError> {
        let mut outcome = Ok(());
        for user in self.ports.users.list().await? {
            if let Err(error) = self.catch_up_of(user.id).await {
                tracing::warn!(user = %user.id, %error, "an account was not brought up to date");
                outcome = outcome.and(Err(error.into()));
            }
        }
        outcome
    }

    /// The same for one user.
    pub(super) async fn catch_up_of(&self, user: UserId) -> Result<(), CatchUpError> {
        let account = self.accounts.account(user, &self.ports.paper)?;
        catch_up(&account, &self.market, self.ports.clock.now()).await
    }
}
