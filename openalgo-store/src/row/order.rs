//! Rows of `orders`, as they are written and compared. But for `margin`, a row is the fold of the
//! order's journal.

mod read;

pub(crate) use read::{COLUMNS, Reading, ReadingWithMargin, kind_of};

use crate::column::{Real, Text, Whole};
use crate::error::Fault;
use crate::schema::orders;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::order::{Order, OrderIntent, OrderState};
use openalgo_core::value::{Money, Price};

/// A row without its number.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = orders, check_for_backend(Sqlite), treat_none_as_default_value = false)]
pub(crate) struct OrderRow {
    pub(crate) user_id: i64,
    pub(crate) broker_name: Text,
    pub(crate) exchange: Text,
    pub(crate) symbol: Text,
    pub(crate) token: Option<Text>,
    pub(crate) action: Text,
    pub(crate) product: Text,
    pub(crate) strategy: Option<Text>,
    pub(crate) order_source: Text,
    pub(crate) placed_at: Text,
    pub(crate) created_at: Text,
    pub(crate) intent_id: Text,
    pub(crate) client_order_id: Option<Text>,
    pub(crate) mode: Text,
    pub(crate) trading_day: Text,
    pub(crate) request: Option<Text>,
    pub(crate) margin: Real,
    #[diesel(embed)]
    pub(crate) progress: OrderProgress,
}

/// The columns that follow the journal.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = orders,
    check_for_backend(Sqlite),
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
pub(crate) struct OrderProgress {
    pub(crate) broker_order_id: Text,
    pub(crate) quantity: Whole,
    pub(crate) price_type: Text,
    pub(crate) price: Real,
    pub(crate) trigger_price: Real,
    pub(crate) filled_quantity: Whole,
    pub(crate) pending_quantity: Whole,
    pub(crate) average_price: Real,
    pub(crate) status: Text,
    pub(crate) status_message: Option<Text>,
    pub(crate) updated_at: Text,
    pub(crate) intent_state: Text,
    pub(crate) filled_value: Real,
    pub(crate) change_sent: Option<Text>,
}

impl OrderProgress {
    /// The columns for where an order stands.
    pub(crate) fn of(order: &Order) -> Result<Self, Fault> {
        let executed = order.executed();
        let asked = &order.intent.order;
        Ok(Self {
            broker_order_id: order.public_id().into(),
            quantity: asked.quantity.into(),
            price_type: asked.kind.price_type().to_string().into(),
            // Of an order at the market, what clients know as its price.
            price: asked
                .kind
                .price()
                .or(order.intent.ltp)
                .unwrap_or(Price::ZERO)
                .into(),
            trigger_price: asked.kind.trigger().unwrap_or(Price::ZERO).into(),
            filled_quantity: executed.quantity.into(),
            pending_quantity: order.pending_quantity().into(),
            average_price: order.average_price()?.into(),
            status: order.status().to_string().into(),
            status_message: order.state.message().map(|it| it.to_owned().into()),
            updated_at: order.updated_at.to_string().into(),
            intent_state: intent_state(&order.state).to_owned().into(),
            filled_value: executed.value.into(),
            change_sent: change_sent(order)?,
        })
    }
}

/// Terms that are on their way to the broker, as they are written.
fn change_sent(order: &Order) -> Result<Option<Text>, Fault> {
    let written = order.change.as_ref().map(serde_json::to_string);
    let written = written.transpose().map_err(Fault::other)?;
    Ok(written.map(Text::from))
}

/// The word of `intent_state`: how far an intent has come, for finding what a crash left open.
fn intent_state(state: &OrderState) -> &'static str {
    match state {
        OrderState::Planned => "planned",
        OrderState::Sent => "sent",
        OrderState::Unconfirmed { .. } => "unknown",
        OrderState::Open { .. } | OrderState::Closed { .. } => "resolved",
    }
}

impl OrderRow {
    /// The row of an order that reserves `margin`.
    pub(crate) fn of(order: &Order, margin: Money) -> Result<Self, Fault> {
        let OrderIntent { order: asked, .. } = &order.intent;
        Ok(Self {
            user_id: order.intent.user.get(),
            broker_name: order.intent.broker.to_string().into(),
            exchange: asked.instrument.exchange.to_string().into(),
            symbol: asked.instrument.symbol.to_string().into(),
            token: order.intent.token.as_ref().map(|it| it.to_string().into()),
            action: asked.side.to_string().into(),
            product: asked.product.to_string().into(),
            strategy: asked.strategy.clone().map(Text::from),
            order_source: asked.source.to_string().into(),
            placed_at: order.intent.at.to_string().into(),
            created_at: order.intent.at.to_string().into(),
            intent_id: order.intent.id.to_string().into(),
            client_order_id: asked
                .client_order_id
                .as_ref()
                .map(|it| it.to_string().into()),
            mode: order.intent.mode.to_string().into(),
            trading_day: order.intent.trading_day.to_string().into(),
            request: order
                .intent
                .request
                .as_ref()
                .map(|it| it.to_string().into()),
            margin: margin.into(),
            progress: OrderProgress::of(order)?,
        })
    }

    /// The first column in which two rows differ; the margin is no part of the journal.
    pub(crate) fn first_difference(&self, other: &Self) -> Option<&'static str> {
        macro_rules! differing {
            ($one:expr, $other:expr; $($column:ident)+) => {
                [$((stringify!($column), $one.$column != $other.$column)),+]
            };
        }
        let fixed = differing!(self, other; user_id broker_name exchange symbol token action
            product strategy order_source placed_at created_at intent_id client_order_id mode trading_day
            request);
        let moving = differing!(self.progress, other.progress; broker_order_id quantity
            price_type price trigger_price filled_quantity
            pending_quantity average_price status status_message updated_at intent_state
            filled_value change_sent);
        let mut columns = fixed.into_iter().chain(moving);
        columns.find_map(|(column, differs)| differs.then_some(column))
    }
}
