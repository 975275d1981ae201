//! Orders: place, cancel, list.

use super::SettingService;
use crate::account::{
    AccountError, AccountHandle, AccountRegistry, CancelRequest, CatchUpError, PlaceRequest,
    catch_up,
};
use crate::claims::{Claim, Claims};
use crate::kill_switch::{HaltedError, KillSwitches};
use crate::market::{LookupError, Market};
use crate::ports::Ports;
use crate::route::{RouteError, Router};
use openalgo_core::id::{BrokerName, ClientOrderId, OrderId, UserId};
use openalgo_core::monitor::REMEMBERED;
use openalgo_core::order::{NewOrder, Order, OrderEvent, OrderIntent, OrderStatus, Trade};
use openalgo_core::port::{CryptoError, OrderQuery, StoreError};
use openalgo_core::rule::order_check::{OrderRefusal, check_order};
use std::sync::Arc;
use thiserror::Error;

/// An order that was placed, or that had been placed before.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The order as it stands.
    pub order: Order,
    /// Whether this is the answer to an earlier request with the same client order id.
    pub replayed: bool,
}

/// Why no order was placed. Nothing was stored, save where a variant says otherwise.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlaceOrderError {
    /// The instrument does not exist or has no price.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// All trading of the user is stopped.
    #[error(transparent)]
    Halted(#[from] HaltedError),
    /// The order breaks a rule.
    #[error(transparent)]
    Refused(#[from] OrderRefusal),
    /// The order has nowhere to go.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The client order id belongs to another order.
    #[error("the client order id '{id}' was used for another order ({order})")]
    Conflict {
        /// The id.
        id: ClientOrderId,
        /// The order it belongs to.
        order: String,
    },
    /// Resting orders could not be brought up to the present before it.
    #[error(transparent)]
    CatchUp(#[from] CatchUpError),
    /// The account did not take it. With [`AccountError::ReplyLost`] and
    /// [`AccountError::OutcomeNotStored`] it may have been placed.
    #[error(transparent)]
    Account(AccountError),
    /// No id could be made for it.
    #[error(transparent)]
    Id(#[from] CryptoError),
    /// The store failed before anything was decided.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AccountError> for PlaceOrderError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Halted(halted) => Self::Halted(halted),
            other @ (AccountError::Paper(_)
            | AccountError::NotLoaded(_)
            | AccountError::NotStored(_)
            | AccountError::OutcomeNotStored(_)
            | AccountError::Cancel(_)
            | AccountError::NotConnected(_)
            | AccountError::ReplyLost
            | AccountError::Stopped) => Self::Account(other),
        }
    }
}

/// Why an order was not cancelled.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CancelOrderError {
    /// The user has no order of that id.
    #[error("Order {0} not found")]
    NotFound(String),
    /// The order is over.
    #[error("Cannot cancel order in {} status", .0.as_str().to_ascii_lowercase())]
    Final(OrderStatus),
    /// The broker has not confirmed the order yet.
    #[error("the broker has not confirmed order {0} yet, so it cannot be cancelled")]
    Unconfirmed(String),
    /// Resting orders could not be brought up to the present before it.
    #[error(transparent)]
    CatchUp(#[from] CatchUpError),
    /// The account could not do it.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

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

    /// Places an order: check, route, then intent, submission and outcome in the account.
    ///
    /// Returns when what became of the order is durable. With a client order id, the same order
    /// again gives the first one back.
    pub async fn place(&self, user: UserId, order: NewOrder) -> Result<Placed, PlaceOrderError> {
        let Some(id) = order.client_order_id.clone() else {
            return self.place_once(user, order, None).await;
        };
        let claim = self.claims.claim(user, &id).await;
        let since = self.ports.clock.now().plus(-REMEMBERED);
        match self
            .ports
            .orders
            .find_by_client_id(user, &id, since)
            .await?
        {
            Some(known) if known.intent.order == order && self.same_mode(&known).await? => {
                Ok(Placed {
                    order: known,
                    replayed: true,
                })
            }
            Some(other) => Err(PlaceOrderError::Conflict {
                id,
                order: other.public_id(),
            }),
            None => self.place_once(user, order, claim).await,
        }
    }

    /// Whether an order would go out in the same mode now; the same words in another mode are
    /// another order.
    async fn same_mode(&self, known: &Order) -> Result<bool, PlaceOrderError> {
        let user = self.ports.users.get(known.intent.user).await?;
        Ok(self.router.route(&user)?.mode == known.intent.mode)
    }

    async fn place_once(
        &self,
        user: UserId,
        order: NewOrder,
        claim: Option<Claim>,
    ) -> Result<Placed, PlaceOrderError> {
        self.intake.switches.pass(user).await?;
        let instrument = self.market.instrument(&order.instrument).await?;
        check_order(&order, &instrument)?;
        let user = self.ports.users.get(user).await?;
        let route = self.router.route(&user)?;
        let account = self.intake.accounts.account(user.id, &route.broker)?;
        self.catch_up(&account, &route.broker).await?;
        let quote = self.market.quote(&order.instrument).await?;
        let at = self.ports.clock.now();
        let intent = OrderIntent {
            id: self.ports.ids.make_intent_id()?,
            user: user.id,
            broker: route.broker,
            mode: route.mode,
            trading_day: self.settings.day_of(at)?,
            order,
            token: instrument.token.clone(),
            at,
        };
        let request = PlaceRequest {
            intent,
            instrument,
            quote,
            claim,
        };
        Ok(Placed {
            order: account.place(request).await?,
            replayed: false,
        })
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

    /// Cancels an order by the id that people know it by.
    pub async fn cancel(&self, user: UserId, id: &str) -> Result<Order, CancelOrderError> {
        let known = || async {
            let order = self.find(user, id).await?;
            order.ok_or_else(|| CancelOrderError::NotFound(id.to_owned()))
        };
        // The order goes back the way it came, whatever the mode is now.
        let broker = known().await?.intent.broker;
        let account = self.intake.accounts.account(user, &broker)?;
        self.catch_up(&account, &broker).await?;
        let order = known().await?;
        if order.status().is_final() {
            return Err(CancelOrderError::Final(order.status()));
        }
        let Some(broker_order_id) = order.state.broker_order_id().cloned() else {
            return Err(CancelOrderError::Unconfirmed(order.public_id()));
        };
        let at = self.ports.clock.now();
        Ok(account
            .cancel(CancelRequest {
                user,
                broker_order_id,
                at,
            })
            .await?)
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
