//! Requests with an API key.
//!
//! Whoever presents a key is a program, wherever its orders come from. Its owner says by the mode of
//! the key whether a person decides on its orders, on paper as well as live: analyze mode tries out
//! the whole way. What changes an order on paper goes through: nothing is at stake in it.

use super::legs::{Earlier, Together};
use super::queue::Wish;
use super::{KeyedError, PersonsChoice, SemiAutoRefusal};
use crate::claims::OrderClaim;
use crate::service::orders::place::{Known, Way};
use crate::service::orders::request::Asked;
use crate::service::orders::smart::SmartOutcome;
use crate::service::{
    BasketError, CancelOrderError, Cancelling, ChangeSettingError, ClosePositionError, Closing,
    ExitOrigin, GttService, ModifyOrderError, OrderService, PlaceOrderError, Placed,
    SettingService, SmartOrder, SmartOrderError, SplitOrderError, SplitSize,
};
use crate::waiting::WaitingRoom;
use openalgo_core::account::{Setting, SettingKey};
use openalgo_core::id::{ClientOrderId, UserId};
use openalgo_core::market::InstrumentKey;
use openalgo_core::order::{NewOrder, Order, OrderMode, OrderRequest, Product, TradingMode};
use openalgo_core::port::StoreError;
use openalgo_core::rule::modification::Modification;
use openalgo_core::rule::order_check::OrderRefusal;
use openalgo_core::strategy::{NewPendingOrder, PendingOrder};
use std::sync::Arc;

/// What became of a request with an API key.
#[derive(Debug)]
pub enum Requested<T> {
    /// It was carried out.
    Done(T),
    /// It waits for a person.
    Waits(Box<Queued>),
}

/// An order that was put before a person, or had been before.
#[derive(Debug, Clone)]
pub struct Queued {
    /// The order as it stands: somebody may have decided since.
    pub pending: PendingOrder,
    /// Whether this is the answer to an earlier request with the same client order id.
    pub replayed: bool,
}

impl<T> From<Queued> for Requested<T> {
    fn from(queued: Queued) -> Self {
        Self::Waits(Box::new(queued))
    }
}

/// What became of one of several orders.
#[derive(Debug)]
pub struct KeyedLeg {
    /// Its number in the request; the first is 1.
    pub number: usize,
    /// The order.
    pub order: NewOrder,
    /// What became of it.
    pub outcome: Result<Requested<Placed>, PlaceOrderError>,
}

/// What programs ask for with an API key. In semi-automatic mode an order waits for a person, on
/// paper too, and what would change a live order or position is refused.
///
/// Whether the key is right is known before: here stands only whose it is.
#[derive(Debug, Clone)]
pub struct KeyedOrderService {
    pub(super) orders: Arc<OrderService>,
    settings: SettingService,
    pub(super) gtts: Arc<GttService>,
    pub(super) room: WaitingRoom,
}

impl KeyedOrderService {
    pub(crate) fn new(
        (orders, gtts): (Arc<OrderService>, Arc<GttService>),
        settings: SettingService,
        room: WaitingRoom,
    ) -> Self {
        Self {
            orders,
            settings,
            gtts,
            room,
        }
    }

    /// Places an order as [`OrderService::place`], or puts it before a person.
    pub async fn place(
        &self,
        user: UserId,
        order: NewOrder,
    ) -> Result<Requested<Placed>, PlaceOrderError> {
        let way = self.orders.way(user).await?;
        let waits = self.is_semi_auto(way.user).await?;
        let id = order.client_order_id.as_ref();
        let held = match self.orders.known(&way, id).await? {
            Known::Before(known) => {
                let is_it = |asked: &NewOrder| *asked == order;
                let placed = self.orders.before(&way, *known, is_it).await?;
                return Ok(Requested::Done(placed));
            }
            Known::Never(held) => held,
        };
        let wish = Wish::plain(&order);
        if let Some(queued) = self.queued_before(&way, &wish).await? {
            return Ok(queued.into());
        }
        if !waits {
            let mut held = held;
            let twins = self.orders.twins(&way, [&order]).await?;
            twins.check(&order)?;
            held.claims.extend(twins.claims);
            let placed = self.orders.place_new(&way, (order, held)).await?;
            return Ok(Requested::Done(placed));
        }
        let last = self.orders.examine_new(&way, &order).await?;
        let row = wish.row(&way, None, last);
        let queued = self.queue_one(row, held.claims).await?;
        Ok(queued.into())
    }

