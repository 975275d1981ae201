//! `openalgo pending`.

use super::order::{failure, worst};
use crate::error::{CliError, Exit};
use crate::session::Session;
use crate::show::{
    Entry, Output, Sheet, clock_time, exact_time, gtt_json, leg_json, legs_text, number, order_json,
};
use crate::words::counted;
use openalgo::core::id::PendingOrderId;
use openalgo::core::monitor::{Author, Reason, Surface};
use openalgo::core::strategy::{Approval, ApprovalStatus, PendingGtt};
use openalgo::core::value::Price;
use openalgo::engine::service::{ApproveError, Approving, CameOf, PendingView, Stage};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The examples of this command, and where its orders come from.
const EXAMPLES: &str = "\
Orders wait when a program asks for them with an API key in mode semi_auto
(`openalgo apikey mode`), live ones and those on paper. Programs present their
key to the server, which this version does not have yet, or to `keyed_orders`
of the library. Your own orders, such as those of `openalgo order`, wait for
nobody.

Examples:
  openalgo pending list
  openalgo pending list --status all
  openalgo pending approve 3 4
  openalgo pending approve --all
  openalgo pending reject 5 --reason 'too large'
  openalgo pending delete 5
  openalgo settings set approval_expiry 15";

#[derive(Debug, clap::Subcommand, Serialize, Deserialize)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Command {
    /// List orders that wait for approval, the newest first
    #[command(after_help = EXAMPLES)]
    List {
        /// Those to decide on (that wait, or were approved and not placed), those that were decided
        /// so, or all
        #[arg(long, default_value = "pending")]
        status: Wanted,
    },
    /// Check orders again with the prices and limits of now, and place them; of a basket, those
    /// that buy go first
    #[command(after_help = EXAMPLES)]
    Approve {
        /// Their numbers
        #[arg(required_unless_present = "all", value_parser = id)]
        ids: Vec<PendingOrderId>,
        /// All that wait, and all that were approved and not placed
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
    /// Refuse an order; it is never placed
    #[command(after_help = EXAMPLES)]
    Reject {
        /// Its number
        #[arg(value_parser = id)]
        id: PendingOrderId,
        /// Why, for whoever asks later
        #[arg(long, value_name = "TEXT")]
        reason: Option<Reason>,
    },
    /// Remove an order from the list that does not wait any more
    #[command(after_help = EXAMPLES)]
    Delete {
        /// Its number
        #[arg(value_parser = id)]
        id: PendingOrderId,
    },
}

/// Which orders to list.
#[derive(Debug, Clone, Copy, clap::ValueEnum, Serialize, Deserialize)]
pub(crate) enum Wanted {
    Pending,
    Approved,
    Rejected,
    Expired,
    All,
}

fn id(text: &str) -> Result<PendingOrderId, &'static str> {
    let number = text.parse().map(PendingOrderId::new);
    number.map_err(|_not_a_number| "it must be a number that `openalgo pending list` shows")
}

impl Wanted {
    fn status(self) -> Option<ApprovalStatus> {
        match self {
            Self::Pending => Some(ApprovalStatus::Pending),
            Self::Approved => Some(ApprovalStatus::Approved),
            Self::Rejected => Some(ApprovalStatus::Rejected),
            Self::Expired => Some(ApprovalStatus::Expired),
            Self::All => None,
        }
    }
}

impl Command {
    pub(crate) fn endpoint(&self) -> Option<&'static str> {
        match self {
            Self::List { .. } => None,
            Self::Approve { .. } => Some("pending_approve"),
            Self::Reject { .. } => Some("pending_reject"),
            Self::Delete { .. } => Some("pending_delete"),
        }
    }

    /// What was decided stays so, but all that wait may be more by then.
    pub(crate) fn may_be_repeated(&self) -> bool {
        matches!(self, Self::List { .. })
    }
}

