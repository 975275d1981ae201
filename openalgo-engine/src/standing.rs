//! What is held of an instrument under a product, and what orders under way will still add.
//!
//! On paper both are read from the machine that decides, so they are exact. At a broker they come
//! from two sources that are read one after the other: what is held from its positions, which show
//! what was traded by hand, too, and what is under way from our own orders. An order that is filled
//! in between would stand in both, so the reading is made again until nothing was filled meanwhile.
//!
//! | file | what is in it |
//! |---|---|
//! | `broker` | the reading at a broker |
//! | `others` | orders at a broker that were not placed here |
//! | `positions` | asking a broker for its positions |

mod broker;
mod others;
mod positions;

pub(crate) use positions::positions;

use crate::account::{
    AccountError, AccountHandle, AccountRegistry, CatchUpError, Slot, Turn, catch_up, keep_up,
};
use crate::brokers::Brokers;
use crate::claims::{Claims, PositionClaim};
use crate::looks::Looks;
use crate::market::Market;
use crate::ports::Ports;
use crate::reconciler::{ReconcileError, Reconciler};
use crate::service::SettingService;
use openalgo_core::id::{BrokerName, BrokerOrderId, IntentId, UserId};
use openalgo_core::order::{Order, OrderIntent, OrderKind, OrderState, Side};
use openalgo_core::paper::{PaperStanding, WorkingOrder};
use openalgo_core::port::{BrokerReadError, StoreError};
use openalgo_core::portfolio::PositionKey;
use openalgo_core::value::{NetQuantity, Quantity, ValueError};
use std::sync::Arc;
use thiserror::Error;

/// Why it cannot be told what is held. Which instrument it is about is left to whoever asked: this
/// is logged, and symbols are in no log.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum StandingError {
    /// The account could not be asked.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Resting orders could not be brought up to the present before.
    #[error("resting orders could not be brought up to the present: {0}")]
    CatchUp(#[source] Arc<CatchUpError>),
    /// The broker did not tell its positions.
    #[error("the positions at the broker '{broker}' could not be read: {source}; try again")]
    Positions {
        /// Which broker.
        broker: BrokerName,
        /// What it said.
        source: Arc<BrokerReadError>,
    },
    /// The broker's order book could not be read, so it is not known what is under way.
    #[error(transparent)]
    Book(#[from] ReconcileError),
    /// Orders were filled whenever the positions were read.
    #[error(
        "orders at the broker '{0}' were filled again and again while its positions were read; \
         try again"
    )]
    Moving(BrokerName),
    /// The store failed.
    #[error("our own orders could not be read")]
    Store(#[source] Arc<StoreError>),
    /// A sum left the range of its type.
    #[error(transparent)]
    Value(#[from] ValueError),
}

impl From<StoreError> for StandingError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<CatchUpError> for StandingError {
    fn from(error: CatchUpError) -> Self {
        Self::CatchUp(Arc::new(error))
    }
}

/// An order that may still change what is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// Which order.
    pub intent: IntentId,
    /// The broker's id of it, once there is one.
    pub broker_order_id: Option<BrokerOrderId>,
    /// Which way it goes.
    pub side: Side,
    /// What decides its price.
    pub kind: OrderKind,
    /// Units that may still be filled at most.
    pub pending: Quantity,
    /// Whether it is about to get other terms, so that it may be for fewer.
    pub is_changing: bool,
}

impl UnderWay {
    /// The id that people and clients know the order by.
    pub fn public_id(&self) -> String {
        match &self.broker_order_id {
            Some(id) => id.to_string(),
            None => self.intent.local_order_id(),
        }
    }

    fn of(order: &Order) -> Self {
        Self {
            broker_order_id: order.state.broker_order_id().cloned(),
            pending: order.most_pending(),
            is_changing: order.change.is_some(),
            ..Self::flying(&order.intent)
        }
    }

