//! `openalgo order modify` and `openalgo order cancel-all`.

use super::worst;
use crate::error::CliError;
use crate::session::Session;
use crate::show::{Entry, Output, Sheet, order_json, orders_table};
use crate::words::{counted, upper};
use openalgo::core::id::UserId;
use openalgo::core::order::{GttStatus, PriceType};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::{Price, Quantity};
use openalgo::engine::service::Cancelling;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(group(clap::ArgGroup::new("change").required(true).multiple(true).args([
    "quantity",
    "price",
    "trigger_price",
    "price_type",
])))]
pub(crate) struct ModifyArgs {
    /// Its id
    order_id: String,
    /// How many units, those that are filled among them
    #[arg(long, allow_hyphen_values = true)]
    quantity: Option<Quantity>,
    /// Limit of a LIMIT or SL order
    #[arg(long, allow_hyphen_values = true)]
    price: Option<Price>,
    /// Trigger of an SL or SL-M order
    #[arg(long, allow_hyphen_values = true)]
    trigger_price: Option<Price>,
    /// Another price type, where the broker allows that; the paper exchange does not
    #[arg(long, value_parser = upper::<PriceType>)]
    price_type: Option<PriceType>,
}

impl ModifyArgs {
    /// What to do when it was stopped.
    pub(super) fn when_stopped(&self) -> String {
        format!(
            "`openalgo order status {}` shows which terms the order has by now",
            self.order_id
        )
    }
}

pub(super) async fn run(
    session: &Session<'_>,
    user: UserId,
    args: ModifyArgs,
) -> Result<Output, CliError> {
    let is_zero = |price: Option<Price>| price.is_some_and(Price::is_zero);
    if is_zero(args.price) || is_zero(args.trigger_price) {
        let message = "an order has no price of zero";
        return Err(CliError::refused("price", &message)
            .hint("give a price above zero, or leave it out to keep it as it is"));
    }
    let change = Modification {
        quantity: args.quantity,
        price_type: args.price_type,
        price: args.price,
        trigger: args.trigger_price,
    };
    let orders = session.app()?.orders();
    let order = orders.modify(user, &args.order_id, change).await?;
    let text = orders_table(&session.style, std::slice::from_ref(&order));
    Ok(Output::new(order_json(&order), text))
}

pub(super) async fn cancel_all(session: &Session<'_>, user: UserId) -> Result<Output, CliError> {
    let app = session.app()?;
    let cancellings = app.orders().cancel_all(user).await?;
    let output = if cancellings.is_empty() {
        let message = "No open orders to cancel";
        let data = json!({ "message": message, "canceled_orders": [], "failed_cancellations": [] });
        Output::new(data, message)
    } else {
        cancelled(session, cancellings)
    };
    let waiting = app.gtts().list(user, Some(GttStatus::Active)).await?;
    if waiting.is_empty() {
        return Ok(output);
    }
    let left = counted(waiting.len(), "GTT");
    Ok(output.warning(format!(
        "{left} left to wait for a price; `openalgo order gtt cancel ID` withdraws one"
    )))
}

fn cancelled(session: &Session<'_>, cancellings: Vec<Cancelling>) -> Output {
    let mut sheet = Sheet::fitting(&session.style, &["Order", "Symbol", "~Outcome"]);
    let (mut done, mut failed, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    for cancelling in cancellings {
        match cancelling.outcome.map_err(CliError::from) {
            Ok(order) => {
                sheet.row([
                    Entry::new(order.public_id()),
                    Entry::new(&order.intent.order.instrument.symbol),
                    Entry::status(order.status()),
                ]);
                done.push(order_json(&order));
            }
            Err(error) => {
                sheet.row([
                    Entry::new(&cancelling.order_id),
                    Entry::new("-"),
                    Entry::new(&error.message),
                ]);
                failed.push(json!({
                    "order_id": cancelling.order_id,
                    "message": error.message,
                }));
                failures.push(error);
            }
        }
    }
    let message = match failed.len() {
        0 => format!("Canceled {}.", counted(done.len(), "order")),
        failed => format!(
            "Canceled {} of {}.",
            done.len(),
            counted(done.len().saturating_add(failed), "order")
        ),
    };
    let data = json!({
        "message": message,
        "canceled_orders": done,
        "failed_cancellations": failed,
    });
    let output = Output::new(data, format!("{}{message}", sheet.or("No orders.")));
    match worst(&failures) {
        Some(exit) => output.failing(exit),
        None => output,
    }
}
