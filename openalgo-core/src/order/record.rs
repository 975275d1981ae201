//! An order of our own history.

use super::{
    Executed, OrderEvent, OrderEventKind, OrderIntent, OrderKind, OrderState, OrderStatus,
    TransitionError,
};
use crate::id::OrderId;
use crate::market::Timestamp;
use crate::value::{Price, Quantity, ValueError};
use serde::{Deserialize, Serialize};

/// Terms of an order that were sent to the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Units asked for, those that are filled among them.
    pub quantity: Quantity,
    /// What is to decide the price.
    pub kind: OrderKind,
    /// Since when they are on their way.
    pub since: Timestamp,
}

/// An order: what was decided, and what became of it. It is the fold of its journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its number in our history.
    pub id: OrderId,
    /// What was decided, as it was modified since.
    pub intent: OrderIntent,
    /// Where it stands.
    pub state: OrderState,
    /// Terms that were sent to the broker and of which nobody knows yet whether they hold.
    pub change: Option<Change>,
    /// When the last event happened.
    pub updated_at: Timestamp,
}

impl Order {
    /// A new order, of which only the intent exists.
    pub fn planned(id: OrderId, intent: OrderIntent) -> Self {
        Self {
            id,
            updated_at: intent.at,
            state: OrderState::Planned,
            change: None,
            intent,
        }
    }

    /// Rebuilds an order from its journal.
    pub fn fold(id: OrderId, journal: &[OrderEvent]) -> Result<Self, TransitionError> {
        let Some((
            OrderEvent {
                kind: OrderEventKind::Planned { intent },
                ..
            },
            rest,
        )) = journal.split_first()
        else {
            return Err(TransitionError::NoIntent);
        };
        rest.iter()
            .try_fold(Self::planned(id, (**intent).clone()), Self::after)
    }

    /// The order after one more event.
    pub fn after(mut self, event: &OrderEvent) -> Result<Self, TransitionError> {
        self.intent.amend(&event.kind);
        let was_asked = self.change.take();
        self.state = self.state.after(event, self.intent.order.quantity)?;
        self.change = self.change_after(was_asked, event)?;
        self.updated_at = event.at;
        Ok(self)
    }

    /// The terms under way after an event, where `was_asked` were before.
    fn change_after(
        &self,
        was_asked: Option<Change>,
        event: &OrderEvent,
    ) -> Result<Option<Change>, TransitionError> {
        if let OrderEventKind::ModificationSent { quantity, kind } = event.kind {
            return match was_asked {
                None => Ok(Some(Change {
                    quantity,
                    kind,
                    since: event.at,
                })),
                // Which of two would hold, no answer could tell.
                Some(_) => Err(TransitionError::Impossible {
                    state: "being modified",
                    event: event.kind.as_str(),
                }),
            };
        }
        let is_answer = matches!(
            event.kind,
            OrderEventKind::Modified { .. } | OrderEventKind::ModificationFailed { .. }
        );
        Ok(was_asked.filter(|_| !is_answer && !self.status().is_final()))
    }

    /// The stored status.
    pub fn status(&self) -> OrderStatus {
        self.state.status()
    }

    /// What was filled so far.
    pub fn executed(&self) -> Executed {
        self.state.executed()
    }

    /// Units that may still be filled; none once the order is over.
    pub fn pending_quantity(&self) -> Quantity {
        if self.status().is_final() {
            return Quantity::ZERO;
        }
        self.intent
            .order
            .quantity
            .minus(self.executed().quantity)
            .unwrap_or_default()
    }

    /// Units that may still be filled under whichever of its terms hold: of those it has, and those
    /// that are on their way.
    pub fn most_pending(&self) -> Quantity {
        let asked = self.change.map_or(Quantity::ZERO, |it| it.quantity);
        let asked = asked.minus(self.executed().quantity).unwrap_or_default();
        self.pending_quantity().max(asked)
    }

    /// What happens to the order when its terms change to these.
    pub fn modified(&self, quantity: Quantity, kind: OrderKind) -> OrderEventKind {
        let before = self.intent.order.kind;
        let waited = self.state.awaits_trigger() || before.trigger().is_none();
        OrderEventKind::Modified {
            quantity,
            kind,
            awaits_trigger: kind.trigger().is_some()
                && waited
                && self.executed().quantity.is_zero(),
        }
    }

    /// The average fill price; zero when nothing was filled.
    pub fn average_price(&self) -> Result<Price, ValueError> {
        self.executed().average()
    }

    /// The id that people and clients know the order by: the broker's, or `local:<intent>` until
    /// the broker has given one.
    pub fn public_id(&self) -> String {
        match self.state.broker_order_id() {
            Some(id) => id.to_string(),
            None => self.intent.id.local_order_id(),
        }
    }
}
