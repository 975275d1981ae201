//! Cancelling orders.

use super::place::Way;
use super::{CancelOrderError, ChangeKind, NotOpenError, OrderService};
use crate::account::{AccountError, AccountHandle, CancelRequest};
use crate::laps::Laps;
use crate::orders_of_day::orders_of_day;
use futures_util::future::join_all;
use openalgo_core::id::{BrokerName, IntentId, UserId};
use openalgo_core::monitor::Operation;
use openalgo_core::order::Order;
use openalgo_core::port::StoreError;

/// What became of one of the orders that were to be cancelled.
#[derive(Debug)]
pub struct Cancelling {
    /// The id of the order.
    pub order_id: String,
    /// The order after it, or why it was not cancelled. A broker may have heard of it and not have
    /// done it yet.
    pub outcome: Result<Order, CancelOrderError>,
}

impl OrderService {
    /// Cancels an order by the id that people know it by. One that stands in line for its broker
    /// is journaled as cancelled and never sent.
    pub async fn cancel(&self, user: UserId, id: &str) -> Result<Order, CancelOrderError> {
        match self.cancel_stored(user, id).await {
            Err(CancelOrderError::NotOpen(NotOpenError::NotFound(_))) => {
                match self.withdraw(user, id).await? {
                    Some(order) => Ok(order),
                    // It may have had its turn meanwhile.
                    None => self.cancel_stored(user, id).await,
                }
            }
            outcome => outcome,
        }
    }

    /// Takes an order out of the line for a broker, if it stands in one.
    async fn withdraw(&self, user: UserId, id: &str) -> Result<Option<Order>, CancelOrderError> {
        let intent = id.strip_prefix("local:").map(str::parse::<IntentId>);
        let Some(Ok(intent)) = intent else {
            return Ok(None);
        };
        for account in self.intake.accounts.of_user(user) {
            match account.withdraw(intent).await {
                Ok(order) => return Ok(Some(order)),
                Err(AccountError::NotInLine) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    async fn cancel_stored(&self, user: UserId, id: &str) -> Result<Order, CancelOrderError> {
        let laps = Laps::start();
        let known = || async {
            let order = self.find(user, id).await?;
            order.ok_or_else(|| CancelOrderError::from(NotOpenError::NotFound(id.to_owned())))
        };
        // The order goes back the way it came, whatever the mode is now.
        let broker = known().await?.intent.broker;
        let account = self.intake.accounts.account(user, &broker)?;
        self.catch_up(&account, &broker).await?;
        let order = known().await?;
        let broker_order_id = NotOpenError::check(&order, ChangeKind::Cancel)?;
        let at = self.ports.clock.now();
        let request = CancelRequest {
            user,
            exchange: order.intent.order.instrument.exchange,
            broker_order_id,
            at,
            laps: laps.clone(),
        };
        let order = account.cancel(request).await?;
        self.measured(Operation::Cancel, &order, &laps);
        Ok(order)
    }

    /// Cancels every order of the account that orders go to now: those that wait for a trigger among
    /// them, and entries that stand in line for the broker, which are never sent then. What becomes
    /// of each is told by itself.
    pub async fn cancel_all(&self, user: UserId) -> Result<Vec<Cancelling>, CancelOrderError> {
        let way = self.way(user).await?;
        self.cancel_all_on(&way).await
    }

    /// Cancels every order of an account that is decided.
    pub(super) async fn cancel_all_on(
        &self,
        way: &Way,
    ) -> Result<Vec<Cancelling>, CancelOrderError> {
        let user = way.user;
        let broker = &way.route.broker;
        let account = self.intake.accounts.account(user, broker)?;
        // First what must not become an order at the broker meanwhile.
        let (mut told, mut orders) = self.cancel_in_line(&account).await?;
        let resting: Vec<String> = if *broker == self.ports.paper {
            self.catch_up(&account, broker).await?;
            let resting = account.resting().await?;
            resting.iter().map(ToString::to_string).collect()
        } else {
            self.unfinished(user, broker).await?
        };
        orders.retain(|order| !resting.contains(order));
        orders.extend(resting);
        let cancellings = orders.into_iter().map(async |order_id| Cancelling {
            outcome: self.cancel(user, &order_id).await,
            order_id,
        });
        told.extend(join_all(cancellings).await);
        Ok(told)
    }

    /// Cancels the entries that stand in line for a broker; gives what became of them, and those
    /// that have had their turn meanwhile.
    async fn cancel_in_line(
        &self,
        account: &AccountHandle,
    ) -> Result<(Vec<Cancelling>, Vec<String>), CancelOrderError> {
        let entries = account.in_line().await?.into_iter();
        let withdrawals = entries.map(async |intent| (intent, account.withdraw(intent).await));
        let (mut told, mut gone) = (Vec::new(), Vec::new());
        for (intent, outcome) in join_all(withdrawals).await {
            let order_id = intent.local_order_id();
            match outcome {
                Err(AccountError::NotInLine) => gone.push(order_id),
                outcome => told.push(Cancelling {
                    order_id,
                    outcome: outcome.map_err(CancelOrderError::from),
                }),
            }
        }
        Ok((told, gone))
    }

    /// Our orders of the day at a broker that are not over.
    async fn unfinished(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Result<Vec<String>, StoreError> {
        let orders = orders_of_day((&self.ports, &self.settings), (user, broker)).await?;
        let open = orders.iter().filter(|order| !order.status().is_final());
        // Brokers may give out the same ids.
        Ok(open.map(|order| order.intent.id.local_order_id()).collect())
    }
}