pub(crate) async fn run(session: &Session<'_>, command: Command) -> Result<Output, CliError> {
    let user = session.user().await?.id;
    let approvals = session.app()?.approvals();
    let by = Author {
        user: Some(user),
        surface: Surface::Cli,
    };
    match command {
        Command::List { status } => {
            let views = match status {
                Wanted::Pending => approvals.open(user).await?,
                decided => approvals.list(user, decided.status()).await?,
            };
            Ok(list(session, &views))
        }
        Command::Approve { ids, all: false } => {
            let told = approvals.approve_each(user, &ids, by).await;
            Ok(outcomes(session, told))
        }
        Command::Approve { all: true, .. } => {
            let told = approvals.approve_all(user, by).await?;
            Ok(outcomes(session, told))
        }
        Command::Reject { id, reason } => {
            approvals.reject(user, id, (reason, by)).await?;
            let data = json!({ "pending_order_id": id, "status": ApprovalStatus::Rejected });
            Ok(Output::new(
                data,
                format!("Pending order {id} is rejected."),
            ))
        }
        Command::Delete { id } => {
            approvals.delete(user, id, by).await?;
            let data = json!({ "pending_order_id": id, "deleted": true });
            Ok(Output::new(data, format!("Pending order {id} is removed.")))
        }
    }
}

fn list(session: &Session<'_>, views: &[PendingView]) -> Output {
    let columns = [
        "#No", "Asked", "Side", "#Qty", "Symbol", "Exch", "Type", "#Then", "#Now", "Lapses",
        "~Status",
    ];
    let mut sheet = Sheet::fitting(&session.style, &columns)
        .spare(&["Then", "Type", "Lapses", "Exch", "Asked"]);
    for view in views {
        let asked = &view.pending.asked;
        let order = &asked.order;
        let now = match &view.stage {
            Stage::Waits { last } => *last,
            Stage::Placed(_)
            | Stage::Kept(_)
            | Stage::NotPlaced
            | Stage::Unreadable
            | Stage::Over => None,
        };
        let dash = || "-".to_owned();
        sheet.row([
            Entry::new(view.pending.id),
            Entry::new(clock_time(view.pending.created_at)),
            Entry::side(order.side),
            Entry::new(match asked.position_size {
                Some(target) => format!("to {}", target.get()),
                None => order.quantity.to_string(),
            }),
            Entry::new(&order.instrument.symbol),
            Entry::new(order.instrument.exchange),
            Entry::new(if asked.gtt.is_some() {
                "GTT"
            } else {
                order.kind.price_type().as_str()
            }),
            Entry::new(asked.last_price.map_or_else(dash, |it| it.to_string())),
            Entry::new(now.map_or_else(dash, |it| it.to_string())),
            Entry::new(asked.expires_at.map_or_else(dash, clock_time)),
            Entry::new(status_text(view)),
        ]);
    }
    let data = json!(views.iter().map(view_json).collect::<Vec<_>>());
    Output::new(data, sheet.or("No orders."))
}

fn status_text(view: &PendingView) -> String {
    let status = view.pending.approval.status();
    match (&view.stage, &view.pending.approval) {
        (Stage::NotPlaced, _) => format!("{status}, not placed: approve it again, or delete it"),
        (Stage::Unreadable, _) => {
            format!("{status}, what came of it cannot be read: openalgo db check")
        }
        (Stage::Placed(order), _) => format!("{status}: order {}", order.public_id()),
        (Stage::Kept(gtt), _) => format!("{status}: {} ({})", gtt.trigger_id, gtt.status),
        (
            _,
            Approval::Rejected {
                reason: Some(why), ..
            }
            | Approval::NothingToDo { why, .. },
        ) => format!("{status}: {why}"),
        (Stage::Waits { .. } | Stage::Over, _) => match &view.pending.asked.gtt {
            Some(gtt) => format!("{status}, then waits for {}", legs_text(&gtt.legs)),
            None => status.to_string(),
        },
    }
}

fn view_json(view: &PendingView) -> Value {
    let (pending, asked) = (&view.pending, &view.pending.asked);
    let order = &asked.order;
    let shown = |price: Option<Price>| price.map_or(Value::Null, number);
    let (last, placed, kept) = match &view.stage {
        Stage::Waits { last } => (*last, None, None),
        Stage::Placed(order) => (None, Some(order_json(order)), None),
        Stage::Kept(gtt) => (None, None, Some(gtt_json(gtt, &[]))),
        Stage::NotPlaced | Stage::Unreadable | Stage::Over => (None, None, None),
    };
    let reason = match &pending.approval {
        Approval::Rejected { reason, .. } => reason.as_ref(),
        Approval::NothingToDo { why, .. } => Some(why),
        Approval::Pending | Approval::Approved { .. } | Approval::Expired => None,
    };
    json!({
        "pending_order_id": pending.id,
        "status": pending.approval.status(),
        "placed": matches!(view.stage, Stage::Placed(_) | Stage::Kept(_)),
        "reason": reason,
        "symbol": order.instrument.symbol,
        "exchange": order.instrument.exchange,
        "action": order.side,
        "quantity": order.quantity,
        "position_size": asked.position_size,
        "product": order.product,
        "price_type": order.kind.price_type(),
        "price": shown(order.kind.price()),
        "trigger_price": shown(order.kind.trigger()),
        "last_price_when_asked": shown(asked.last_price),
        "last_price": shown(last),
        "strategy": order.strategy,
        "client_order_id": order.client_order_id,
        "mode": asked.mode,
        "broker": asked.broker,
        "basket": asked.basket.as_ref().map(|place| &place.basket),
        "created_at": exact_time(pending.created_at),
        "expires_at": asked.expires_at.map(exact_time),
        "order": placed,
        "waits_for": asked.gtt.as_ref().map(waits_for_json),
        "gtt": kept,
    })
}

