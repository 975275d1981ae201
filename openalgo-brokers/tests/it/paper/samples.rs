//! Instruments, orders and sums that tests use.

use super::world::{CAPITAL, World};
use openalgo_core::id::BrokerOrderId;
use openalgo_core::market::{Exchange, Instrument, InstrumentKey, InstrumentKind, Symbol};
use openalgo_core::order::{NewOrder, OrderEventKind, OrderKind, OrderStatus, Side};
use openalgo_core::paper::{LedgerEntry, PaperTerms};
use openalgo_core::value::{Money, Price, Quantity, Tick};
use std::sync::Arc;

pub(super) fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub(super) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub(super) fn share() -> Instrument {
    instrument(Exchange::Nse, "RELIANCE", InstrumentKind::Equity, 1)
}

pub(super) fn option() -> Instrument {
    instrument(
        Exchange::Nfo,
        "NIFTY29DEC2626000CE",
        InstrumentKind::Call,
        65,
    )
}

pub(super) fn instrument(
    exchange: Exchange,
    symbol: &str,
    kind: InstrumentKind,
    lot: i64,
) -> Instrument {
    Instrument {
        key: InstrumentKey::new(exchange, Symbol::try_new(symbol).unwrap()),
        name: symbol.into(),
        kind,
        expiry: None,
        strike: None,
        lot_size: Quantity::try_new(lot).unwrap(),
        tick: Tick::try_new(price("0.05")).unwrap(),
        token: None,
        freeze_quantity: None,
    }
}

pub(super) fn terms() -> Arc<PaperTerms> {
    Arc::new(PaperTerms::with_capital(money(CAPITAL)))
}

pub(super) fn order(
    instrument: &Instrument,
    side: Side,
    quantity: i64,
    kind: OrderKind,
) -> NewOrder {
    let quantity = Quantity::try_new(quantity).unwrap();
    NewOrder {
        kind,
        ..NewOrder::market(instrument.key.clone(), side, quantity)
    }
}

pub(super) fn limit(text: &str) -> OrderKind {
    OrderKind::Limit { price: price(text) }
}

pub(super) fn stop(trigger: &str) -> OrderKind {
    OrderKind::StopMarket {
        trigger: price(trigger),
    }
}

pub(super) fn status(entry: &LedgerEntry, world: &World) -> OrderStatus {
    let id = entry.orders[0].intent;
    let working = world
        .ledger
        .orders
        .iter()
        .find(|order| order.intent.id == id);
    match (
        working,
        entry.orders[0].events.last().map(|event| &event.kind),
    ) {
        (Some(working), _) => working.state.status(),
        (None, Some(OrderEventKind::Filled { .. })) => OrderStatus::Complete,
        (None, Some(OrderEventKind::Cancelled { .. })) => OrderStatus::Cancelled,
        (None, _) => OrderStatus::Rejected,
    }
}

pub(super) fn id(entry: &LedgerEntry) -> BrokerOrderId {
    entry.orders[0]
        .events
        .iter()
        .find_map(|event| match &event.kind {
            OrderEventKind::Accepted {
                broker_order_id, ..
            } => Some(broker_order_id.clone()),
            _ => None,
        })
        .unwrap()
}
