//! `openalgo order smart`.

use super::{PlaceArgs, outcome};
use crate::error::CliError;
use crate::session::Session;
use crate::show::Output;
use openalgo::core::id::UserId;
use openalgo::core::value::NetQuantity;
use openalgo::engine::service::{SmartOrder, SmartOutcome};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, clap::Args, Serialize, Deserialize)]
pub(crate) struct SmartArgs {
    #[command(flatten)]
    pub(super) order: PlaceArgs,
    /// The net position that there should be: above zero long, below zero short, 0 for none. At 0
    /// what rests for the position is cancelled, and just what is held is closed. On the way to
    /// any other position orders under way count as if they were filled, resting ones too, however
    /// far off their price is. Action and quantity matter only when nothing is held or rests and
    /// nothing should be
    #[arg(long, allow_hyphen_values = true, value_parser = net)]
    position: NetQuantity,
}

fn net(text: &str) -> Result<NetQuantity, String> {
    let units: i64 = text
        .trim()
        .parse()
        .map_err(|_no_number| format!("position '{text}' is not a whole number such as -10"))?;
    NetQuantity::try_new(units).map_err(|error| error.to_string())
}

pub(super) async fn run(
    session: &Session<'_>,
    user: UserId,
    args: SmartArgs,
) -> Result<Output, CliError> {
    let id_is_ours = args.order.id_is_ours;
    let smart = SmartOrder {
        order: args.order.into_order(session).await?,
        position: args.position,
    };
    match session.app()?.orders().smart(user, smart).await? {
        SmartOutcome::Placed(placed) => {
            outcome(session, &placed.order, placed.replayed && !id_is_ours)
        }
        SmartOutcome::NoOrder(step) => {
            let message = step.message().unwrap_or_default();
            let data = json!({ "order_id": null, "message": message });
            Ok(Output::new(data, message))
        }
    }
}
