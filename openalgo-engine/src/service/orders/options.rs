//! Orders for options that are meant by their distance from the money.
//!
//! Which option that is depends on the price of the moment. So what makes two requests the same is
//! what was asked for, and a request that comes again goes on with the options that it led to at
//! first.

use super::legs::Numbered;
use super::place::Way;
use super::request::Asked;
use super::{Leg, OrderService, PlaceOrderError};
use crate::market::{OptionChoice, OptionError, ResolvedOption, UnderlyingPrice, UnderlyingQuery};
use crate::route::RouteError;
use chrono::NaiveDate;
use openalgo_core::id::{ClientOrderId, TextError, UserId};
use openalgo_core::market::{Instrument, InstrumentKey, LotError};
use openalgo_core::order::{
    NewOrder, OrderKind, OrderRequest, OrderSource, Product, RequestKind, Side, TradingMode,
};
use openalgo_core::rule::split::{MOST_ORDERS, SplitRefusal, split};
use openalgo_core::value::Quantity;
use serde::Serialize;
use std::collections::BTreeMap;
use thiserror::Error;

/// One request may have so many legs.
const MOST_LEGS: usize = 20;

/// Orders for options of one underlying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionsOrder {
    /// What the options are on.
    pub underlying: UnderlyingQuery,
    /// The last day of those legs that name none.
    pub expiry: Option<NaiveDate>,
    /// The legs.
    pub legs: Vec<OptionLeg>,
    /// The strategy that asks.
    pub strategy: Option<String>,
    /// The surface that it comes from.
    pub source: OrderSource,
    /// The sender's id of the whole request: the first leg is the order `ID-1`, and the first part of
    /// a leg that is split `ID-1-1`.
    pub client_order_id: Option<ClientOrderId>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionLeg {
    /// Which option.
    pub option: OptionChoice,
    /// Bought or sold.
    pub side: Side,
    /// In units.
    pub quantity: Quantity,
    /// Intraday or carried over.
    pub product: Product,
    /// At which price.
    pub kind: OrderKind,
    /// How large its parts are, if it is to be split.
    pub split: Option<Quantity>,
}

/// What became of orders for options.
#[derive(Debug)]
pub struct OptionsPlaced<P> {
    /// What they are on; `None` where it has no price.
    pub underlying: Option<UnderlyingPrice>,
    /// The legs, in the order of the request.
    pub legs: Vec<OptionLegPlaced<P>>,
}

/// What became of a leg.
#[derive(Debug)]
pub struct OptionLegPlaced<P> {
    /// Its number in the request; the first is 1.
    pub number: usize,
    /// The option that it led to.
    pub option: Option<InstrumentKey>,
    /// What became of each part of it, of which there is one unless it was split.
    pub outcome: Result<Vec<P>, OptionLegError>,
}

/// Why none of the legs of a request was looked at.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OptionsOrderError {
    /// There are too few legs, or too many.
    #[error("Legs must contain 1 to {MOST_LEGS} items.")]
    Legs(usize),
    /// A live order would go by prices that are made up, or of another time.
    #[error(
        "the prices here are not those of the market: no option is ordered by them at a broker"
    )]
    NoRealPrices,
    /// It is not known where orders go.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The id was given to something else before, or cannot be looked for.
    #[error(transparent)]
    Place(#[from] PlaceOrderError),
}

