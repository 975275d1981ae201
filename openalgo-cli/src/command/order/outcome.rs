//! What orders came to, in words and as an exit code.

use crate::error::{CliError, Exit};
use crate::session::Session;
use crate::show::{Output, order_json, orders_table};
use openalgo::core::order::{Order, OrderStatus};
use serde_json::json;

/// What is said of the answer to an earlier request.
const BEFORE: &str = "This order was placed before; nothing was placed again.";

/// What a placed order came to: an answer, or an error with the exit code that says so.
pub(super) fn outcome(
    session: &Session<'_>,
    order: &Order,
    replayed: bool,
) -> Result<Output, CliError> {
    let mut data = order_json(order);
    if let Some(fields) = data.as_object_mut() {
        fields.insert("idempotent_replay".to_owned(), json!(replayed));
    }
    if let Some(failure) = failure(order) {
        let failure = failure.details(json!({ "order": data }));
        let hint = failure.hint.clone().filter(|_hint| replayed);
        return Err(match hint {
            Some(hint) => failure.hint(format!("{BEFORE} {hint}")),
            None => failure,
        });
    }
    let mut text = orders_table(&session.style, std::slice::from_ref(order));
    if replayed {
        text.push_str(BEFORE);
        text.push('\n');
    }
    Ok(Output::new(data, text))
}

/// What is wrong with an order that was placed: the broker refused it, or nobody knows whether it
/// has it.
pub(crate) fn failure(order: &Order) -> Option<CliError> {
    let id = order.public_id();
    match order.status() {
        OrderStatus::Rejected => {
            let reason = order.state.message().unwrap_or("the broker gave no reason");
            let rejected = CliError::new(Exit::Rejected, "rejected", &reason);
            Some(rejected.hint(format!("`openalgo order show {id}` shows the order")))
        }
        OrderStatus::Pending => {
            let message = format!("it is not known whether the broker has order {id}");
            let unknown = CliError::outcome_unknown(&message);
            Some(unknown.hint(format!(
                "do not send it again; `openalgo order status {id}` looks for it at the broker"
            )))
        }
        OrderStatus::Open
        | OrderStatus::TriggerPending
        | OrderStatus::Complete
        | OrderStatus::Cancelled => None,
    }
}

/// The exit code of several: that nobody knows what became of one comes before everything else.
pub(crate) fn worst<'a>(failures: impl IntoIterator<Item = &'a CliError>) -> Option<Exit> {
    let mut exits = failures.into_iter().map(|failure| failure.exit);
    let first = exits.next()?;
    let is_unknown = first == Exit::OutcomeUnknown || exits.any(|it| it == Exit::OutcomeUnknown);
    Some(if is_unknown {
        Exit::OutcomeUnknown
    } else {
        first
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo::core::id::{IntentId, OrderId, UserId};
    use openalgo::core::market::{Exchange, InstrumentKey, SessionBoundary, Timestamp};
    use openalgo::core::order::{
        NewOrder, OrderEvent, OrderEventKind, OrderIntent, Side, TradingMode,
    };
    use openalgo::core::value::Quantity;
    use uuid::Uuid;

    /// An order at a broker after this.
    fn order(kind: OrderEventKind) -> Order {
        let at = Timestamp::from_micros(1_795_500_000_000_000).unwrap();
        let intent = OrderIntent {
            id: IntentId::new(Uuid::from_u128(7)),
            user: UserId::new(1),
            broker: "fake".parse().unwrap(),
            mode: TradingMode::Live,
            trading_day: SessionBoundary::default().day_of(at),
            order: NewOrder::market(
                InstrumentKey::new(Exchange::Nse, "INFY".parse().unwrap()),
                Side::Buy,
                Quantity::ONE,
            ),
            token: None,
            request: None,
            ltp: None,
            at,
        };
        let kinds = [OrderEventKind::Sent, kind];
        let events = kinds.map(|kind| OrderEvent { at, kind });
        let journal: Vec<_> = [OrderEvent::planned(&intent)]
            .into_iter()
            .chain(events)
            .collect();
        Order::fold(OrderId::new(1), &journal).unwrap()
    }

    #[test]
    fn a_lost_answer_is_no_success() {
        let lost = failure(&order(OrderEventKind::OutcomeUnknown {
            reason: "timed out".into(),
        }));
        let lost = lost.unwrap();
        assert_eq!(
            (lost.exit, &*lost.code),
            (Exit::OutcomeUnknown, "outcome_unknown")
        );
        let rejected = failure(&order(OrderEventKind::Rejected {
            broker_order_id: None,
            reason: "no margin".into(),
        }));
        let rejected = rejected.unwrap();
        assert_eq!(
            (rejected.exit, &*rejected.message),
            (Exit::Rejected, "no margin")
        );
        let accepted = OrderEventKind::Accepted {
            broker_order_id: "B-1".parse().unwrap(),
            awaits_trigger: false,
        };
        assert!(failure(&order(accepted)).is_none());
        assert_eq!(worst([&rejected, &lost]), Some(Exit::OutcomeUnknown));
        assert_eq!(worst([&rejected]), Some(Exit::Rejected));
        assert_eq!(worst([]), None);
    }

    #[test]
    fn what_to_do_about_a_lost_answer_names_the_candidates() {
        let lost = order(OrderEventKind::OutcomeUnknown {
            reason: "timed out".into(),
        });
        let id = lost.public_id();
        let two = ["B-1", "B-2"].map(|id| id.parse().unwrap());
        let advice = super::super::settle::advice(&lost, &two);
        assert!(advice.contains("B-1, B-2"), "{advice}");
        assert!(
            advice.contains(&format!("`openalgo order settle {id} --is BROKER_ID`")),
            "{advice}"
        );
    }
}
