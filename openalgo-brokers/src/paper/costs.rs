//! What a trade costs besides its price: charges, and a worse price at the market.

use openalgo_core::market::{Instrument, Timestamp};
use openalgo_core::order::{NewOrder, OrderKind, Side};
use openalgo_core::paper::{Movement, MovementKind, PaperTerms};
use openalgo_core::portfolio::Position;
use openalgo_core::rule::charges::Charges;
use openalgo_core::value::{NetQuantity, Price, ValueError};

/// The price of what trades at the market, which is worse than the one that is seen. What has a
/// limit trades no worse than that.
pub(super) fn slipped(
    terms: &PaperTerms,
    order: &NewOrder,
    (instrument, price): (&Instrument, Price),
) -> Price {
    match order.kind {
        OrderKind::Market | OrderKind::StopMarket { .. } => {}
        OrderKind::Limit { .. } | OrderKind::StopLimit { .. } => return price,
    }
    let ticks = i64::from(terms.slippage);
    let worse = match order.side {
        Side::Buy => instrument.tick.steps_from(price, ticks),
        Side::Sell => instrument.tick.steps_from(price, ticks.saturating_neg()),
    };
    // Nothing is sold for nothing.
    worse.ok().filter(|worse| !worse.is_zero()).unwrap_or(price)
}

/// What a trade costs.
pub(super) fn charges(
    terms: &PaperTerms,
    order: &NewOrder,
    (instrument, price, at): (&Instrument, Price, Timestamp),
) -> Result<Charges, ValueError> {
    let Some(profile) = &terms.charges else {
        return Ok(Charges::default());
    };
    let value = price.times(order.quantity)?;
    let date = at.to_ist().date_naive();
    profile.charges((instrument, order.product, order.side), value, date)
}

/// The movements that take charges from a position.
pub(super) fn movements(
    position: &Position,
    charges: &Charges,
    at: Timestamp,
) -> impl Iterator<Item = Movement> {
    let parts = [
        (MovementKind::Brokerage, charges.brokerage),
        (MovementKind::Stt, charges.stt),
        (MovementKind::ExchangeFee, charges.exchange_fee),
        (MovementKind::SebiFee, charges.sebi_fee),
        (MovementKind::Gst, charges.gst),
        (MovementKind::StampDuty, charges.stamp_duty),
    ];
    let key = position.key.clone();
    let due = parts.into_iter().filter(|(_, amount)| !amount.is_zero());
    due.map(move |(kind, amount)| Movement {
        instrument: key.instrument.clone(),
        product: key.product,
        kind,
        units: NetQuantity::FLAT,
        cash: amount.negated(),
        at,
    })
}
