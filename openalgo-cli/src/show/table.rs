//! Things as tables.

use super::sheet::{BREAK, TIE};
use super::{Entry, Sheet, clock_time, rupees};
use crate::request::Style;
use openalgo::core::order::{Order, OrderKind, Trade};
use openalgo::core::portfolio::{BrokerFunds, Holding, MarkedPosition};
use openalgo::core::value::{Money, Price};
use openalgo::engine::service::FundsView;

/// A list of names and values.
pub(crate) fn fields(rows: &[(&str, String)]) -> String {
    let widest = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or_default();
    let lines = rows
        .iter()
        .map(|(name, value)| format!("  {name:<widest$}  {value}\n"));
    lines.collect::<Vec<_>>().concat()
}

fn price(price: Option<Price>) -> String {
    price
        .filter(|price| !price.is_zero())
        .map_or("-".to_owned(), |price| price.to_string())
}

pub(crate) fn orders_table(style: &Style, orders: &[Order]) -> String {
    let columns = [
        "Order", "Time", "|Symbol", "Exch", "Side", "#Filled", "Product", "Type", "#~Price",
        "#Average", "~Status",
    ];
    let mut sheet = Sheet::fitting(style, &columns).spare(&["Time", "Product", "Exch", "Type"]);
    for order in orders {
        let asked = &order.intent.order;
        sheet.row([
            Entry::new(order.public_id()),
            Entry::new(clock_time(order.intent.at)),
            Entry::new(in_parts(asked.instrument.symbol.as_str())),
            Entry::new(asked.instrument.exchange),
            Entry::side(asked.side),
            Entry::new(format!("{}/{}", order.executed().quantity, asked.quantity)),
            Entry::new(asked.product),
            Entry::new(asked.kind.price_type()),
            Entry::new(asked_price(asked.kind)),
            Entry::new(price(order.average_price().ok())),
            Entry::status(order.status()),
        ]);
    }
    sheet.or("No orders.")
}

/// A symbol that may go on in the next line before and after its expiry.
fn in_parts(symbol: &str) -> String {
    const FORM: [fn(&u8) -> bool; 7] = [
        u8::is_ascii_digit,
        u8::is_ascii_digit,
        u8::is_ascii_uppercase,
        u8::is_ascii_uppercase,
        u8::is_ascii_uppercase,
        u8::is_ascii_digit,
        u8::is_ascii_digit,
    ];
    let mut places = symbol.as_bytes().windows(FORM.len());
    let is_expiry = |part: &[u8]| part.iter().zip(FORM).all(|(it, is_right)| is_right(it));
    let parts = places.position(is_expiry).and_then(|at| {
        let (name, rest) = symbol.split_at_checked(at)?;
        Some((name, rest.split_at_checked(FORM.len())?))
    });
    match parts {
        Some((name, (expiry, rest))) => format!("{name}{BREAK}{expiry}{BREAK}{rest}"),
        None => symbol.to_owned(),
    }
}

/// The limit, and the trigger behind it.
fn asked_price(kind: OrderKind) -> String {
    match (kind.price(), kind.trigger()) {
        (Some(limit), None) => limit.to_string(),
        (None, Some(trigger)) => format!("at{TIE}{trigger}"),
        (Some(limit), Some(trigger)) => format!("{limit} at{TIE}{trigger}"),
        (None, None) => "-".to_owned(),
    }
}

pub(crate) fn trades_table(style: &Style, trades: &[Trade]) -> String {
    let columns = [
        "Trade", "Time", "Symbol", "Exch", "Side", "#Qty", "#Price", "#Value", "Product",
    ];
    let mut sheet =
        Sheet::fitting(style, &columns).spare(&["Time", "Product", "Exch", "Value", "Trade"]);
    for trade in trades {
        let done = &trade.execution;
        let id = done
            .broker_trade_id
            .as_ref()
            .map_or_else(String::new, ToString::to_string);
        sheet.row([
            Entry::new(id),
            Entry::new(clock_time(done.at)),
            Entry::new(&done.instrument.symbol),
            Entry::new(done.instrument.exchange),
            Entry::side(done.side),
            Entry::new(done.quantity),
            Entry::new(done.price),
            Entry::new(done.value().map_or_else(|error| error.to_string(), rupees)),
            Entry::new(done.product),
        ]);
    }
    sheet.or("No trades.")
}

