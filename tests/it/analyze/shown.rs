//! What the services tell, as clients know it.

use openalgo::core::market::Timestamp;
use openalgo::core::order::{Gtt, Order, OrderStatus, Side, Trade, TriggerSide};
use openalgo::core::portfolio::MarkedPosition;
use openalgo::engine::service::FundsView;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Display;

/// An amount or a price as a number.
pub(super) fn number(value: impl Display) -> Value {
    let text = value.to_string();
    text.parse::<f64>().unwrap().into()
}

fn time(at: Timestamp) -> String {
    at.to_ist().format("%Y-%m-%d %H:%M:%S").to_string()
}

fn order(order: &Order) -> serde_json::Map<String, Value> {
    let asked = &order.intent.order;
    let price = asked.kind.price().or(order.intent.ltp);
    let row = json!({
        "action": asked.side,
        "average_price": number(order.average_price().unwrap()),
        "exchange": asked.instrument.exchange,
        "filled_quantity": order.executed().quantity,
        "order_status": order.status().as_str().to_ascii_lowercase(),
        "orderid": order.public_id(),
        "pending_quantity": pending(order),
        "price": price.map_or(0.0.into(), number),
        "product": asked.product,
        "quantity": asked.quantity,
        "strategy": asked.strategy.clone().unwrap_or_default(),
        "symbol": asked.instrument.symbol,
        "timestamp": time(order.intent.at),
        "trigger_price": asked.kind.trigger().map_or(0.0.into(), number),
    });
    row.as_object().unwrap().clone()
}

/// What was not filled, of a cancelled order too; a rejected one has nothing left.
fn pending(order: &Order) -> i64 {
    if order.status() == OrderStatus::Rejected {
        return 0;
    }
    order.intent.order.quantity.get() - order.executed().quantity.get()
}

/// One order.
pub(super) fn status(of: &Order) -> Value {
    let mut row = order(of);
    let price_type = json!(of.intent.order.kind.price_type());
    row.insert("price_type".to_owned(), price_type);
    row.into()
}

/// The order book.
pub(super) fn book(orders: &[Order]) -> Value {
    let rows = orders.iter().map(|of| {
        let mut row = order(of);
        let price_type = json!(of.intent.order.kind.price_type());
        row.insert("pricetype".to_owned(), price_type);
        let reason = of
            .state
            .message()
            .filter(|_| of.status() == OrderStatus::Rejected);
        row.insert(
            "rejection_reason".to_owned(),
            reason.unwrap_or_default().into(),
        );
        Value::from(row)
    });
    let count = |status| {
        orders
            .iter()
            .filter(|order| order.status() == status)
            .count()
    };
    let side = |side| {
        orders
            .iter()
            .filter(|order| order.intent.order.side == side)
            .count()
    };
    json!({
        "orders": rows.collect::<Vec<_>>(),
        "statistics": {
            "total_buy_orders": side(Side::Buy),
            "total_sell_orders": side(Side::Sell),
            "total_completed_orders": count(OrderStatus::Complete),
            "total_open_orders": count(OrderStatus::Open),
            "total_rejected_orders": count(OrderStatus::Rejected),
            "total_trigger_pending_orders": count(OrderStatus::TriggerPending),
        },
    })
}

/// The trade book; strategies are those of the orders.
pub(super) fn trades(trades: &[Trade], orders: &[Order]) -> Value {
    let orders: BTreeMap<_, _> = orders.iter().map(|order| (Some(order.id), order)).collect();
    let rows = trades.iter().map(|trade| {
        let order = orders[&trade.order];
        let execution = &trade.execution;
        json!({
            "action": execution.side,
            "average_price": number(execution.price),
            "exchange": execution.instrument.exchange,
            "orderid": order.public_id(),
            "price": number(execution.price),
            "product": execution.product,
            "quantity": execution.quantity,
            "strategy": order.intent.order.strategy.clone().unwrap_or_default(),
            "symbol": execution.instrument.symbol,
            "timestamp": time(execution.at),
            "trade_value": number(execution.value().unwrap()),
            "tradeid": execution.broker_trade_id.as_ref().map(ToString::to_string),
        })
    });
    rows.collect()
}

