//! Rows of `gtt_orders` and `gtt_legs`.

use crate::column::{Place, Real, Text, Whole};
use crate::schema::{gtt_legs, gtt_orders};
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use openalgo_core::id::{GttId, OrderId, UserId};
use openalgo_core::order::{Gtt, GttLeg, GttLegs, GttType, LegState, LegStatus, PriceType};
use openalgo_core::port::StoreError;

/// What never changes of one that waits, without its number.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = gtt_orders, check_for_backend(Sqlite))]
pub(crate) struct GttTermsRow {
    user_id: i64,
    broker_name: Text,
    trigger_id: Text,
    mode: Text,
    held_by: Text,
    trigger_type: Text,
    exchange: Text,
    symbol: Text,
    action: Text,
    strategy: Option<Text>,
    last_price: Option<Real>,
    created_at: Text,
}

/// What may change of it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = gtt_orders,
    check_for_backend(Sqlite),
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
pub(crate) struct GttStandRow {
    quantity: Whole,
    product: Text,
    status: Text,
    status_message: Option<Text>,
    margin: Real,
    expires_at: Text,
    updated_at: Text,
}

impl GttTermsRow {
    /// The row of one that waits.
    pub(crate) fn of(gtt: &Gtt) -> Self {
        Self {
            user_id: gtt.user.get(),
            broker_name: gtt.broker.to_string().into(),
            trigger_id: gtt.trigger_id.to_string().into(),
            mode: gtt.mode.to_string().into(),
            held_by: gtt.keeper.to_string().into(),
            trigger_type: gtt.legs.trigger_type().to_string().into(),
            exchange: gtt.instrument.exchange.to_string().into(),
            symbol: gtt.instrument.symbol.to_string().into(),
            action: gtt.side.to_string().into(),
            strategy: gtt.strategy.clone().map(Text::from),
            last_price: gtt.last_price.map(Real::from),
            created_at: gtt.created_at.to_string().into(),
        }
    }
}

impl GttStandRow {
    /// The row of one that waits.
    pub(crate) fn of(gtt: &Gtt) -> Self {
        Self {
            quantity: gtt.quantity.into(),
            product: gtt.product.to_string().into(),
            status: gtt.status.to_string().into(),
            status_message: gtt.message.clone().map(Text::from),
            margin: gtt.margin.into(),
            expires_at: gtt.expires_at.to_string().into(),
            updated_at: gtt.updated_at.to_string().into(),
        }
    }
}

/// The one in row `id`, with its legs.
pub(crate) fn into_gtt(
    id: i64,
    (terms, stand): (GttTermsRow, GttStandRow),
    legs: Vec<(i64, LegRow)>,
) -> Result<Gtt, StoreError> {
    let place = Place {
        table: "gtt_orders",
        row: id,
    };
    let legs = legs
        .into_iter()
        .map(|(leg, row)| row.into_leg(leg))
        .collect::<Result<_, _>>()?;
    let legs = GttLegs::try_new(legs).map_err(|error| place.corrupt("trigger_type", error))?;
    let trigger_type: GttType = place.word("trigger_type", &terms.trigger_type)?;
    if trigger_type != legs.trigger_type() {
        return Err(place.corrupt("trigger_type", "its legs are of another type"));
    }
    let last_price = |cell| place.price("last_price", cell);
    Ok(Gtt {
        id: GttId::new(id),
        user: UserId::new(terms.user_id),
        broker: place.broker(&terms.broker_name)?,
        trigger_id: place.word("trigger_id", &terms.trigger_id)?,
        mode: place.word("mode", &terms.mode)?,
        keeper: place.word("held_by", &terms.held_by)?,
        instrument: place.instrument(&terms.exchange, &terms.symbol)?,
        side: place.word("action", &terms.action)?,
        quantity: place.quantity("quantity", stand.quantity)?,
        product: place.word("product", &stand.product)?,
        legs,
        status: place.word("status", &stand.status)?,
        message: place.optional_text("status_message", stand.status_message.as_ref())?,
        strategy: place.optional_text("strategy", terms.strategy.as_ref())?,
        last_price: terms.last_price.map(last_price).transpose()?,
        margin: place.money("margin", stand.margin)?,
        expires_at: place.instant("expires_at", &stand.expires_at)?,
        created_at: place.instant("created_at", &terms.created_at)?,
        updated_at: place.instant("updated_at", &stand.updated_at)?,
    })
}

/// A leg without its number.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(
    table_name = gtt_legs,
    check_for_backend(Sqlite),
    treat_none_as_default_value = false
)]
pub(crate) struct LegRow {
    gtt_id: i64,
    fires: Text,
    trigger_price: Real,
    price_type: Text,
    price: Real,
    status: Text,
    claimed_at: Option<Text>,
    attempts: Whole,
    order_id: Option<i64>,
}

impl LegRow {
    /// The row of a leg of the one in row `gtt_id`.
    pub(crate) fn of(gtt_id: GttId, leg: &GttLeg) -> Self {
        let price_type = leg.limit.map_or(PriceType::Market, |_| PriceType::Limit);
        let (attempts, claimed_at, order) = match leg.state {
            LegState::Pending { attempts } => (attempts, None, None),
            LegState::Triggering { attempts, since } => (attempts, Some(since), None),
            LegState::Triggered { order } => (0, None, order),
            LegState::Cancelled => (0, None, None),
        };
        Self {
            gtt_id: gtt_id.get(),
            fires: leg.side.to_string().into(),
            trigger_price: leg.trigger.into(),
            price_type: price_type.to_string().into(),
            price: leg.limit.unwrap_or_default().into(),
            status: leg.state.status().to_string().into(),
            claimed_at: claimed_at.map(|at| at.to_string().into()),
            attempts: i64::from(attempts).into(),
            order_id: order.map(OrderId::get),
        }
    }

    fn into_leg(self, id: i64) -> Result<GttLeg, StoreError> {
        let place = Place {
            table: "gtt_legs",
            row: id,
        };
        let price = place.price("price", self.price)?;
        let limit = match place.word("price_type", &self.price_type)? {
            PriceType::Market => None,
            PriceType::Limit => Some(price),
            PriceType::StopLimit | PriceType::StopMarket => {
                return Err(place.corrupt("price_type", "a leg is MARKET or LIMIT"));
            }
        };
        Ok(GttLeg {
            side: place.word("fires", &self.fires)?,
            trigger: place.price("trigger_price", self.trigger_price)?,
            limit,
            state: self.state(place)?,
        })
    }

    fn state(&self, place: Place) -> Result<LegState, StoreError> {
        let attempts = place.small("attempts", self.attempts)?;
        let since = place.optional_instant("claimed_at", self.claimed_at.as_ref())?;
        Ok(match place.word("status", &self.status)? {
            LegStatus::Pending => LegState::Pending { attempts },
            LegStatus::Triggering => LegState::Triggering {
                attempts,
                since: since.ok_or_else(|| place.corrupt("claimed_at", "it is missing"))?,
            },
            LegStatus::Triggered => LegState::Triggered {
                order: self.order_id.map(OrderId::new),
            },
            LegStatus::Cancelled => LegState::Cancelled,
        })
    }
}
