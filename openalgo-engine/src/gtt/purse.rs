//! What is reserved on paper for orders that wait for a price.
//!
//! An account keeps its reservations itself. One is made before what it is for is stored, and given
//! back after that is over; whatever ends the process in between, what is reserved for nothing is
//! given back when those that wait are read.

use super::Tools;
use crate::account::{AccountError, AccountHandle, AccountRegistry, keep_up};
use crate::market::{LookupError, Market};
use crate::ports::Ports;
use crate::service::{ChangeGttError, PlaceGttError};
use openalgo_core::id::{GttId, TriggerId, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::order::{Gtt, TradingMode};
use openalgo_core::paper::GttOrders;
use openalgo_core::port::StoreError;
use openalgo_core::value::Money;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why nothing is reserved.
#[derive(Debug)]
pub(super) enum ReserveError {
    Account(AccountError),
    Lookup(LookupError),
}

impl From<AccountError> for ReserveError {
    fn from(error: AccountError) -> Self {
        Self::Account(error)
    }
}

impl From<LookupError> for ReserveError {
    fn from(error: LookupError) -> Self {
        Self::Lookup(error)
    }
}

impl From<ReserveError> for PlaceGttError {
    fn from(error: ReserveError) -> Self {
        match error {
            ReserveError::Account(error) => error.into(),
            ReserveError::Lookup(error) => error.into(),
        }
    }
}

impl From<ReserveError> for ChangeGttError {
    fn from(error: ReserveError) -> Self {
        match error {
            ReserveError::Account(error) => error.into(),
            ReserveError::Lookup(error) => error.into(),
        }
    }
}

/// The reservations of paper accounts.
#[derive(Debug)]
pub(super) struct Purse {
    ports: Arc<Ports>,
    market: Arc<Market>,
    accounts: Arc<AccountRegistry>,
}

impl Purse {
    pub(super) fn new(tools: &Tools) -> Self {
        Self {
            ports: Arc::clone(&tools.ports),
            market: Arc::clone(&tools.market),
            accounts: Arc::clone(&tools.accounts),
        }
    }

    /// Reserves what one on paper may need, and notes how much that is.
    pub(super) async fn reserve(&self, gtt: &mut Gtt) -> Result<(), ReserveError> {
        if gtt.mode != TradingMode::Paper {
            return Ok(());
        }
        let at = self.ports.clock.now();
        let account = self.account(gtt.user, at).await?;
        let instrument = self.market.instrument(&gtt.instrument).await?;
        account.reserve(GttOrders::of(gtt, at), instrument).await?;
        gtt.margin = self.reserved(gtt).await?;
        Ok(())
    }

    /// Reserves again for one whose order was refused, which may have taken what was reserved along.
    /// Where the money is gone it waits without, and its next order is refused again.
    pub(super) async fn reserve_again(&self, gtt: &mut Gtt) {
        if self.reserve(gtt).await.is_err() {
            tracing::warn!(gtt = %gtt.id, "what waits for its next try could not reserve again");
            gtt.margin = self.reserved(gtt).await.unwrap_or(Money::ZERO);
        }
    }

    /// What is reserved for one on paper.
    async fn reserved(&self, gtt: &Gtt) -> Result<Money, AccountError> {
        let account = self.accounts.account(gtt.user, &self.ports.paper)?;
        let outlook = account.outlook(self.ports.clock.now()).await?;
        let mut reserved = outlook.reservations.into_iter();
        let own = reserved.find(|it| it.gtt == gtt.trigger_id);
        Ok(own.map_or(Money::ZERO, |own| own.margin))
    }

    /// Gives back what is reserved for one that waits no more.
    pub(super) async fn release(&self, gtt: &Gtt) -> Result<(), AccountError> {
        if gtt.mode != TradingMode::Paper {
            return Ok(());
        }
        self.release_one(gtt.user, gtt.trigger_id.clone()).await
    }

    async fn release_one(&self, user: UserId, gtt: TriggerId) -> Result<(), AccountError> {
        let at = self.ports.clock.now();
        self.account(user, at).await?.release(gtt, at).await
    }

    /// The account of a user, after what is due by an instant.
    async fn account(&self, user: UserId, at: Timestamp) -> Result<AccountHandle, AccountError> {
        let account = self.accounts.account(user, &self.ports.paper)?;
        if let Err(error) = keep_up(&account, &self.market, at).await {
            // What other things are worth is no reason to reserve nothing.
            tracing::warn!(%user, %error, "a paper account did not do what is due");
        }
        Ok(account)
    }

    /// Reserves what these need, where that is not so, and gives back what is reserved for anything
    /// else.
    pub(super) async fn settle(&self, active: &mut BTreeMap<GttId, Gtt>) -> Result<(), StoreError> {
        for user in self.ports.users.list().await? {
            let of_user = |gtt: &&mut Gtt| gtt.user == user.id && gtt.mode == TradingMode::Paper;
            let own = active.values_mut().filter(of_user).collect();
            // A damaged account must not keep the others from being watched.
            if self.settle_account(user.id, own).await.is_err() {
                tracing::warn!(user = %user.id, "reservations were not looked through to the end");
            }
        }
        Ok(())
    }

    async fn settle_account(
        &self,
        user: UserId,
        active: Vec<&mut Gtt>,
    ) -> Result<(), ReserveError> {
        let account = self.accounts.account(user, &self.ports.paper)?;
        let outlook = account.outlook(self.ports.clock.now()).await?;
        let reserved = outlook.reservations.into_iter();
        let mut reserved: BTreeMap<_, _> = reserved.map(|it| (it.gtt, it.margin)).collect();
        let mut differing = Vec::new();
        for gtt in active {
            let known = reserved.remove(&gtt.trigger_id);
            // A leg whose order is placed has given its reservation to that.
            let is_waiting = !gtt.legs.is_triggering();
            if is_waiting && known.unwrap_or(Money::ZERO) != gtt.margin {
                differing.push(gtt);
            }
        }
        for gtt in reserved.into_keys() {
            self.release_one(user, gtt).await?;
        }
        for gtt in differing {
            self.reserve(gtt).await?;
        }
        Ok(())
    }
}