    /// A stored order, which may be about to get other terms.
    fn stored(order: &Order, changing: &[OrderIntent]) -> Self {
        let changed = changing.iter().find(|it| it.id == order.intent.id);
        let asked = changed.map_or(Quantity::ZERO, |changed| changed.order.quantity);
        let asked = asked.minus(order.executed().quantity).unwrap_or_default();
        let known = Self::of(order);
        Self {
            pending: known.pending.max(asked),
            is_changing: known.is_changing || changed.is_some(),
            ..known
        }
    }

    fn resting(working: &WorkingOrder) -> Result<Self, ValueError> {
        let filled = working.state.executed().quantity;
        Ok(Self {
            broker_order_id: working.state.broker_order_id().cloned(),
            pending: working.intent.order.quantity.minus(filled)?,
            ..Self::flying(&working.intent)
        })
    }

    /// An order that was taken and of which nothing else is known.
    fn flying(intent: &OrderIntent) -> Self {
        Self {
            intent: intent.id,
            broker_order_id: None,
            side: intent.order.side,
            kind: intent.order.kind,
            pending: intent.order.quantity,
            is_changing: false,
        }
    }
}

/// Where what is held is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// From the same place as what is under way.
    Same,
    /// From the broker, which may count fills of an order whose outcome is not known here.
    Broker,
    /// From a broker that shows no book: it may count fills of any order that is not over here.
    BrokerWithoutBook,
}

/// What is held of an instrument under a product, and the orders that may change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whose, where, what and how.
    pub key: PositionKey,
    /// Net units that are held.
    pub held: NetQuantity,
    /// The orders that may change it.
    pub under_way: Vec<UnderWay>,
    source: Source,
    /// How far the account was when it was read.
    pub(crate) turn: Turn,
}

impl Standing {
    /// Units that orders of a side may still add.
    pub fn pending(&self, side: Side) -> Result<Quantity, ValueError> {
        let of_side = self.under_way.iter().filter(|order| order.side == side);
        of_side
            .map(|order| order.pending)
            .try_fold(Quantity::ZERO, Quantity::plus)
    }

    /// Net units that orders under way will still add.
    pub fn net_under_way(&self) -> Result<NetQuantity, ValueError> {
        let bought = NetQuantity::from(self.pending(Side::Buy)?);
        bought.plus(NetQuantity::from(self.pending(Side::Sell)?).negated())
    }

    /// The side that makes the position smaller, if something is held.
    pub fn exit_side(&self) -> Option<Side> {
        match (self.held.is_long(), self.held.is_short()) {
            (true, _) => Some(Side::Sell),
            (_, true) => Some(Side::Buy),
            (false, false) => None,
        }
    }

    /// Units that an order of this side may be for and surely only make the position smaller,
    /// whatever becomes of those under way: what is held, less what orders of the same side will
    /// take off it already.
    pub fn reducible(&self, side: Side) -> Result<Quantity, ValueError> {
        if self.exit_side() != Some(side) {
            return Ok(Quantity::ZERO);
        }
        let held = self.held.size();
        let taken = self.pending(side)?.min(held);
        held.minus(taken)
    }

    /// Whether an order keeps a closing from leaving nothing behind: everything that rests. An
    /// exit that leaves at the market by now is one already.
    pub(crate) fn is_in_the_way(&self, order: &UnderWay) -> bool {
        let leaves = order.kind == OrderKind::Market && self.exit_side() == Some(order.side);
        order.broker_order_id.is_some() && !leaves
    }

    /// An order whose units may be in what is held as well as under way, since its outcome is not
    /// known, or that may be for fewer than it counts for. With one there is no telling what the
    /// position will come to.
    pub fn unsettled(&self) -> Option<&UnderWay> {
        let is_unknown = |order: &UnderWay| match self.source {
            Source::Same => false,
            Source::Broker => order.broker_order_id.is_none(),
            Source::BrokerWithoutBook => true,
        };
        let mut orders = self.under_way.iter();
        orders.find(|order| order.is_changing || is_unknown(order))
    }
}

/// Reads standings.
#[derive(Debug, Clone)]
pub(crate) struct Standings {
    ports: Arc<Ports>,
    settings: SettingService,
    market: Arc<Market>,
    accounts: Arc<AccountRegistry>,
    brokers: Brokers,
    reconciler: Reconciler,
    claims: Claims<PositionKey>,
}

