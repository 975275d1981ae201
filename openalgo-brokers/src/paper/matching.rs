//! When an order fills, and at which price (`docs/paper-exchange.md`).
//!
//! All triggers and limits are inclusive. There are no partial fills.

use openalgo_core::market::Quote;
use openalgo_core::order::{NewOrder, OrderKind, Side};
use openalgo_core::paper::PriceBand;
use openalgo_core::value::Price;

/// What the exchange does with an order at a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// Fills it as a whole.
    Fill(Price),
    /// Lets it wait for its trigger.
    AwaitTrigger,
    /// Lets it wait for its limit.
    Rest,
}

/// What happens to an order at the moment it arrives; `None` for a market order that has no price
/// to meet.
///
/// A marketable limit order fills at the last price, not at its limit: the improvement is the
/// trader's. A stop order whose trigger is met already fills at the last price too. A quote that
/// mixes two days fills nothing, and neither does one of a market that is closed, which is `None`.
pub(super) fn on_arrival(kind: OrderKind, side: Side, quote: Option<&Quote>) -> Option<Match> {
    let quote = quote.filter(|quote| quote.is_coherent());
    let ltp = quote.map(|quote| quote.ltp);
    match (kind, ltp) {
        (OrderKind::Market, _) => quote.map(|quote| Match::Fill(quote.market_price(side))),
        (OrderKind::Limit { price }, Some(ltp)) if band_of_limit(side, price).contains(ltp) => {
            Some(Match::Fill(ltp))
        }
        (OrderKind::Limit { .. }, _) => Some(Match::Rest),
        (OrderKind::StopLimit { .. } | OrderKind::StopMarket { .. }, Some(ltp)) => {
            Some(while_waiting(kind, side, ltp))
        }
        (OrderKind::StopLimit { .. } | OrderKind::StopMarket { .. }, None) => {
            Some(Match::AwaitTrigger)
        }
    }
}

/// What happens to a resting order at the moment its terms change: what is met already fills, at
/// the last price, as if it had just arrived.
pub(super) fn on_change(order: &NewOrder, awaits_trigger: bool, quote: Option<&Quote>) -> Match {
    let waiting = if awaits_trigger {
        Match::AwaitTrigger
    } else {
        Match::Rest
    };
    let Some(quote) = quote.filter(|quote| quote.is_coherent()) else {
        return waiting;
    };
    match order.kind {
        OrderKind::Limit { .. } => {
            on_arrival(order.kind, order.side, Some(quote)).unwrap_or(waiting)
        }
        OrderKind::Market | OrderKind::StopLimit { .. } | OrderKind::StopMarket { .. } => {
            on_price(order.kind, order.side, awaits_trigger, quote.ltp)
        }
    }
}

/// What happens to a resting order at a price. `awaits_trigger` tells whether its trigger has
/// not been met yet.
pub(super) fn on_price(kind: OrderKind, side: Side, awaits_trigger: bool, ltp: Price) -> Match {
    if awaits_trigger {
        return while_waiting(kind, side, ltp);
    }
    match kind {
        OrderKind::Market => Match::Fill(ltp),
        OrderKind::Limit { price } if band_of_limit(side, price).contains(ltp) => {
            Match::Fill(price)
        }
        OrderKind::StopLimit { .. } | OrderKind::StopMarket { .. }
            if band(kind, side, false).contains(ltp) =>
        {
            Match::Fill(ltp)
        }
        OrderKind::Limit { .. } | OrderKind::StopLimit { .. } | OrderKind::StopMarket { .. } => {
            Match::Rest
        }
    }
}

/// A stop order before its trigger was met.
fn while_waiting(kind: OrderKind, side: Side, ltp: Price) -> Match {
    if !band(kind, side, true).contains(ltp) {
        Match::AwaitTrigger
    } else if band(kind, side, false).contains(ltp) {
        Match::Fill(ltp)
    } else {
        Match::Rest
    }
}

/// The prices at which something happens to a resting order.
pub(super) fn band(kind: OrderKind, side: Side, awaits_trigger: bool) -> PriceBand {
    match kind {
        OrderKind::Market => PriceBand {
            low: None,
            high: None,
        },
        OrderKind::Limit { price } => band_of_limit(side, price),
        OrderKind::StopMarket { trigger } => band_of_trigger(side, trigger),
        OrderKind::StopLimit { trigger, .. } if awaits_trigger => band_of_trigger(side, trigger),
        OrderKind::StopLimit { trigger, price } => match side {
            Side::Buy => PriceBand {
                low: Some(trigger),
                high: Some(price),
            },
            Side::Sell => PriceBand {
                low: Some(price),
                high: Some(trigger),
            },
        },
    }
}

fn band_of_limit(side: Side, limit: Price) -> PriceBand {
    match side {
        Side::Buy => PriceBand {
            low: None,
            high: Some(limit),
        },
        Side::Sell => PriceBand {
            low: Some(limit),
            high: None,
        },
    }
}

fn band_of_trigger(side: Side, trigger: Price) -> PriceBand {
    band_of_limit(side.opposite(), trigger)
}