fn position(marked: &MarkedPosition) -> serde_json::Map<String, Value> {
    let position = &marked.position;
    let row = json!({
        "exchange": position.key.instrument.exchange,
        "pnl": number(marked.pnl),
        "product": position.key.product,
        "quantity": position.quantity,
        "symbol": position.key.instrument.symbol,
        "today_realized_pnl": number(position.today_realized_pnl),
        "total_pnl_today": number(marked.pnl),
        "unrealized_pnl": number(marked.unrealized_pnl),
    });
    row.as_object().unwrap().clone()
}

/// Positions with their profit alone.
pub(super) fn profits(positions: &[MarkedPosition]) -> Value {
    positions.iter().map(position).map(Value::from).collect()
}

/// Profit in per cent of what the open units cost, in all the digits that clients get.
fn percent(marked: &MarkedPosition) -> Value {
    let position = &marked.position;
    if position.quantity.is_flat() {
        return 0.0.into();
    }
    let [pnl, cost] = [marked.pnl, position.cost].map(|money| number(money).as_f64().unwrap());
    (pnl / cost.abs() * 100.0).into()
}

/// The position book.
pub(super) fn positions(positions: &[MarkedPosition]) -> Value {
    let rows = positions.iter().map(|marked| {
        let mut row = position(marked);
        let average = number(marked.position.average_price().unwrap());
        row.insert("average_price".to_owned(), average);
        row.insert("lot_size".to_owned(), 1.0.into());
        row.insert("ltp".to_owned(), number(marked.position.ltp));
        row.insert("pnlpercent".to_owned(), percent(marked));
        Value::from(row)
    });
    let float = |value: &dyn Display| value.to_string().parse::<f64>().unwrap();
    let pnl: f64 = positions.iter().map(|marked| float(&marked.pnl)).sum();
    let realized = positions
        .iter()
        .map(|it| float(&it.position.today_realized_pnl))
        .sum::<f64>();
    let unrealized = positions
        .iter()
        .map(|marked| float(&marked.unrealized_pnl))
        .sum::<f64>();
    json!({
        "data": rows.collect::<Vec<_>>(),
        "total_pnl": pnl,
        "total_pnl_today": pnl,
        "total_today_realized_pnl": realized,
        "total_unrealized_pnl": unrealized,
    })
}

/// The money.
pub(super) fn funds(view: &FundsView) -> Value {
    let funds = &view.funds;
    json!({
        "availablecash": number(funds.available),
        "collateral": 0.0,
        "grossexposure": number(funds.used_margin),
        "last_reset": "",
        "m2mrealized": number(funds.today_realized_pnl),
        "m2munrealized": number(view.unrealized_pnl),
        "reset_count": funds.reset_count,
        "today_realized_pnl": number(funds.today_realized_pnl),
        "total_realized_pnl": number(funds.realized_pnl),
        "totalpnl": number(view.total_pnl),
        "utiliseddebits": number(funds.used_margin),
    })
}

/// Orders that wait for a price; `ltp` tells the last price of each.
pub(super) fn gtts(gtts: &[(Gtt, Value)]) -> Value {
    let rows = gtts.iter().map(|(gtt, ltp)| {
        let legs = gtt.legs.as_slice();
        let shown = legs.iter().map(|leg| {
            json!({
                "action": gtt.side,
                "price": leg.limit.map_or(0.0.into(), number),
                "pricetype": if leg.limit.is_some() { "LIMIT" } else { "MARKET" },
                "product": gtt.product,
                "quantity": gtt.quantity,
            })
        });
        let is_single = legs.len() == 1;
        let mut triggers: Vec<_> = legs.iter().collect();
        triggers.sort_by_key(|leg| leg.side != TriggerSide::Below);
        json!({
            "created_at": time(gtt.created_at),
            "exchange": gtt.instrument.exchange,
            "expires_at": time(gtt.expires_at),
            "last_price": ltp,
            "legs": shown.collect::<Vec<_>>(),
            "margin_blocked": number(gtt.margin),
            "status": gtt.status,
            "strategy": gtt.strategy,
            "symbol": gtt.instrument.symbol,
            "trigger_id": gtt.trigger_id,
            "trigger_prices": triggers.iter().map(|leg| number(leg.trigger)).collect::<Vec<_>>(),
            "trigger_type": if is_single { "single" } else { "two-leg" },
            "updated_at": time(gtt.updated_at),
        })
    });
    rows.collect()
}
