//! `openalgo order close`.

use super::{failure, make_id, outcome, worst};
use crate::error::CliError;
use crate::session::Session;
use crate::show::{Entry, Output, Sheet, order_json};
use crate::words::{counted, upper};
use openalgo::core::account::SettingKey;
use openalgo::core::id::{ClientOrderId, UserId};
use openalgo::core::market::{Exchange, InstrumentKey, Symbol};
use openalgo::core::order::{OrderSource, Product};
use openalgo::core::port::BookOrder;
use openalgo::engine::service::{ClosePositionError, Closing, ExitOrigin, OrderService, Placed};
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
        let others = others(orders, user, |_| true).await;
        return Ok(others.tell(all_closed(session, closings)));
    };
    let product = match args.product {
        Some(product) => product,
        None => session.setting(SettingKey::DefaultProduct).await?,
    };
    let slot = (InstrumentKey::new(exchange, symbol), product);
    let placed = orders.close(user, slot.clone(), origin).await?;
    let told = outcome(session, &placed.order, placed.replayed && !args.id_is_ours)?;
    let is_of_it = |row: &BookOrder| (&row.instrument, row.product) == (&slot.0, slot.1);
    Ok(others(orders, user, is_of_it).await.tell(told))
}

/// What rests at the broker and was not placed here, in words.
struct Others(Option<String>);

async fn others(
    orders: &OrderService,
    user: UserId,
    is_meant: impl Fn(&BookOrder) -> bool,
) -> Others {
    let Ok(mut rows) = orders.others_resting(user).await else {
        let message = "Whether orders that were not placed here rest at the broker could not be \
                       read; look there.";
        return Others(Some(message.to_owned()));
    };
    rows.retain(is_meant);
    let named = rows.iter().map(|row| {
        let (side, units, symbol) = (row.side, row.quantity, &row.instrument.symbol);
        format!("{} ({side} {units} {symbol})", row.broker_order_id)
    });
    let named: Vec<String> = named.collect();
    Others((!named.is_empty()).then(|| {
        let named = named.join(", ");
        format!(
            "Orders that were not placed here rest at the broker and may open a position again; \
             cancel them there: {named}."
        )
    }))
}

impl Others {
    fn tell(self, output: Output) -> Output {
        match self.0 {
            Some(warning) => output.warning(warning),
            None => output,
        }
    }
}

/// A position, with the order that closes it if there is one, and what is wrong if something is.
struct Outcome {
    instrument: InstrumentKey,
    product: Product,
    placed: Option<Placed>,
    failure: Option<CliError>,
}

impl From<Closing> for Outcome {
    fn from(closing: Closing) -> Self {
        let (placed, failure) = match closing.outcome {
            Ok(placed) => {
                let failure = failure(&placed.order);
                (Some(placed), failure)
            }
            // Somebody else has closed it meanwhile.
            Err(ClosePositionError::NothingHeld(_)) => (None, None),
            Err(error) => (None, Some(CliError::from(error))),
        };
        Self {
            instrument: closing.instrument,
            product: closing.product,
            placed,
            failure,
        }
    }
}

fn all_closed(session: &Session<'_>, closings: Vec<Closing>) -> Output {
    if closings.is_empty() {
        let message = "No open positions to close";
        let data = json!({ "message": message, "closings": [] });
        return Output::new(data, message);
    }
    let columns = ["Symbol", "Exch", "Product", "Order", "#Qty", "~Outcome"];
    let mut sheet = Sheet::fitting(&session.style, &columns).spare(&["Exch", "Product"]);
    let closings: Vec<Outcome> = closings.into_iter().map(Outcome::from).collect();
    for closing in &closings {
        let why = closing.failure.as_ref();
        let why = why.map_or("closed meanwhile", |it| &it.message);
        let (order, units, status) = match &closing.placed {
            Some(placed) => (
                Entry::new(placed.order.public_id()),
                Entry::new(placed.order.intent.order.quantity),
                Entry::status(placed.order.status()),
            ),
            None => (Entry::new("-"), Entry::new("-"), Entry::new(why)),
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
    let failures = closings.iter().filter_map(|it| it.failure.as_ref());
    let failed = failures.clone().count();
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
    match worst(failures) {
        Some(exit) => output.failing(exit),
        None => output,
    }
}

fn closing_json(closing: &Outcome) -> Value {
    let (placed, failure) = (closing.placed.as_ref(), closing.failure.as_ref());
    json!({
        "symbol": closing.instrument.symbol,
        "exchange": closing.instrument.exchange,
        "product": closing.product,
        "order": placed.map(|placed| order_json(&placed.order)),
        "idempotent_replay": placed.is_some_and(|placed| placed.replayed),
        "code": failure.map(|failure| &failure.code),
        "message": failure.map(|failure| &failure.message),
    })
}
