//! Rows of `pending_orders`.

use super::order::kind_of;
use crate::column::{Place, Real, Text, Whole};
use crate::error::Fault;
use crate::schema::pending_orders;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::id::{PendingOrderId, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::order::NewOrder;
use openalgo_core::port::StoreError;
use openalgo_core::strategy::{
    Approval, ApprovalStatus, BasketPlace, NewPendingOrder, PendingGtt, PendingOrder,
};
use openalgo_core::value::Price;

/// A row without its number.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(
    table_name = pending_orders,
    check_for_backend(Sqlite),
    treat_none_as_default_value = false
)]
pub(crate) struct PendingRow {
    user_id: i64,
    strategy: Text,
    symbol: Text,
    exchange: Text,
    action: Text,
    quantity: Whole,
    product: Text,
    price_type: Text,
    price: Real,
    trigger_price: Real,
    position_size: Option<Whole>,
    status: Text,
    approved_at: Option<Text>,
    rejected_at: Option<Text>,
    expires_at: Option<Text>,
    created_at: Text,
    mode: Text,
    broker_name: Text,
    order_source: Text,
    client_order_id: Option<Text>,
    basket_id: Option<Text>,
    basket_row: Option<Whole>,
    rejected_reason: Option<Text>,
    last_price: Option<Real>,
    request: Option<Text>,
    gtt: Option<Text>,
}

impl PendingRow {
    /// The row of an order that was asked for at `now`.
    pub(crate) fn of(asked: &NewPendingOrder, now: Timestamp) -> Result<Self, Fault> {
        let order = &asked.order;
        let basket = asked.basket.as_ref();
        let client_order_id = order.client_order_id.as_ref();
        let gtt = asked.gtt.as_ref().map(serde_json::to_string);
        Ok(Self {
            user_id: asked.user.get(),
            strategy: order.strategy.clone().unwrap_or_default().into(),
            symbol: order.instrument.symbol.to_string().into(),
            exchange: order.instrument.exchange.to_string().into(),
            action: order.side.to_string().into(),
            quantity: order.quantity.into(),
            product: order.product.to_string().into(),
            price_type: order.kind.price_type().to_string().into(),
            price: order.kind.price().unwrap_or(Price::ZERO).into(),
            trigger_price: order.kind.trigger().unwrap_or(Price::ZERO).into(),
            position_size: asked.position_size.map(Whole::from),
            status: ApprovalStatus::Pending.to_string().into(),
            approved_at: None,
            rejected_at: None,
            expires_at: asked.expires_at.map(|at| at.to_string().into()),
            created_at: now.to_string().into(),
            mode: asked.mode.to_string().into(),
            broker_name: asked.broker.to_string().into(),
            order_source: order.source.to_string().into(),
            client_order_id: client_order_id.map(|it| it.to_string().into()),
            basket_id: basket.map(|it| it.basket.to_string().into()),
            basket_row: basket.map(|it| it.row.into()),
            rejected_reason: None,
            last_price: asked.last_price.map(Real::from),
            request: asked.request.as_ref().map(|it| it.to_string().into()),
            gtt: gtt.transpose().map_err(Fault::other)?.map(Text::from),
        })
    }

    /// The order in row `id`.
    pub(crate) fn into_order(self, id: i64) -> Result<PendingOrder, StoreError> {
        let place = Place {
            table: "pending_orders",
            row: id,
        };
        let size = self.position_size;
        Ok(PendingOrder {
            id: PendingOrderId::new(id),
            asked: NewPendingOrder {
                user: UserId::new(self.user_id),
                broker: place.broker(&self.broker_name)?,
                mode: place.word("mode", &self.mode)?,
                order: self.order(place)?,
                position_size: size
                    .map(|cell| place.net("position_size", cell))
                    .transpose()?,
                gtt: self.gtt(place)?,
                basket: self.basket(place)?,
                request: place.optional("request", self.request.as_ref())?,
                last_price: self
                    .last_price
                    .map(|cell| place.price("last_price", cell))
                    .transpose()?,
                expires_at: place.optional_instant("expires_at", self.expires_at.as_ref())?,
            },
            approval: self.approval(place)?,
            created_at: place.instant("created_at", &self.created_at)?,
        })
    }

    fn order(&self, place: Place) -> Result<NewOrder, StoreError> {
        let strategy = place.text("strategy", &self.strategy)?;
        Ok(NewOrder {
            instrument: place.instrument(&self.exchange, &self.symbol)?,
            side: place.word("action", &self.action)?,
            quantity: place.quantity("quantity", self.quantity)?,
            product: place.word("product", &self.product)?,
            kind: kind_of(
                place.word("price_type", &self.price_type)?,
                place.price("price", self.price)?,
                place.price("trigger_price", self.trigger_price)?,
            ),
            // The column must not be NULL, so an order of no strategy has the empty text there.
            strategy: Some(strategy.to_owned()).filter(|name| !name.is_empty()),
            source: place.word("order_source", &self.order_source)?,
            client_order_id: place.optional("client_order_id", self.client_order_id.as_ref())?,
        })
    }

    fn gtt(&self, place: Place) -> Result<Option<PendingGtt>, StoreError> {
        let written = place.optional_text("gtt", self.gtt.as_ref())?;
        let gtt = written.map(|written| serde_json::from_str(&written));
        gtt.transpose().map_err(|error| place.corrupt("gtt", error))
    }

    fn basket(&self, place: Place) -> Result<Option<BasketPlace>, StoreError> {
        let basket = place.optional("basket_id", self.basket_id.as_ref())?;
        let row = place.optional_whole("basket_row", self.basket_row)?;
        match (basket, row) {
            (None, None) => Ok(None),
            (Some(basket), Some(row)) => Ok(Some(BasketPlace { basket, row })),
            (Some(_), None) | (None, Some(_)) => {
                Err(place.corrupt("basket_row", "it goes with basket_id, or both are absent"))
            }
        }
    }

    fn approval(&self, place: Place) -> Result<Approval, StoreError> {
        let decided_at = |column, cell: Option<&Text>| {
            let at = place.optional_instant(column, cell)?;
            at.ok_or_else(|| place.corrupt(column, "the status says that there is such a time"))
        };
        let reason = self.rejected_reason.as_ref();
        Ok(match place.word("status", &self.status)? {
            ApprovalStatus::Pending => Approval::Pending,
            ApprovalStatus::Approved => {
                let at = decided_at("approved_at", self.approved_at.as_ref())?;
                // What keeps an order from being placed stands in the same column, whoever says it.
                match place.optional("rejected_reason", reason)? {
                    Some(why) => Approval::NothingToDo { at, why },
                    None => Approval::Approved { at },
                }
            }
            ApprovalStatus::Rejected => Approval::Rejected {
                at: decided_at("rejected_at", self.rejected_at.as_ref())?,
                reason: place.optional("rejected_reason", reason)?,
            },
            ApprovalStatus::Expired => Approval::Expired,
        })
    }
}