/// What it waits for once it is let go.
fn waits_for_json(gtt: &PendingGtt) -> Value {
    json!({
        "trigger_id": gtt.trigger_id,
        "trigger_type": gtt.legs.trigger_type(),
        "legs": gtt.legs.as_slice().iter().map(|leg| leg_json(leg, &[])).collect::<Vec<_>>(),
        "expires_at": gtt.expires_at.map(exact_time),
    })
}

/// An outcome in words for people, and with its code for programs.
struct Told {
    id: PendingOrderId,
    order: Option<Value>,
    gtt: Option<Value>,
    text: [String; 2],
    /// Why nothing came of it, where that is no failure.
    note: Option<String>,
    error: Option<CliError>,
}

fn told(approving: Approving) -> Told {
    let none = Told {
        id: approving.id,
        order: None,
        gtt: None,
        text: ["-".to_owned(), String::new()],
        note: None,
        error: None,
    };
    match approving.outcome.map(|approved| approved.came_of) {
        Ok(CameOf::Order(order)) => Told {
            order: Some(order_json(&order)),
            text: [order.public_id(), order.status().to_string()],
            error: failure(&order),
            ..none
        },
        Ok(nothing @ CameOf::Nothing(_)) => Told {
            text: ["-".to_owned(), nothing.to_string()],
            note: Some(nothing.to_string()),
            ..none
        },
        Ok(CameOf::Gtt(gtt)) => {
            let waits = format!("{}, waits for {}", gtt.status, legs_text(&gtt.legs));
            Told {
                gtt: Some(gtt_json(&gtt, &[])),
                text: [gtt.trigger_id.to_string(), waits],
                ..none
            }
        }
        Err(error) => {
            let error: CliError = ApproveError::into(error);
            Told {
                text: ["-".to_owned(), error.message.clone()],
                error: Some(error),
                ..none
            }
        }
    }
}

fn outcomes(session: &Session<'_>, approved: Vec<Approving>) -> Output {
    let told: Vec<_> = approved.into_iter().map(told).collect();
    let columns = ["#No", "Order", "~Outcome"];
    let mut sheet = Sheet::fitting(&session.style, &columns);
    for one in &told {
        let [order, outcome] = &one.text;
        sheet.row([Entry::new(one.id), Entry::new(order), Entry::new(outcome)]);
    }
    let (unknown, failed): (Vec<_>, Vec<_>) = told
        .iter()
        .filter_map(|it| it.error.as_ref())
        .partition(|error| error.exit == Exit::OutcomeUnknown);
    let told_of = |count: usize, what: &str| match count {
        0 => String::new(),
        count => format!("{what}: {count} of {}.\n", counted(told.len(), "order")),
    };
    let text = format!(
        "{}{}{}",
        sheet.or("Nothing waits."),
        told_of(unknown.len(), "Outcome unknown"),
        told_of(failed.len(), "Not placed"),
    );
    let data = told.iter().map(|one| {
        json!({
            "pending_order_id": one.id,
            "order": one.order,
            "gtt": one.gtt,
            "code": one.error.as_ref().map(|error| &error.code),
            "message": one.error.as_ref().map(|error| &error.message).or(one.note.as_ref()),
            "hint": one.error.as_ref().and_then(|error| error.hint.as_ref()),
        })
    });
    let output = Output::new(json!(data.collect::<Vec<_>>()), text);
    match worst(unknown.into_iter().chain(failed)) {
        Some(exit) => output.failing(exit),
        None => output,
    }
}
