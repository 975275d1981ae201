//! Things as tables.

use super::{clock_time, rupees, rupees_signed};
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Color, LineStyle, Table, TableStyle};
use openalgo::core::order::{Order, OrderKind, OrderStatus, Side, Trade};
use openalgo::core::portfolio::{Holding, MarkedPosition};
use openalgo::core::value::{Money, Price};
use openalgo::engine::service::FundsView;

/// A line under the names of the columns, and no more: figures need the width of a terminal.
const STYLE: TableStyle = NOTHING.header_separator(LineStyle::none().fill('─'));

/// A table in the making: columns of text on the left, of numbers on the right.
pub(crate) struct Sheet {
    table: Table,
    color: bool,
}

impl Sheet {
    /// A table with these columns; a name that begins with `#` heads a column of numbers.
    pub(crate) fn new(color: bool, columns: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(STYLE);
        if color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_header(columns.iter().map(|name| name.trim_start_matches('#')));
        for (name, column) in columns.iter().zip(table.column_iter_mut()) {
            if name.starts_with('#') {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self { table, color }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<Cell>>) {
        self.table.add_row(cells);
    }

    /// The table, or a sentence when it has no rows.
    pub(crate) fn or(self, nothing: &str) -> String {
        if self.table.is_empty() {
            format!("{nothing}\n")
        } else {
            format!("{}\n", self.table)
        }
    }

    fn side(&self, side: Side) -> Cell {
        let color = if side == Side::Buy {
            Color::Blue
        } else {
            Color::Red
        };
        self.painted(side.to_string(), color)
    }

    fn status(&self, status: OrderStatus) -> Cell {
        let color = match status {
            OrderStatus::Complete => Color::Green,
            OrderStatus::Rejected => Color::Red,
            OrderStatus::Pending | OrderStatus::Open | OrderStatus::TriggerPending => Color::Yellow,
            OrderStatus::Cancelled => Color::Grey,
        };
        self.painted(status.to_string(), color)
    }

    /// A profit: its sign is written, and its colour only repeats it.
    fn profit(&self, profit: Money) -> Cell {
        let color = if profit.is_negative() {
            Color::Red
        } else {
            Color::Green
        };
        self.painted(rupees_signed(profit), color)
    }

    fn painted(&self, text: String, color: Color) -> Cell {
        let cell = Cell::new(text);
        if self.color { cell.fg(color) } else { cell }
    }
}

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

pub(crate) fn orders_table(color: bool, orders: &[Order]) -> String {
    let columns = [
        "Order", "Time", "Symbol", "Exch", "Side", "#Filled", "Product", "Type", "#Price",
        "#Average", "Status",
    ];
    let mut sheet = Sheet::new(color, &columns);
    for order in orders {
        let asked = &order.intent.order;
        sheet.row([
            Cell::new(order.public_id()),
            Cell::new(clock_time(order.intent.at)),
            Cell::new(&asked.instrument.symbol),
            Cell::new(asked.instrument.exchange),
            sheet.side(asked.side),
            Cell::new(format!("{}/{}", order.executed().quantity, asked.quantity)),
            Cell::new(asked.product),
            Cell::new(asked.kind.price_type()),
            Cell::new(asked_price(asked.kind)),
            Cell::new(price(order.average_price().ok())),
            sheet.status(order.status()),
        ]);
    }
    sheet.or("No orders.")
}

/// The limit, and the trigger behind it.
fn asked_price(kind: OrderKind) -> String {
    match (kind.price(), kind.trigger()) {
        (Some(limit), None) => limit.to_string(),
        (None, Some(trigger)) => format!("at {trigger}"),
        (Some(limit), Some(trigger)) => format!("{limit} at {trigger}"),
        (None, None) => "-".to_owned(),
    }
}

pub(crate) fn trades_table(color: bool, trades: &[Trade]) -> String {
    let columns = [
        "Trade", "Time", "Symbol", "Exch", "Side", "#Qty", "#Price", "#Value", "Product",
    ];
    let mut sheet = Sheet::new(color, &columns);
    for trade in trades {
        let done = &trade.execution;
        let id = done
            .broker_trade_id
            .as_ref()
            .map_or_else(String::new, ToString::to_string);
        sheet.row([
            Cell::new(id),
            Cell::new(clock_time(done.at)),
            Cell::new(&done.instrument.symbol),
            Cell::new(done.instrument.exchange),
            sheet.side(done.side),
            Cell::new(done.quantity),
            Cell::new(done.price),
            Cell::new(done.value().map_or_else(|error| error.to_string(), rupees)),
            Cell::new(done.product),
        ]);
    }
    sheet.or("No trades.")
}

pub(crate) fn positions_table(color: bool, positions: &[MarkedPosition]) -> String {
    let columns = [
        "Symbol", "Exch", "Product", "#Net qty", "#Average", "#LTP", "#P&L", "#P&L %", "#Margin",
    ];
    let mut sheet = Sheet::new(color, &columns);
    for marked in positions {
        let position = &marked.position;
        sheet.row([
            Cell::new(&position.key.instrument.symbol),
            Cell::new(position.key.instrument.exchange),
            Cell::new(position.key.product),
            Cell::new(position.quantity),
            Cell::new(price(position.average_price().ok())),
            Cell::new(position.ltp),
            sheet.profit(marked.pnl),
            Cell::new(marked.pnl_percent),
            Cell::new(rupees(position.margin)),
        ]);
    }
    sheet.or("No open positions.")
}

pub(crate) fn holdings_table(color: bool, holdings: &[Holding]) -> String {
    let columns = [
        "Symbol", "Exch", "#Qty", "#T1 qty", "#Average", "#LTP", "#Value", "#P&L", "#P&L %",
    ];
    let mut sheet = Sheet::new(color, &columns);
    for holding in holdings {
        sheet.row([
            Cell::new(&holding.key.instrument.symbol),
            Cell::new(holding.key.instrument.exchange),
            Cell::new(holding.quantity),
            Cell::new(holding.t1_quantity),
            Cell::new(price(holding.average_price().ok())),
            Cell::new(holding.ltp),
            Cell::new(
                holding
                    .current_value()
                    .map_or_else(|error| error.to_string(), rupees),
            ),
            sheet.profit(holding.pnl().unwrap_or_default()),
            Cell::new(holding.pnl_percent().unwrap_or_default()),
        ]);
    }
    sheet.or("No holdings.")
}

pub(crate) fn funds_table(color: bool, view: &FundsView) -> String {
    let funds = &view.funds;
    let mut sheet = Sheet::new(color, &["Funds", "#₹"]);
    let amounts = [
        ("Available", funds.available),
        ("Used margin", funds.used_margin),
        ("Total capital", funds.total_capital),
    ];
    for (name, amount) in amounts {
        sheet.row([Cell::new(name), Cell::new(rupees(amount))]);
    }
    let profits = [
        ("Realised P&L today", funds.today_realized_pnl),
        ("Realised P&L", funds.realized_pnl),
        ("Unrealised P&L", view.unrealized_pnl),
        ("Total P&L", view.total_pnl),
    ];
    for (name, profit) in profits {
        sheet.row([Cell::new(name), sheet.profit(profit)]);
    }
    sheet.or("")
}
