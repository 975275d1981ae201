//! Orders that wait for a price.

use super::json::{number, of_instrument, optional};
use super::sheet::TIE;
use super::{Entry, Sheet, clock_time, exact_time, fields, full_time};
use crate::request::Style;
use openalgo::core::order::{Gtt, GttLeg, GttLegs, LegState, Order, PriceType};
use serde_json::{Value, json};

/// As programs read it, with the orders that its legs have placed.
pub(crate) fn gtt_json(gtt: &Gtt, orders: &[Order]) -> Value {
    let legs = gtt.legs.as_slice().iter();
    let fields = json!({
        "trigger_id": gtt.trigger_id,
        "trigger_type": gtt.legs.trigger_type(),
        "status": gtt.status,
        "status_message": gtt.message,
        "held_by": gtt.keeper,
        "action": gtt.side,
        "quantity": gtt.quantity,
        "product": gtt.product,
        "legs": legs.map(|leg| leg_json(leg, orders)).collect::<Vec<_>>(),
        "margin": number(gtt.margin),
        "strategy": gtt.strategy,
        "last_price": optional(gtt.last_price),
        "mode": gtt.mode,
        "broker": gtt.broker,
        "expires_at": exact_time(gtt.expires_at),
        "created_at": exact_time(gtt.created_at),
        "updated_at": exact_time(gtt.updated_at),
    });
    of_instrument(&gtt.instrument, fields)
}

/// A leg as programs read it, with the order that it has placed.
pub(crate) fn leg_json(leg: &GttLeg, orders: &[Order]) -> Value {
    json!({
        "fires": leg.side,
        "trigger_price": number(leg.trigger),
        "price_type": price_type(leg),
        "price": optional(leg.limit),
        "status": leg.state.status(),
        "order_id": placed(leg, orders).map(Order::public_id),
    })
}

fn price_type(leg: &GttLeg) -> PriceType {
    leg.limit
        .map_or(PriceType::Market, |_limit| PriceType::Limit)
}

/// The order that a leg has placed.
fn placed<'a>(leg: &GttLeg, orders: &'a [Order]) -> Option<&'a Order> {
    match leg.state {
        LegState::Triggered { order } => orders.iter().find(|it| Some(it.id) == order),
        LegState::Pending { .. } | LegState::Triggering { .. } | LegState::Cancelled => None,
    }
}

pub(crate) fn gtts_table(style: &Style, gtts: &[Gtt]) -> String {
    let columns = [
        "GTT",
        "Placed",
        "Symbol",
        "Exch",
        "Side",
        "#Qty",
        "Product",
        "~Waits for",
        "Until",
        "~Status",
    ];
    let mut sheet = Sheet::fitting(style, &columns).spare(&["Until", "Product", "Exch", "Placed"]);
    for gtt in gtts {
        sheet.row([
            Entry::new(&gtt.trigger_id),
            Entry::new(clock_time(gtt.created_at)),
            Entry::new(&gtt.instrument.symbol),
            Entry::new(gtt.instrument.exchange),
            Entry::side(gtt.side),
            Entry::new(gtt.quantity),
            Entry::new(gtt.product),
            Entry::new(legs_text(&gtt.legs)),
            Entry::new(gtt.expires_at.to_ist().format("%Y-%m-%d")),
            Entry::new(gtt.status),
        ]);
    }
    sheet.or("No GTT orders.")
}

/// What is waited for, as people read it.
pub(crate) fn legs_text(legs: &GttLegs) -> String {
    let legs: Vec<String> = legs.as_slice().iter().map(leg_text).collect();
    legs.join(", ")
}

fn leg_text(leg: &GttLeg) -> String {
    let limit = leg.limit.map(|limit| format!(" limit{TIE}{limit}"));
    let limit = limit.unwrap_or_default();
    format!("{}{TIE}{}{limit}", leg.side, leg.trigger)
}

/// As people read it, with the orders that its legs have placed.
pub(crate) fn gtt_details(gtt: &Gtt, orders: &[Order]) -> String {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let leg = |leg: &GttLeg| {
        let order = placed(leg, orders).map(|order| format!(", order {}", order.public_id()));
        let order = order.unwrap_or_default();
        let text = leg_text(leg).replace(TIE, " ");
        format!("{text} ({}{order})", leg.state.status())
    };
    let legs: Vec<String> = gtt.legs.as_slice().iter().map(leg).collect();
    let kept = format!(
        "{} ({} mode), price watched by {}",
        gtt.broker, gtt.mode, gtt.keeper
    );
    fields(&[
        ("GTT", gtt.trigger_id.to_string()),
        ("Status", gtt.status.to_string()),
        ("Message", or_dash(gtt.message.clone())),
        ("Type", gtt.legs.trigger_type().to_string()),
        ("Instrument", gtt.instrument.to_string()),
        ("Side", gtt.side.to_string()),
        ("Quantity", gtt.quantity.to_string()),
        ("Product", gtt.product.to_string()),
        ("Waits for", legs.join("; ")),
        (
            "Price then",
            or_dash(gtt.last_price.map(|it| it.to_string())),
        ),
        ("Reserved", gtt.margin.to_string()),
        ("Broker", kept),
        ("Strategy", or_dash(gtt.strategy.clone())),
        ("Until", full_time(gtt.expires_at)),
        ("Placed", full_time(gtt.created_at)),
        ("Updated", full_time(gtt.updated_at)),
    ])
}
