//! `openalgo order close`.

use super::{make_id, outcome};
use crate::error::{CliError, Exit};
use crate::session::Session;
use crate::show::{Entry, Output, Sheet, order_json};
use crate::words::{counted, upper};
use openalgo::core::account::SettingKey;
use openalgo::core::id::{ClientOrderId, UserId};
use openalgo::core::market::{Exchange, InstrumentKey, Symbol};
use openalgo::core::order::{OrderSource, OrderStatus, Product};
use openalgo::engine::service::{Closing, ExitOrigin};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct CloseArgs {
    /// Close every open position of the account that orders go to now
    #[arg(long, conflicts_with_all = ["symbol", "exchange", "product"])]
    all: bool,
    /// What is held
    #[arg(long, required_unless_present = "all", value_parser = upper::<Symbol>)]
    symbol: Option<Symbol>,
    /// Where it trades
    #[arg(long, required_unless_present = "all", value_parser = upper::<Exchange>)]
    exchange: Option<Exchange>,
    /// Under which product it is held
    /// [default: the setting default_product]
    #[arg(long, value_parser = upper::<Product>)]
    product: Option<Product>,
    /// Name of the strategy that asks
    #[arg(long)]
    strategy: Option<String>,
    /// Your own id of the exit: what was closed with it is not closed again
    #[arg(long)]
    pub(super) client_order_id: Option<ClientOrderId>,
    #[arg(skip)]
    id_is_ours: bool,
}

impl CloseArgs {
    pub(super) fn resolve(&mut self) -> Result<(), CliError> {
        if self.client_order_id.is_none() {
            self.client_order_id = Some(make_id()?);
            self.id_is_ours = true;
        }
        Ok(())
    }
}

pub(super) async fn run(
    session: &Session<'_>,
    user: UserId,
    args: CloseArgs,
) -> Result<Output, CliError> {
    let origin = ExitOrigin {
        strategy: args.strategy,
        source: OrderSource::Manual,
        client_order_id: args.client_order_id,
    };
    let orders = session.app()?.orders();
    let (Some(symbol), Some(exchange)) = (args.symbol, args.exchange) else {
        let closings = orders.close_all(user, origin).await?;
        return Ok(all_closed(session, &closings));
    };
    let product = match args.product {
        Some(product) => product,
        None => session.setting(SettingKey::DefaultProduct).await?,
    };
    let slot = (InstrumentKey::new(exchange, symbol), product);
    let placed = orders.close(user, slot, origin).await?;
    outcome(session, &placed.order, placed.replayed && !args.id_is_ours)
}

fn all_closed(session: &Session<'_>, closings: &[Closing]) -> Output {
    if closings.is_empty() {
        let message = "No open positions to close";
        let data = json!({ "message": message, "closings": [] });
        return Output::new(data, message);
    }
    let columns = ["Symbol", "Exch", "Product", "Order", "#Qty", "~Outcome"];
    let mut sheet = Sheet::fitting(&session.style, &columns).spare(&["Exch", "Product"]);
    for closing in closings {
        let (order, units, status) = match &closing.outcome {
            Ok(placed) => (
                Entry::new(placed.order.public_id()),
                Entry::new(placed.order.intent.order.quantity),
                Entry::status(placed.order.status()),
            ),
            Err(error) => (Entry::new("-"), Entry::new("-"), Entry::new(error)),
        };
        sheet.row([
            Entry::new(&closing.instrument.symbol),
            Entry::new(closing.instrument.exchange),
            Entry::new(closing.product),
            order,
            units,
            status,
        ]);
    }
    let failed = closings
        .iter()
        .filter(|closing| !is_closed(closing))
        .count();
    let closed = closings.len().saturating_sub(failed);
    let message = match failed {
        0 => format!("Closed {}", counted(closed, "position")),
        _ => format!("Closed {closed} of {}", counted(closings.len(), "position")),
    };
    let data = json!({
        "message": message,
        "closed_positions": closed,
        "failed_closures": failed,
        "closings": closings.iter().map(closing_json).collect::<Vec<_>>(),
    });
    let output = Output::new(data, format!("{}{message}", sheet.or("No positions.")));
    if failed == 0 {
        output
    } else {
        output.failing(Exit::Rejected)
    }
}

fn is_closed(closing: &Closing) -> bool {
    let outcome = closing.outcome.as_ref();
    outcome.is_ok_and(|placed| placed.order.status() != OrderStatus::Rejected)
}

fn closing_json(closing: &Closing) -> Value {
    let outcome = closing.outcome.as_ref();
    json!({
        "symbol": closing.instrument.symbol,
        "exchange": closing.instrument.exchange,
        "product": closing.product,
        "order": outcome.ok().map(|placed| order_json(&placed.order)),
        "message": outcome.err().map(ToString::to_string),
    })
}
