//! `openalgo order settle`: what a person found out at the broker.

use crate::error::CliError;
use crate::session::Session;
use crate::show::{Output, order_json, orders_table};
use openalgo::core::id::{BrokerOrderId, UserId};
use openalgo::core::order::{Order, OrderStatus};
use openalgo::engine::{SettleError, Settlement};
use serde::{Deserialize, Serialize};

#[derive(Debug, clap::Args, Serialize, Deserialize)]
#[command(group(clap::ArgGroup::new("settlement").required(true).args(["is", "never_arrived"])))]
pub(crate) struct SettleArgs {
    /// Its id
    order_id: String,
    /// The broker's id of the order that it is
    #[arg(long, value_name = "BROKER_ID")]
    is: Option<BrokerOrderId>,
    /// The broker never had it
    #[arg(long)]
    never_arrived: bool,
}

pub(super) async fn run(
    session: &Session<'_>,
    user: UserId,
    args: SettleArgs,
) -> Result<Output, CliError> {
    let settlement = args.is.map_or(Settlement::NeverArrived, Settlement::Is);
    let orders = session.app()?.orders();
    let order = orders.settle(user, &args.order_id, settlement).await?;
    let text = orders_table(&session.style, std::slice::from_ref(&order));
    Ok(Output::new(order_json(&order), text))
}

/// What to do about an order of which nobody knows whether the broker has it.
pub(super) fn advice(order: &Order, candidates: &[BrokerOrderId]) -> String {
    if order.status() != OrderStatus::Pending {
        return String::new();
    }
    let id = order.public_id();
    let may_be = match candidates {
        [] => String::new(),
        some => {
            let some: Vec<_> = some.iter().map(BrokerOrderId::as_str).collect();
            format!(
                "It may be one of these at the broker: {}. ",
                some.join(", ")
            )
        }
    };
    format!(
        "{may_be}Look at the broker, then say what it is: `openalgo order settle {id} --is \
         BROKER_ID`, or `--never-arrived`.\n"
    )
}

impl From<SettleError> for CliError {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::Store(error) => error.into(),
            SettleError::NotFound(_) => {
                Self::refused("not_found", &error).hint("`openalgo order list` shows your orders")
            }
            SettleError::Known { .. } => {
                Self::refused("known", &error).hint("`openalgo order show` shows what became of it")
            }
            SettleError::UnderWay(_) => Self::refused("under_way", &error)
                .hint("`openalgo order status` shows what is known of it by now"),
            SettleError::Taken(_) => Self::refused("taken", &error).hint(
                "`openalgo order list` shows which; give the id of another, or --never-arrived",
            ),
            other => Self::internal("the order was not settled", &other),
        }
    }
}
