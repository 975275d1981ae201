//! Orders: place, cancel, list.
//!
//! | file | what is in it |
//! |---|---|
//! | `place` | placing an order |
//! | `cancel` | cancelling an order |
//! | `error` | why an order was not placed, or not cancelled |

mod cancel;
mod error;
mod place;

pub use error::{CancelOrderError, PlaceOrderError};
pub use place::Placed;

use super::SettingService;
use crate::account::{AccountHandle, AccountRegistry, CatchUpError, catch_up};
use crate::claims::Claims;
use crate::kill_switch::KillSwitches;
use crate::market::Market;
use crate::ports::Ports;
use crate::route::Router;
use openalgo_core::id::{BrokerName, OrderId, UserId};
use openalgo_core::order::{Order, OrderEvent, Trade};
use openalgo_core::port::{OrderQuery, StoreError};
use std::sync::Arc;

/// Where orders are taken, and what can stop them from being taken.
#[derive(Debug, Clone)]
pub(crate) struct Intake {
    pub(crate) accounts: Arc<AccountRegistry>,
    pub(crate) switches: KillSwitches,
}

/// Places, cancels and lists orders.
#[derive(Debug, Clone)]
pub struct OrderService {
    ports: Arc<Ports>,
    settings: SettingService,
    market: Arc<Market>,
    intake: Intake,
    router: Router,
    claims: Claims,
}

impl OrderService {
    pub(crate) fn new(
        ports: Arc<Ports>,
        settings: SettingService,
        market: Arc<Market>,
        intake: Intake,
    ) -> Self {
        let router = Router::new(settings.clone(), ports.paper.clone());
        Self {
            ports,
            settings,
            market,
            intake,
            router,
            claims: Claims::default(),
        }
    }

    /// Lets the resting orders of a paper account meet the prices that were before a command,
    /// so that the command does not overtake them.
    async fn catch_up(
        &self,
        account: &AccountHandle,
        broker: &BrokerName,
    ) -> Result<(), CatchUpError> {
        if *broker == self.ports.paper && self.market.path().is_some() {
            catch_up(account, &self.market, self.ports.clock.now()).await?;
        }
        Ok(())
    }

    /// The order that people know by this id.
    pub async fn find(&self, user: UserId, id: &str) -> Result<Option<Order>, StoreError> {
        self.ports.orders.find(user, id).await
    }

    /// The journal of an order, the oldest entry first.
    pub async fn journal(&self, order: OrderId) -> Result<Vec<OrderEvent>, StoreError> {
        self.ports.orders.journal(order).await
    }

    /// The newest orders, from all days.
    pub async fn list(&self, user: UserId, limit: u32) -> Result<Vec<Order>, StoreError> {
        self.ports.orders.list(&Self::query(user, limit)).await
    }

    /// The newest executions, from all days.
    pub async fn trades(&self, user: UserId, limit: u32) -> Result<Vec<Trade>, StoreError> {
        self.ports.trades.list(&Self::query(user, limit)).await
    }

    fn query(user: UserId, limit: u32) -> OrderQuery {
        OrderQuery {
            user,
            broker: None,
            day: None,
            limit,
        }
    }
}
