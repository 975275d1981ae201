//! What an order that waits for a price must be like, when it is met, and what is then placed.
//!
//! The texts are those that existing clients know, and are produced here and nowhere else.

use super::modification::only_reduces as only_makes_smaller;
use super::order_check::{OrderRefusal, check_order, on_tick};
use super::reconcile::GRACE;
use crate::id::{ClientOrderId, TextError};
use crate::market::{Instrument, Timestamp};
use crate::order::{
    Gtt, GttError, GttLeg, GttLegs, GttType, KindError, LegState, NewGtt, NewOrder, Order,
    OrderKind, OrderSource, OrderStatus, PriceType, TradingMode, TriggerSide,
};
use crate::value::Price;
use chrono::Duration;
use thiserror::Error;

/// How long one waits where nobody says how long.
pub const LIFE: Duration = Duration::days(365);

/// How often its order is tried that could not be placed, before the whole is given up.
pub const MOST_ATTEMPTS: u32 = 3;

/// The strategy of its order where nobody named one.
const STRATEGY: &str = "GTT";

/// Why one is not taken, or not changed. Nothing is stored.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GttRefusal {
    /// The order that it would place breaks a rule.
    #[error(transparent)]
    Order(#[from] OrderRefusal),
    /// Its legs make no sense.
    #[error(transparent)]
    Legs(#[from] GttError),
    /// A limit that a LIMIT order needs.
    #[error(transparent)]
    Kind(#[from] KindError),
    /// A price that this trigger type needs.
    #[error("{0}")]
    Missing(&'static str),
    /// It would have lapsed already.
    #[error("expires_at must be in the future")]
    Lapsed,
    /// An id that leaves no room for those of its orders.
    #[error("a trigger_id must leave room for the ids of its orders: {0}")]
    Id(#[from] TextError),
    /// What cannot be changed about one that waits.
    #[error("{field} cannot be changed on an existing GTT ({old} -> {new}). Cancel and re-place.")]
    Fixed {
        /// Its name in requests.
        field: &'static str,
        /// What it is.
        old: String,
        /// What it should become.
        new: String,
    },
    /// A SINGLE stays one, and so does an OCO.
    #[error("Modify must keep the same trigger shape: this GTT has {0} leg(s).")]
    Shape(usize),
}

/// Triggers and limits as requests name them; what is zero is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedLegs {
    /// One price or two.
    pub trigger_type: GttType,
    /// LIMIT, or MARKET, which uses no limits.
    pub price_type: PriceType,
    /// `price`: the limit of a SINGLE.
    pub price: Option<Price>,
    /// `triggerprice_sl`: the price that is fallen to.
    pub below: Option<Price>,
    /// `triggerprice_tg`: the price that is risen to.
    pub above: Option<Price>,
    /// `stoploss`: the limit of the lower leg of an OCO.
    pub below_limit: Option<Price>,
    /// `target`: the limit of its upper leg.
    pub above_limit: Option<Price>,
}

impl AskedLegs {
    /// The legs that are meant. Of two triggers, a SINGLE takes the lower one; prices that are
    /// not used are dropped, as clients send them along.
    pub fn legs(self) -> Result<GttLegs, GttRefusal> {
        let given = |price: Option<Price>| price.filter(|price| !price.is_zero());
        let has_limit = self.price_type != PriceType::Market;
        let limit = |price, missing: GttRefusal| match given(price) {
            Some(price) if has_limit => Ok(Some(price)),
            None if has_limit => Err(missing),
            Some(_) | None => Ok(None),
        };
        let trigger = |price, missing| given(price).ok_or(GttRefusal::Missing(missing));
        let legs = match self.trigger_type {
            GttType::Single => {
                let (side, trigger) = match (given(self.below), given(self.above)) {
                    (Some(below), _) => (TriggerSide::Below, below),
                    (None, Some(above)) => (TriggerSide::Above, above),
                    (None, None) => return Err(GttRefusal::Missing(SINGLE_TRIGGER)),
                };
                let missing = KindError::PriceMissing(PriceType::Limit);
                vec![GttLeg::new(
                    side,
                    trigger,
                    limit(self.price, missing.into())?,
                )]
            }
            GttType::Oco => {
                let below = trigger(self.below, "Required for OCO (stoploss trigger).")?;
                let missing = GttRefusal::Missing("Required for OCO (stoploss leg limit).");
                let below_limit = limit(self.below_limit, missing)?;
                let above = trigger(self.above, "Required for OCO (target trigger).")?;
                let missing = GttRefusal::Missing("Required for OCO (target leg limit).");
                let above_limit = limit(self.above_limit, missing)?;
                vec![
                    GttLeg::new(TriggerSide::Below, below, below_limit),
                    GttLeg::new(TriggerSide::Above, above, above_limit),
                ]
            }
        };
        Ok(GttLegs::try_new(legs)?)
    }
}

const SINGLE_TRIGGER: &str = "SINGLE GTT requires a positive triggerprice_sl or triggerprice_tg.";

/// Checks one that is asked for: each order that it may place must be one that can be placed.
///
/// On which side of the last price a trigger lies is not checked: one that is met already is met
/// at once.
pub fn check_gtt(
    asked: &NewGtt,
    instrument: &Instrument,
    now: Timestamp,
) -> Result<(), GttRefusal> {
    if asked.expires_at.is_some_and(|end| end <= now) {
        return Err(GttRefusal::Lapsed);
    }
    for leg in asked.legs.as_slice() {
        check_order(&plain_order(asked, leg), instrument)?;
        on_tick("trigger_price", Some(leg.trigger), instrument.tick)?;
        if let Some(id) = &asked.trigger_id {
            order_id(id.as_str(), leg.side, MOST_ATTEMPTS)?;
        }
    }
    Ok(())
}

/// Checks that one that waits may become another.
pub fn check_change(gtt: &Gtt, asked: &NewGtt) -> Result<(), GttRefusal> {
    let legs = (&gtt.legs, &asked.legs);
    if legs.0.trigger_type() != legs.1.trigger_type() {
        return Err(GttRefusal::Shape(legs.0.as_slice().len()));
    }
    let (old, new) = (&gtt.instrument, &asked.instrument);
    let fields = [
        ("action", gtt.side.to_string(), asked.side.to_string()),
        ("symbol", old.symbol.to_string(), new.symbol.to_string()),
        (
            "exchange",
            old.exchange.to_string(),
            new.exchange.to_string(),
        ),
    ];
    match fields.into_iter().find(|(_, old, new)| old != new) {
        Some((field, old, new)) => Err(GttRefusal::Fixed { field, old, new }),
        None => Ok(()),
    }
}

/// Whether other terms of one that waits surely only take risk away: fewer units, a lower limit for
/// what is bought, an earlier end. Another trigger may be either: nobody can tell what it guards.
pub fn only_reduces(gtt: &Gtt, asked: &NewGtt) -> bool {
    let known = gtt.as_asked();
    let legs = gtt.legs.as_slice().iter().zip(asked.legs.as_slice());
    let mut orders = legs.map(|(old, new)| {
        let is_met_alike = (old.side, old.trigger) == (new.side, new.trigger);
        is_met_alike && only_makes_smaller(&plain_order(&known, old), &plain_order(asked, new))
    });
    let ends_no_later = asked.expires_at.is_none_or(|end| end <= gtt.expires_at);
    asked.product == gtt.product && ends_no_later && orders.all(|reduces| reduces)
}

/// The leg that a price meets, of those that wait.
pub fn met(gtt: &Gtt, last: Price) -> Option<TriggerSide> {
    let is_met = |leg: &&GttLeg| match leg.side {
        TriggerSide::Below => last <= leg.trigger,
        TriggerSide::Above => last >= leg.trigger,
    };
    let legs = gtt.legs.as_slice().iter();
    let mut waiting = legs.filter(|leg| matches!(leg.state, LegState::Pending { .. }));
    waiting.find(is_met).map(|leg| leg.side)
}

/// The order that a leg places. Its client order id follows from the trigger id, the side and the
/// number of the attempt, so that it is placed once whatever happens in between.
pub fn order_of(gtt: &Gtt, leg: &GttLeg) -> Result<NewOrder, TextError> {
    let id = order_id(gtt.trigger_id.as_str(), leg.side, leg.state.attempts())?;
    Ok(NewOrder {
        client_order_id: Some(id),
        ..plain_order(&gtt.as_asked(), leg)
    })
}

/// Whether the order of a leg surely came to nothing, so that another may be placed: it was refused
/// before anything of it was filled, and a broker has said so at once.
///
/// One that the broker took, or of which nobody knew for a while, is the order of the leg whatever
/// becomes of it. That an order never arrived is believed only after the time of grace, and whoever
/// sends it again may have it twice.
pub fn came_to_nothing(order: &Order) -> bool {
    let is_refused = order.status() == OrderStatus::Rejected && order.executed().quantity.is_zero();
    let was_told_at_once = order.updated_at < order.intent.at.plus(GRACE);
    let was_taken = order.state.broker_order_id().is_some();
    is_refused && (order.intent.mode == TradingMode::Paper || was_told_at_once && !was_taken)
}

/// The client order id of the order that a leg places after so many attempts.
fn order_id(
    trigger_id: &str,
    side: TriggerSide,
    attempts: u32,
) -> Result<ClientOrderId, TextError> {
    let id = ClientOrderId::try_new(trigger_id)?.derive(side.as_str())?;
    match attempts {
        0 => Ok(id),
        failed => id.derive(&failed.saturating_add(1).to_string()),
    }
}

fn plain_order(asked: &NewGtt, leg: &GttLeg) -> NewOrder {
    let kind = |price| OrderKind::Limit { price };
    let strategy = asked.strategy.clone().filter(|name| !name.is_empty());
    NewOrder {
        instrument: asked.instrument.clone(),
        side: asked.side,
        quantity: asked.quantity,
        product: asked.product.into(),
        kind: leg.limit.map_or(OrderKind::Market, kind),
        strategy: strategy.or_else(|| Some(STRATEGY.into())),
        source: OrderSource::Api,
        client_order_id: None,
    }
}

impl Gtt {
    /// What would be asked for to have the same once more.
    pub fn as_asked(&self) -> NewGtt {
        NewGtt {
            instrument: self.instrument.clone(),
            side: self.side,
            quantity: self.quantity,
            product: self.product,
            legs: self.legs.clone(),
            strategy: self.strategy.clone(),
            expires_at: Some(self.expires_at),
            trigger_id: Some(self.trigger_id.clone()),
        }
    }

    /// Whether this came from such a request: the same words, however it stands by now.
    pub fn came_from(&self, asked: &NewGtt) -> bool {
        let prices = |legs: &GttLegs| -> Vec<_> {
            let legs = legs.as_slice().iter();
            legs.map(|leg| (leg.side, leg.trigger, leg.limit)).collect()
        };
        let terms = |gtt: &NewGtt| (gtt.instrument.clone(), gtt.side, gtt.quantity, gtt.product);
        let ends = asked.expires_at.is_none_or(|end| end == self.expires_at);
        terms(&self.as_asked()) == terms(asked)
            && prices(&self.legs) == prices(&asked.legs)
            && self.strategy == asked.strategy
            && ends
    }
}

#[cfg(test)]
mod tests;