    /// Carries out a smart order as [`OrderService::smart`], or puts it before a person. What it
    /// comes to is found out when it is approved.
    pub async fn smart(
        &self,
        user: UserId,
        smart: SmartOrder,
    ) -> Result<Requested<SmartOutcome>, SmartOrderError> {
        let way = self.orders.way(user).await?;
        let waits = self
            .is_semi_auto(way.user)
            .await
            .map_err(PlaceOrderError::from)?;
        let asked = self.orders.asked_smart(&way, &smart).await?;
        if let Some(placed) = asked.first() {
            return Ok(Requested::Done(placed.into()));
        }
        if let Some(queued) = self.waiting_of(&way, &asked).await?.pop() {
            return Ok(queued.into());
        }
        if !waits {
            let outcome = self.orders.smart_new(&way, (smart, asked.held)).await?;
            return Ok(Requested::Done(outcome));
        }
        let last = self.orders.examine_new_smart(&smart).await?;
        let wish = Wish {
            order: smart.order,
            position: Some(smart.position),
            request: asked.held.request,
        };
        let row = wish.row(&way, None, last);
        let queued = self.queue_one(row, asked.held.claims).await?;
        Ok(queued.into())
    }

    /// Places the orders of a basket as [`OrderService::basket`], or puts each before a person.
    pub async fn basket(
        &self,
        user: UserId,
        orders: Vec<NewOrder>,
        id: Option<ClientOrderId>,
    ) -> Result<Vec<KeyedLeg>, KeyedError<BasketError>> {
        let way = self.way(user).await?;
        let (request, legs) = way.basket(orders, id.as_ref()).map_err(asked)?;
        let known = self.known(&way, request).await;
        let known = known.map_err(|error| asked(error.into()))?;
        self.legs(&way, legs, (known, Together::BuysFirst))
            .await
            .map_err(KeyedError::Store)
    }

    /// Places the parts of a large order as [`OrderService::split`], or puts each before a person.
    pub async fn split(
        &self,
        user: UserId,
        order: NewOrder,
        size: SplitSize,
    ) -> Result<Vec<KeyedLeg>, KeyedError<SplitOrderError>> {
        let way = self.way(user).await?;
        let parts = self.orders.parts(&way, &order, size).await;
        let (request, parts) = parts.map_err(asked)?;
        let known = self.known(&way, request).await;
        let known = known.map_err(|error| asked(error.into()))?;
        if known.is_new()
            && let Some(error) = self.orders.broken_lot(&order, &parts).await
        {
            let legs = parts.into_iter().map(|(number, order)| KeyedLeg {
                number,
                order,
                outcome: Err(OrderRefusal::from(error).into()),
            });
            return Ok(legs.collect());
        }
        self.legs(&way, parts, (known, Together::InOrder))
            .await
            .map_err(KeyedError::Store)
    }

    /// Modifies an order as [`OrderService::modify`], unless it is a person's business.
    pub async fn modify(
        &self,
        user: UserId,
        id: &str,
        change: Modification,
    ) -> Result<Order, KeyedError<ModifyOrderError>> {
        self.let_change(user, id, PersonsChoice::ModifyOrder)
            .await?;
        self.orders.modify(user, id, change).await.map_err(asked)
    }

    /// Cancels an order as [`OrderService::cancel`], unless it is a person's business.
    pub async fn cancel(
        &self,
        user: UserId,
        id: &str,
    ) -> Result<Order, KeyedError<CancelOrderError>> {
        self.let_change(user, id, PersonsChoice::CancelOrder)
            .await?;
        self.orders.cancel(user, id).await.map_err(asked)
    }

    /// Cancels all orders as [`OrderService::cancel_all`], unless it is a person's business.
    pub async fn cancel_all(
        &self,
        user: UserId,
    ) -> Result<Vec<Cancelling>, KeyedError<CancelOrderError>> {
        let way = self.may(user, PersonsChoice::CancelAllOrders).await?;
        self.orders.cancel_all_on(&way).await.map_err(asked)
    }

    /// Closes a position as [`OrderService::close`], unless it is a person's business.
    pub async fn close(
        &self,
        user: UserId,
        slot: (InstrumentKey, Product),
        origin: ExitOrigin,
    ) -> Result<Placed, KeyedError<ClosePositionError>> {
        let way = self.may(user, PersonsChoice::ClosePosition).await?;
        let closed = self.orders.close_on(&way, slot, origin).await;
        closed.map_err(asked)
    }

    /// Closes all positions as [`OrderService::close_all`], unless it is a person's business.
    pub async fn close_all(
        &self,
        user: UserId,
        origin: ExitOrigin,
    ) -> Result<Vec<Closing>, KeyedError<ClosePositionError>> {
        let way = self.may(user, PersonsChoice::ClosePosition).await?;
        self.orders.close_all_on(&way, origin).await.map_err(asked)
    }

