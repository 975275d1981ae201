//! What is reserved on paper for orders that wait for a price.
//!
//! An account keeps its reservations itself. One is made before what it is for is stored, and given
//! back after that is over; whatever ends the process in between, what is reserved for nothing is
//! given back when those that wait are read.

use super::Tools;
use crate::account::{AccountError, AccountRegistry};
use crate::market::{LookupError, Market};
use crate::ports::Ports;
use crate::service::{ChangeGttError, PlaceGttError};
use openalgo_core::id::{TriggerId, UserId};
use openalgo_core::order::{Gtt, TradingMode};
use openalgo_core::paper::GttOrders;
use openalgo_core::port::StoreError;
use openalgo_core::value::Money;
use std::collections::BTreeSet;
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
        let account = self.accounts.account(gtt.user, &self.ports.paper)?;
        let instrument = self.market.instrument(&gtt.instrument).await?;
        account.reserve(GttOrders::of(gtt, at), instrument).await?;
        let reserved = account.outlook(at).await?.reservations;
        let own = reserved.into_iter().find(|it| it.gtt == gtt.trigger_id);
        gtt.margin = own.map_or(Money::ZERO, |own| own.margin);
        Ok(())
    }

    /// Gives back what is reserved for one that waits no more.
    pub(super) async fn release(&self, gtt: &Gtt) -> Result<(), AccountError> {
        if gtt.mode != TradingMode::Paper {
            return Ok(());
        }
        self.release_one(gtt.user, gtt.trigger_id.clone()).await
    }

    async fn release_one(&self, user: UserId, gtt: TriggerId) -> Result<(), AccountError> {
        let account = self.accounts.account(user, &self.ports.paper)?;
        account.release(gtt, self.ports.clock.now()).await
    }

    /// Gives back what is reserved for anything but these.
    pub(super) async fn release_others<'a>(
        &self,
        active: impl Iterator<Item = &'a Gtt>,
    ) -> Result<(), StoreError> {
        let on_paper = active.filter(|gtt| gtt.mode == TradingMode::Paper);
        let kept: BTreeSet<_> = on_paper
            .map(|gtt| (gtt.user, gtt.trigger_id.clone()))
            .collect();
        for user in self.ports.users.list().await? {
            // A damaged account must not keep the others from being watched.
            if let Err(error) = self.release_all_but(user.id, &kept).await {
                tracing::warn!(user = %user.id, %error, "reservations were not looked through");
            }
        }
        Ok(())
    }

    async fn release_all_but(
        &self,
        user: UserId,
        kept: &BTreeSet<(UserId, TriggerId)>,
    ) -> Result<(), AccountError> {
        let account = self.accounts.account(user, &self.ports.paper)?;
        let outlook = account.outlook(self.ports.clock.now()).await?;
        for reservation in outlook.reservations {
            if !kept.contains(&(user, reservation.gtt.clone())) {
                self.release_one(user, reservation.gtt).await?;
            }
        }
        Ok(())
    }
}
