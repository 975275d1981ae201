//! Orders: place, cancel, list.
//!
//! | file | what is in it |
//! |---|---|
//! | `place` | placing an order |
//! | `computed` | placing an order that is computed from what is held |
//! | `smart` | smart orders |
//! | `reducing` | placing an order that risk refuses and that only takes risk away |
//! | `close` | closing positions |
//! | `legs` | baskets, and orders that are split |
//! | `options` | orders for options that are meant by their distance from the money |
//! | `twins` | orders without an id that are the same as one whose outcome nobody knows |
//! | `request` | the ids of requests for more than one order as it is |
//! | `modify` | modifying an order |
//! | `cancel` | cancelling orders |
//! | `examine` | whether an order would be placed, without placing it |
//! | `approvals` | orders of API keys that wait for a person |
//! | `error` | why something was not done |

mod approvals;
mod cancel;
mod close;
mod computed;
mod error;
mod examine;
mod legs;
mod modify;
mod options;
mod place;
mod reducing;
mod request;
mod smart;
mod twins;

pub use approvals::{
    ApprovalError, ApprovalService, ApproveError, Approved, Approving, CameOf, KeyedError,
    KeyedLeg, KeyedOrderService, PendingView, PersonsChoice, Queued, Requested, SemiAutoRefusal,
    Stage,
};
pub use cancel::Cancelling;
pub use close::{Closing, ExitOrigin};
pub use error::{
    BasketError, CancelOrderError, ChangeKind, ClosePositionError, ModifyOrderError, NotOpenError,
    PlaceOrderError, SmartOrderError, SplitOrderError,
};
pub use legs::{Leg, SplitSize};
pub use options::{
    OptionLeg, OptionLegError, OptionLegPlaced, OptionsOrder, OptionsOrderError, OptionsPlaced,
};
pub use place::Placed;
use place::Way;
pub use smart::{SmartOrder, SmartOutcome};

use super::SettingService;
use crate::account::{AccountHandle, AccountRegistry, CatchUpError};
use crate::claims::{Claims, OrderName};
use crate::guards::Guards;
use crate::laps::Laps;
use crate::limits::Profits;
use crate::market::Market;
use crate::ports::Ports;
use crate::reconciler::{Reconciler, SettleError, Settlement};
use crate::recorder::Records;
use crate::route::{Route, Router};
use crate::standing::Standings;
use openalgo_core::id::{BrokerName, BrokerOrderId, ClientOrderId, OrderId, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::monitor::{LatencyMetric, Operation};
use openalgo_core::order::{Gtt, NewOrder, Order, OrderEvent, OrderEventKind, Trade};
use openalgo_core::port::{OrderQuery, StoreError};
use std::sync::Arc;

/// Where orders are taken, and what can stop them from being taken.
#[derive(Debug, Clone)]
pub(crate) struct Intake {
    pub(crate) accounts: Arc<AccountRegistry>,
    pub(crate) standings: Standings,
    pub(crate) guards: Guards,
    pub(crate) profits: Profits,
    pub(crate) reconciler: Reconciler,
    pub(crate) records: Records,
}

/// Places, cancels and lists orders.
#[derive(Debug, Clone)]
pub struct OrderService {
    ports: Arc<Ports>,
    settings: SettingService,
    market: Arc<Market>,
    intake: Intake,
    router: Router,
    claims: Claims<OrderName>,
}

impl OrderService {
    pub(crate) fn new(
        (ports, settings): (Arc<Ports>, SettingService),
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
        let standings = &self.intake.standings;
        standings.bring_up_to_date(account, broker).await
    }

    /// Hands over how long an order took; waits for nothing.
    fn measured(&self, operation: Operation, order: &Order, laps: &Laps) {
        let split = laps.split();
        self.intake.records.drop_in(LatencyMetric {
            user: Some(order.intent.user),
            broker: order.intent.broker.clone(),
            order_id: Some(order.public_id()),
            operation,
            latency: split.total(),
            split: Some(split),
            created_at: self.ports.clock.now(),
        });
    }

    /// Places the order of what waited for a price, if orders go now where they went when that was
    /// placed.
    pub(crate) async fn place_waited(
        &self,
        gtt: &Gtt,
        order: NewOrder,
    ) -> Result<Placed, PlaceOrderError> {
        let way = self.way(gtt.user).await?;
        let asked = Route {
            mode: gtt.mode,
            broker: gtt.broker.clone(),
        };
        if way.route != asked {
            return Err(PlaceOrderError::Rerouted {
                asked: asked.broker,
                now: way.route.broker,
            });
        }
        let reserved_for = Some(gtt.trigger_id.clone());
        let way = Way {
            reserved_for,
            ..way
        };
        self.place_on(&way, order).await
    }

    /// The order that was placed by itself with this client order id at or after `since`.
    pub(crate) async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        self.ports.orders.find_by_client_id(user, id, since).await
    }

    /// The order that people know by this id.
    pub async fn find(&self, user: UserId, id: &str) -> Result<Option<Order>, StoreError> {
        self.ports.orders.find(user, id).await
    }

    /// The order of a user that is stored under this number.
    pub async fn find_by_row(
        &self,
        user: UserId,
        order: OrderId,
    ) -> Result<Option<Order>, StoreError> {
        let journal = self.journal(order).await?;
        match journal.into_iter().next().map(|first| first.kind) {
            Some(OrderEventKind::Planned { intent }) => {
                self.find(user, &intent.id.local_order_id()).await
            }
            // A journal begins with its plan; anything else is found by `db check`.
            Some(_) | None => Ok(None),
        }
    }

    /// Where an order stands by now: resting paper orders meet the prices that were since, and the
    /// order book of a broker is read while the order is not over.
    ///
    /// What a broker does not tell now is answered as it was known before.
    pub async fn status(&self, user: UserId, id: &str) -> Result<Option<Order>, StoreError> {
        let Some(order) = self.find(user, id).await? else {
            return Ok(None);
        };
        if order.status().is_final() {
            return Ok(Some(order));
        }
        let broker = &order.intent.broker;
        let brought_up = if *broker == self.ports.paper {
            let account = self.intake.accounts.account(user, broker);
            match account.map_err(CatchUpError::from) {
                Ok(account) => self
                    .catch_up(&account, broker)
                    .await
                    .map_err(|it| it.to_string()),
                Err(error) => Err(error.to_string()),
            }
        } else {
            let pass = self
                .intake
                .reconciler
                .pass_at(&(user, broker.clone()))
                .await;
            pass.map_err(|error| error.to_string())
        };
        if let Err(error) = brought_up {
            tracing::warn!(%error, "an order is shown as it was known before");
        }
        self.find(user, &order.intent.id.local_order_id()).await
    }

    /// The journal of an order, the oldest entry first.
    pub async fn journal(&self, order: OrderId) -> Result<Vec<OrderEvent>, StoreError> {
        self.ports.orders.journal(order).await
    }

    /// The orders at the broker that an order with a lost answer may be, where several look like
    /// it; a person must say which ([`OrderService::settle`]).
    pub fn candidates(&self, order: OrderId) -> Vec<BrokerOrderId> {
        self.intake.reconciler.candidates(order)
    }

    /// Lets a person say what became of an order whose outcome nobody knows.
    pub async fn settle(
        &self,
        user: UserId,
        id: &str,
        settlement: Settlement,
    ) -> Result<Order, SettleError> {
        let order = self.find(user, id).await?;
        let order = order.ok_or_else(|| SettleError::NotFound(id.to_owned()))?;
        self.intake.reconciler.settle(order, settlement).await
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