/// Why a leg led to no order.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OptionLegError {
    /// It means no option.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// It would become too many orders.
    #[error("Split orders would exceed maximum limit of {MOST_ORDERS} per leg")]
    TooManyParts,
    /// It cannot be split so.
    #[error(transparent)]
    Split(#[from] SplitRefusal),
    /// It, or its parts, are no whole number of lots.
    #[error(transparent)]
    Lot(#[from] LotError),
    /// No id could be made of the one that was given.
    #[error(transparent)]
    Id(#[from] TextError),
}

/// The orders of a request, with the numbers of their legs.
pub(super) struct OptionOrders {
    pub(super) underlying: Option<UnderlyingPrice>,
    /// All orders, each with a number of its own.
    pub(super) orders: Numbered,
    /// The leg of each number.
    leg_of: BTreeMap<usize, usize>,
    /// What each leg led to.
    found: Vec<Result<InstrumentKey, OptionLegError>>,
}

impl OptionOrders {
    /// Gives what became of each order back to its leg.
    pub(super) fn tell<P>(self, placed: Vec<(usize, P)>) -> OptionsPlaced<P> {
        let mut parts: BTreeMap<usize, Vec<P>> = BTreeMap::new();
        for (number, outcome) in placed {
            let leg = self.leg_of.get(&number).copied().unwrap_or_default();
            parts.entry(leg).or_default().push(outcome);
        }
        let legs = (1..)
            .zip(self.found)
            .map(|(number, found)| OptionLegPlaced {
                number,
                option: found.as_ref().ok().cloned(),
                outcome: found.map(|_option| parts.remove(&number).unwrap_or_default()),
            });
        OptionsPlaced {
            underlying: self.underlying,
            legs: legs.collect(),
        }
    }
}

impl Way {
    /// The request that orders for options are.
    pub(super) fn options(
        &self,
        order: &OptionsOrder,
    ) -> Result<Option<OrderRequest>, OptionsOrderError> {
        if !(1..=MOST_LEGS).contains(&order.legs.len()) {
            return Err(OptionsOrderError::Legs(order.legs.len()));
        }
        let id = order.client_order_id.as_ref();
        Ok(self.request((RequestKind::Options, id), order)?)
    }
}

impl OrderService {
    /// Places orders for options that are meant by their distance from the money: those that buy
    /// first, as [`OrderService::basket`] does. What becomes of each leg is told by itself.
    ///
    /// With a client order id the same request again gives back what was placed, and places what
    /// was not; a leg that is split goes on with the option of its first part.
    pub async fn options(
        &self,
        user: UserId,
        order: OptionsOrder,
    ) -> Result<OptionsPlaced<Leg>, OptionsOrderError> {
        let way = self.way(user).await?;
        self.check_prices(&way)?;
        let asked = self.asked(&way, way.options(&order)?).await?;
        let before = |id: &ClientOrderId| placed_before(&asked, id);
        let mut found = self.option_orders(&order, before).await;
        let orders = std::mem::take(&mut found.orders);
        let legs = self.basket_on(&way, orders, &asked).await;
        Ok(found.tell(legs.into_iter().map(|leg| (leg.number, leg)).collect()))
    }

    /// Refuses to choose options for real money by prices that are not the market's.
    pub(super) fn check_prices(&self, way: &Way) -> Result<(), OptionsOrderError> {
        if way.route.mode == TradingMode::Live && self.market.is_staged() {
            return Err(OptionsOrderError::NoRealPrices);
        }
        Ok(())
    }

    /// The orders that a request leads to; `before` tells the option of an order that came of it
    /// earlier.
    pub(super) async fn option_orders(
        &self,
        order: &OptionsOrder,
        before: impl Fn(&ClientOrderId) -> Option<InstrumentKey>,
    ) -> OptionOrders {
        let underlying = self
            .market
            .underlying(&order.underlying, order.expiry)
            .await
            .ok();
        let mut all = OptionOrders {
            underlying,
            orders: Vec::new(),
            leg_of: BTreeMap::new(),
            found: Vec::new(),
        };
        for (number, leg) in (1..).zip(&order.legs) {
            let found = self
                .leg_orders(order, (number, leg), (&all.underlying, &before))
                .await;
            let found = found.map(|(option, orders)| {
                for order in orders {
                    let next = all.orders.len().saturating_add(1);
                    all.leg_of.insert(next, number);
                    all.orders.push((next, order));
                }
                option
            });
            all.found.push(found);
        }
        all
    }

    /// The option of a leg, and its orders.
    async fn leg_orders(
        &self,
        order: &OptionsOrder,
        (number, leg): (usize, &OptionLeg),
        (underlying, before): (
            &Option<UnderlyingPrice>,
            impl Fn(&ClientOrderId) -> Option<InstrumentKey>,
        ),
    ) -> Result<(InstrumentKey, Vec<NewOrder>), OptionLegError> {
        let parts = match leg.split {
            Some(size) => split(leg.quantity, size).map_err(too_many)?,
            None => vec![leg.quantity],
        };
        let id_of = |part: usize| -> Result<Option<ClientOrderId>, TextError> {
            let own = |id: &ClientOrderId| match leg.split {
                Some(_) => id.derive(&format!("{number}-{part}")),
                None => id.derive(&number.to_string()),
            };
            order.client_order_id.as_ref().map(own).transpose()
        };
        let ids = (1..=parts.len())
            .map(id_of)
            .collect::<Result<Vec<_>, _>>()?;
        let known = ids.iter().flatten().find_map(before);
        let instrument = if let Some(instrument) = known {
            instrument
        } else {
            let option = self.leg_option(order, leg, underlying.as_ref()).await?;
            check_parts(&option.instrument, leg)?;
            option.instrument.key.clone()
        };
        let orders = parts
            .into_iter()
            .zip(ids)
            .map(|(quantity, client_order_id)| NewOrder {
                instrument: instrument.clone(),
                side: leg.side,
                quantity,
                product: leg.product,
                kind: leg.kind,
                strategy: order.strategy.clone(),
                source: order.source,
                client_order_id,
            });
        let orders = orders.collect();
        Ok((instrument, orders))
    }

    async fn leg_option(
        &self,
        order: &OptionsOrder,
        leg: &OptionLeg,
        underlying: Option<&UnderlyingPrice>,
    ) -> Result<ResolvedOption, OptionError> {
        let choice = OptionChoice {
            expiry: leg.option.expiry.or(order.expiry),
            ..leg.option
        };
        if let Some(underlying) = underlying {
            return self.market.option(underlying, &choice).await;
        }
        let asked = &order.underlying;
        let underlying = self.market.underlying(asked, choice.expiry).await?;
        self.market.option(&underlying, &choice).await
    }
}

/// A split that goes too far, in the words that clients know of legs.
fn too_many(refusal: SplitRefusal) -> OptionLegError {
    if refusal == SplitRefusal::TooMany {
        OptionLegError::TooManyParts
    } else {
        OptionLegError::Split(refusal)
    }
}

/// A leg that is split is refused before its first part goes, where another part would be.
fn check_parts(instrument: &Instrument, leg: &OptionLeg) -> Result<(), LotError> {
    let Some(size) = leg.split else {
        return Ok(());
    };
    instrument.check_lot(leg.quantity)?;
    instrument.check_lot(size)
}

/// The option of an order that came of a request earlier.
pub(super) fn placed_before(asked: &Asked, id: &ClientOrderId) -> Option<InstrumentKey> {
    let placed = asked.part(Some(id))?;
    Some(placed.order.intent.order.instrument)
}