pub(crate) fn positions_table(style: &Style, positions: &[MarkedPosition]) -> String {
    let columns = [
        "Symbol", "Exch", "Product", "#Net qty", "#Average", "#LTP", "#P&L", "#P&L %", "#Margin",
    ];
    let mut sheet = Sheet::fitting(style, &columns).spare(&["LTP", "Exch", "P&L %", "Margin"]);
    for marked in positions {
        let position = &marked.position;
        sheet.row([
            Entry::new(&position.key.instrument.symbol),
            Entry::new(position.key.instrument.exchange),
            Entry::new(position.key.product),
            Entry::new(position.quantity),
            Entry::new(price(position.average_price().ok())),
            Entry::new(position.ltp),
            Entry::profit(marked.pnl),
            Entry::new(marked.pnl_percent),
            Entry::new(rupees(position.margin)),
        ]);
    }
    sheet.or("No open positions.")
}

pub(crate) fn holdings_table(style: &Style, holdings: &[Holding]) -> String {
    let columns = [
        "Symbol", "Exch", "#Qty", "#T1 qty", "#Average", "#LTP", "#Value", "#P&L", "#P&L %",
    ];
    let mut sheet =
        Sheet::fitting(style, &columns).spare(&["LTP", "P&L %", "Value", "Exch", "T1 qty"]);
    for holding in holdings {
        sheet.row([
            Entry::new(&holding.key.instrument.symbol),
            Entry::new(holding.key.instrument.exchange),
            Entry::new(holding.quantity),
            Entry::new(holding.t1_quantity),
            Entry::new(price(holding.average_price().ok())),
            Entry::new(holding.ltp),
            Entry::new(
                holding
                    .current_value()
                    .map_or_else(|error| error.to_string(), rupees),
            ),
            Entry::profit(holding.pnl().unwrap_or_default()),
            Entry::new(holding.pnl_percent().unwrap_or_default()),
        ]);
    }
    sheet.or("No holdings.")
}

pub(crate) fn broker_funds_table(style: &Style, funds: &BrokerFunds) -> String {
    let amounts = [
        ("Available", funds.available),
        ("Collateral", funds.collateral),
        ("Used margin", funds.used_margin),
    ];
    let profits = [
        ("Realised P&L today", funds.realized_pnl),
        ("Unrealised P&L", funds.unrealized_pnl),
    ];
    money_table(style, &amounts, &profits)
}

pub(crate) fn funds_table(style: &Style, view: &FundsView) -> String {
    let funds = &view.funds;
    let amounts = [
        ("Available", funds.available),
        ("Used margin", funds.used_margin),
        ("Total capital", funds.total_capital),
    ];
    let profits = [
        ("Realised P&L today", funds.today_realized_pnl),
        ("Realised P&L", funds.realized_pnl),
        ("Unrealised P&L", view.unrealized_pnl),
        ("Total P&L", view.total_pnl),
    ];
    money_table(style, &amounts, &profits)
}

fn money_table(style: &Style, amounts: &[(&str, Money)], profits: &[(&str, Money)]) -> String {
    let mut sheet = Sheet::fitting(style, &["Funds", "#₹"]);
    for (name, amount) in amounts {
        sheet.row([Entry::new(name), Entry::new(rupees(*amount))]);
    }
    for (name, profit) in profits {
        sheet.row([Entry::new(name), Entry::profit(*profit)]);
    }
    sheet.or("")
}