    /// Turns analyze mode on or off. In semi-automatic mode only a person does, whichever way.
    pub async fn set_analyzer(
        &self,
        user: UserId,
        on: bool,
    ) -> Result<Setting, KeyedError<ChangeSettingError>> {
        if self.is_semi_auto(user).await.map_err(KeyedError::Store)? {
            return Err(SemiAutoRefusal(PersonsChoice::ToggleAnalyzer).into());
        }
        let value = if on { "true" } else { "false" };
        let set = self.settings.set(SettingKey::Analyzer, value).await;
        set.map_err(asked)
    }
}

/// A store gives back what it takes.
pub(super) fn no_row() -> StoreError {
    StoreError::Failed {
        operation: "queue the order for approval",
        source: "it gave no row back".into(),
    }
}

pub(super) fn asked<E: std::error::Error + 'static>(error: E) -> KeyedError<E> {
    KeyedError::Asked(error)
}

impl KeyedOrderService {
    /// Whether the orders of a user's key wait for a person.
    pub(super) async fn is_semi_auto(&self, user: UserId) -> Result<bool, StoreError> {
        let key = self.orders.ports.api_keys.find(user).await?;
        Ok(key.is_some_and(|key| key.order_mode == OrderMode::SemiAuto))
    }

    pub(super) async fn way<E>(&self, user: UserId) -> Result<Way, KeyedError<E>>
    where
        E: std::error::Error + 'static,
    {
        self.orders.way(user).await.map_err(KeyedError::Route)
    }

    /// Where orders go now, if a key may change something there.
    async fn may<E>(&self, user: UserId, operation: PersonsChoice) -> Result<Way, KeyedError<E>>
    where
        E: std::error::Error + 'static,
    {
        let way = self.way(user).await?;
        let is_live = way.route.mode == TradingMode::Live;
        if is_live && self.is_semi_auto(user).await.map_err(KeyedError::Store)? {
            return Err(SemiAutoRefusal(operation).into());
        }
        Ok(way)
    }

    /// Refuses to let a key change an order, if that is a live one, or orders are live now: an
    /// order goes back the way it came, whatever the mode is by now.
    async fn let_change<E>(
        &self,
        user: UserId,
        id: &str,
        operation: PersonsChoice,
    ) -> Result<(), KeyedError<E>>
    where
        E: std::error::Error + 'static,
    {
        if !self.is_semi_auto(user).await.map_err(KeyedError::Store)? {
            return Ok(());
        }
        let order = self.orders.find(user, id).await;
        let order = order.map_err(KeyedError::Store)?;
        let is_live = |mode: TradingMode| mode == TradingMode::Live;
        if order.is_some_and(|order| is_live(order.intent.mode))
            || is_live(self.way(user).await?.route.mode)
        {
            return Err(SemiAutoRefusal(operation).into());
        }
        Ok(())
    }

    /// What waits under the client order id of a wish.
    pub(super) async fn queued_before(
        &self,
        way: &Way,
        wish: &Wish,
    ) -> Result<Option<Queued>, PlaceOrderError> {
        let Some(id) = &wish.order.client_order_id else {
            return Ok(None);
        };
        let known = self.room.find(way.user, id).await?;
        known.map(|known| wish.again(way, known)).transpose()
    }

    /// Waits until nobody else works on a request, and looks for what came of it before: for what
    /// was placed, and for what waits.
    pub(super) async fn known(
        &self,
        way: &Way,
        request: Option<OrderRequest>,
    ) -> Result<Earlier, PlaceOrderError> {
        let asked = self.orders.asked(way, request).await?;
        let waiting = self.waiting_of(way, &asked).await?;
        Ok(Earlier { asked, waiting })
    }

    /// What waits of a request. Another body under its key is a conflict.
    async fn waiting_of(&self, way: &Way, asked: &Asked) -> Result<Vec<Queued>, PlaceOrderError> {
        let Some(request) = &asked.held.request else {
            return Ok(Vec::new());
        };
        let waiting = self.room.find_request(&way.key(request)).await?.into_iter();
        let queued = waiting.map(|pending| match &pending.asked.request {
            Some(before) if before == request => Ok(Queued {
                pending,
                replayed: true,
            }),
            _ => Err(PlaceOrderError::Conflict {
                id: request.id.clone(),
                order: format!("pending order {}", pending.id),
            }),
        });
        queued.collect()
    }

    async fn queue_one(
        &self,
        row: NewPendingOrder,
        claims: Vec<OrderClaim>,
    ) -> Result<Queued, PlaceOrderError> {
        let queued = self.room.queue(vec![row], claims);
        let queued = queued.await?.into_iter().next();
        queued.ok_or_else(|| no_row().into())
    }
}