impl Standings {
    pub(crate) fn new(
        (ports, settings): (Arc<Ports>, SettingService),
        market: Arc<Market>,
        accounts: Arc<AccountRegistry>,
        (brokers, reconciler): (Brokers, Reconciler),
    ) -> Self {
        Self {
            ports,
            settings,
            market,
            accounts,
            brokers,
            reconciler,
            claims: Claims::default(),
        }
    }

    /// The sessions that standings are read in.
    pub(crate) fn brokers(&self) -> &Brokers {
        &self.brokers
    }

    /// Waits until nobody else computes an order from this position. The claim goes with the order
    /// to the account's writer. Orders that are not computed from what is held need none.
    pub(crate) async fn claim(&self, key: &PositionKey) -> Result<PositionClaim, StandingError> {
        let claim = self.claims.claim(key.clone()).await;
        claim.ok_or(StandingError::Account(AccountError::Stopped))
    }

    /// Waits for a few seconds until orders at a broker are over, such as those that were cancelled
    /// and whose end only the order book tells.
    pub(crate) async fn wait_for_end(
        &self,
        (user, broker): (UserId, &BrokerName),
        orders: &[IntentId],
    ) -> Result<(), StandingError> {
        let mut rest = orders.to_vec();
        let (login, mut looks) = ((user, broker.clone()), Looks::begin());
        while looks.again().await {
            if *broker != self.ports.paper {
                self.reconciler.pass_at(&login).await?;
            }
            let mut still = Vec::new();
            for intent in rest {
                let known = self
                    .ports
                    .orders
                    .find(user, &intent.local_order_id())
                    .await?;
                if known.as_ref().is_some_and(is_under_way) {
                    still.push(intent);
                }
            }
            rest = still;
            if rest.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// What is held of anything in an account.
    pub(crate) async fn open(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Result<Vec<Slot>, StandingError> {
        if *broker != self.ports.paper {
            return self.open_at_broker(user, broker).await;
        }
        let account = self.accounts.account(user, broker)?;
        self.bring_up_to_date(&account, broker).await?;
        let positions = self.ports.positions.list(user, Some(broker)).await?;
        let slots = positions.into_iter().map(|held| held.key);
        Ok(slots.map(|key| (key.instrument, key.product)).collect())
    }

    /// Lets a paper account do what is due, and its resting orders meet the prices that were since,
    /// where their course is known.
    pub(crate) async fn bring_up_to_date(
        &self,
        account: &AccountHandle,
        broker: &BrokerName,
    ) -> Result<(), CatchUpError> {
        let now = self.ports.clock.now();
        if *broker != self.ports.paper {
            return Ok(());
        }
        // What is streamed is met as it comes; asking for prices would hold up every order.
        match self.market.path() {
            Some(_) => catch_up(account, &self.market, now).await,
            None => keep_up(account, &self.market, now).await,
        }
    }

    /// What there is now.
    pub(crate) async fn read(&self, key: &PositionKey) -> Result<Standing, StandingError> {
        let account = self.accounts.account(key.user, &key.broker)?;
        self.bring_up_to_date(&account, &key.broker).await?;
        // What the writer takes from here on is not in the reading.
        let slot = (key.instrument.clone(), key.product);
        let known = account.standing(slot).await?;
        match known.paper {
            Some(paper) => on_paper(key, &paper, known.turn),
            None => self.at_broker(key, &known).await,
        }
    }
}

fn on_paper(
    key: &PositionKey,
    paper: &PaperStanding,
    turn: Turn,
) -> Result<Standing, StandingError> {
    let resting = paper.orders.iter().map(UnderWay::resting);
    Ok(Standing {
        key: key.clone(),
        held: paper.held,
        under_way: resting.collect::<Result<_, _>>()?,
        source: Source::Same,
        turn,
    })
}

/// Whether an order may still change what is held.
fn is_under_way(order: &Order) -> bool {
    !matches!(order.state, OrderState::Closed { .. })
}

#[cfg(test)]
mod tests;
