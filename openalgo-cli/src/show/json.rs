//! Things as JSON. Prices and amounts are JSON numbers with the digits that they really have.

use super::{exact_time, own_id};
use openalgo::core::account::User;
use openalgo::core::id::BrokerName;
use openalgo::core::market::{Depth, DepthLevel, Instrument, InstrumentKey, Quote, Tick};
use openalgo::core::order::{Order, Trade};
use openalgo::core::portfolio::{BrokerFunds, Holding, MarkedPosition};
use openalgo::core::value::ValueError;
use openalgo::engine::service::FundsView;
use serde_json::{Number, Value, json};
use std::fmt::Display;

/// A decimal as a JSON number, digit for digit.
pub(crate) fn number(value: impl Display) -> Value {
    let text = value.to_string();
    text.parse::<Number>()
        .map_or(Value::String(text), Value::Number)
}

pub(super) fn optional(value: Option<impl Display>) -> Value {
    value.map_or(Value::Null, number)
}

fn computed(value: Result<impl Display, ValueError>) -> Value {
    value.map_or(Value::Null, number)
}

/// Adds exchange and symbol to the fields of something.
pub(super) fn of_instrument(key: &InstrumentKey, mut fields: Value) -> Value {
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("symbol".to_owned(), json!(key.symbol));
        fields.insert("exchange".to_owned(), json!(key.exchange));
    }
    fields
}

pub(crate) fn order_json(order: &Order) -> Value {
    let (intent, asked) = (&order.intent, &order.intent.order);
    let fields = json!({
        "order_id": order.public_id(),
        "client_order_id": own_id(asked),
        "status": order.status(),
        "status_message": order.state.message(),
        "action": asked.side,
        "quantity": asked.quantity,
        "filled_quantity": order.executed().quantity,
        "pending_quantity": order.pending_quantity(),
        "product": asked.product,
        "price_type": asked.kind.price_type(),
        "price": optional(asked.kind.price()),
        "trigger_price": optional(asked.kind.trigger()),
        "average_price": computed(order.average_price()),
        "strategy": asked.strategy,
        "order_source": asked.source,
        "mode": intent.mode,
        "broker": intent.broker,
        "trading_day": intent.trading_day.to_string(),
        "placed_at": exact_time(intent.at),
        "updated_at": exact_time(order.updated_at),
    });
    of_instrument(&asked.instrument, fields)
}

pub(crate) fn trade_json(trade: &Trade) -> Value {
    let execution = &trade.execution;
    let fields = json!({
        "trade_id": execution.broker_trade_id,
        "action": execution.side,
        "quantity": execution.quantity,
        "price": number(execution.price),
        "value": computed(execution.value()),
        "product": execution.product,
        "broker": trade.broker,
        "traded_at": exact_time(execution.at),
    });
    of_instrument(&execution.instrument, fields)
}

pub(crate) fn position_json(marked: &MarkedPosition) -> Value {
    let position = &marked.position;
    let fields = json!({
        "product": position.key.product,
        "quantity": position.quantity,
        "average_price": computed(position.average_price()),
        "ltp": number(position.ltp),
        "pnl": number(marked.pnl),
        "pnl_percent": number(marked.pnl_percent),
        "unrealized_pnl": number(marked.unrealized_pnl),
        "today_realized_pnl": number(position.today_realized_pnl),
        "margin": number(position.margin),
        "broker": position.key.broker,
    });
    of_instrument(&position.key.instrument, fields)
}

pub(crate) fn holding_json(holding: &Holding) -> Value {
    let fields = json!({
        "quantity": holding.quantity,
        "t1_quantity": holding.t1_quantity,
        "average_price": computed(holding.average_price()),
        "ltp": number(holding.ltp),
        "current_value": computed(holding.current_value()),
        "pnl": computed(holding.pnl()),
        "pnl_percent": computed(holding.pnl_percent()),
        "broker": holding.key.broker,
    });
    of_instrument(&holding.key.instrument, fields)
}

pub(crate) fn funds_json(view: &FundsView) -> Value {
    let funds = &view.funds;
    json!({
        "broker": view.broker,
        "total_capital": number(funds.total_capital),
        "available": number(funds.available),
        "used_margin": number(funds.used_margin),
        "realized_pnl": number(funds.realized_pnl),
        "today_realized_pnl": number(funds.today_realized_pnl),
        "unrealized_pnl": number(view.unrealized_pnl),
        "total_pnl": number(view.total_pnl),
        "reset_count": funds.reset_count,
    })
}

pub(crate) fn broker_funds_json(broker: &BrokerName, funds: &BrokerFunds) -> Value {
    json!({
        "broker": broker,
        "available": number(funds.available),
        "collateral": number(funds.collateral),
        "used_margin": number(funds.used_margin),
        "realized_pnl": number(funds.realized_pnl),
        "unrealized_pnl": number(funds.unrealized_pnl),
    })
}

pub(crate) fn instrument_json(instrument: &Instrument) -> Value {
    let fields = json!({
        "name": instrument.name,
        "instrument_type": instrument.kind,
        "expiry": instrument.expiry.map(|date| date.to_string()),
        "strike": optional(instrument.strike),
        "lot_size": instrument.lot_size,
        "tick_size": number(instrument.tick),
        "token": instrument.token,
        "freeze_quantity": instrument.freeze_quantity,
    });
    of_instrument(&instrument.key, fields)
}

pub(crate) fn quote_json(quote: &Quote) -> Value {
    let fields = json!({
        "ltp": number(quote.ltp),
        "open": number(quote.open),
        "high": number(quote.high),
        "low": number(quote.low),
        "prev_close": number(quote.prev_close),
        "volume": quote.volume,
        "bid": optional(quote.bid),
        "ask": optional(quote.ask),
        "bid_quantity": quote.bid_quantity,
        "ask_quantity": quote.ask_quantity,
        "oi": quote.oi,
        "timestamp": exact_time(quote.timestamp),
    });
    of_instrument(&quote.instrument, fields)
}

pub(crate) fn user_json(user: &User) -> Value {
    json!({
        "username": user.username,
        "email": user.email,
        "is_admin": user.is_admin,
        "second_factor": user.totp_secret.is_some(),
        "created_at": exact_time(user.created_at),
    })
}

/// An order book; the sides have the names that clients know.
pub(crate) fn depth_json(depth: &Depth) -> Value {
    let side = |levels: &[DepthLevel]| -> Vec<Value> {
        let levels = levels.iter();
        let level = |level: &DepthLevel| {
            json!({
                "price": number(level.price),
                "quantity": level.quantity,
                "orders": level.orders,
            })
        };
        levels.map(level).collect()
    };
    let fields = json!({
        "bids": side(&depth.bids),
        "asks": side(&depth.asks),
        "timestamp": exact_time(depth.timestamp),
    });
    of_instrument(&depth.instrument, fields)
}

/// A price as it came.
pub(crate) fn tick_json(tick: &Tick) -> Value {
    let day = tick.quote.as_ref();
    let fields = json!({
        "ltp": number(tick.ltp),
        "open": optional(day.map(|day| day.open)),
        "high": optional(day.map(|day| day.high)),
        "low": optional(day.map(|day| day.low)),
        "prev_close": optional(day.map(|day| day.prev_close)),
        "volume": day.map(|day| day.volume),
        "bid": optional(day.and_then(|day| day.bid)),
        "ask": optional(day.and_then(|day| day.ask)),
        "oi": day.and_then(|day| day.oi),
        "timestamp": exact_time(tick.at()),
        "source": tick.source.to_string(),
    });
    of_instrument(&tick.instrument, fields)
}
