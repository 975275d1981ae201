//! Orders that a writer took and that stand in line for their broker: they can be taken out of it.
//!
//! An order leaves the line in one of two ways, and of two that come at once one is first: with a
//! place, and then only the broker can cancel it, or with a request to cancel it, and then it is
//! journaled as cancelled and never sent. Whoever comes too late is told so when it is known what
//! became of the order: before that, nobody could cancel it.

use super::handle::Reply;
use openalgo_core::id::IntentId;
use openalgo_core::order::Order;
use openalgo_core::rule::governor::Urgency;
use std::collections::BTreeMap;
use tokio::sync::oneshot;

/// Whoever cancels an order in line waits for the order as it is then.
type Canceller = Reply<Order>;

/// The orders of an account that stand in line, or have left it and have no outcome yet.
#[derive(Debug, Default)]
pub(super) struct InLine(BTreeMap<IntentId, Waiting>);

#[derive(Debug)]
struct Waiting {
    urgency: Urgency,
    /// How it hears of its cancellation, until somebody has asked for one.
    ask: Option<oneshot::Sender<Canceller>>,
    /// Who asked too late.
    late: Vec<Canceller>,
}

/// The end of an order in line that hears of its cancellation.
#[derive(Debug)]
pub(crate) struct Withdrawal(oneshot::Receiver<Canceller>);

impl InLine {
    /// An order joins.
    pub(super) fn join(&mut self, intent: IntentId, urgency: Urgency) -> Withdrawal {
        let (ask, asked) = oneshot::channel();
        let waiting = Waiting {
            urgency,
            ask: Some(ask),
            late: Vec::new(),
        };
        self.0.insert(intent, waiting);
        Withdrawal(asked)
    }

    /// What became of an order is known. Gives those who wanted to cancel it and came too late.
    pub(super) fn leave(&mut self, intent: IntentId) -> Vec<Canceller> {
        let left = self.0.remove(&intent);
        left.map(|waiting| waiting.late).unwrap_or_default()
    }

    /// The orders that do not take risk away, those that came first first.
    pub(super) fn entries(&self) -> Vec<IntentId> {
        let is_entry = |waiting: &Waiting| waiting.urgency == Urgency::Entry;
        let entries = self.0.iter().filter(|(_, waiting)| is_entry(waiting));
        entries.map(|(intent, _)| *intent).collect()
    }

    /// Takes an order out of the line, or lets `canceller` wait for what becomes of it. Gives
    /// `canceller` back if there is no such order.
    pub(super) fn cancel(&mut self, intent: IntentId, canceller: Canceller) -> Option<Canceller> {
        let Some(waiting) = self.0.get_mut(&intent) else {
            return Some(canceller);
        };
        let late = match waiting.ask.take() {
            Some(ask) => ask.send(canceller).err(),
            None => Some(canceller),
        };
        waiting.late.extend(late);
        None
    }
}

impl Withdrawal {
    /// Waits until the order is cancelled; for ever if nobody does.
    pub(super) async fn asked(&mut self) -> Canceller {
        match (&mut self.0).await {
            Ok(canceller) => canceller,
            Err(_nobody) => std::future::pending().await,
        }
    }

    /// The order has its place: nobody takes it out of the line any more. Gives whoever just did.
    pub(super) fn close(&mut self) -> Option<Canceller> {
        self.0.close();
        self.0.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::port::IdSource;
    use openalgo_core::testing::CountingIds;

    fn canceller() -> Canceller {
        oneshot::channel().0
    }

    #[tokio::test]
    async fn an_order_is_cancelled_in_line_or_has_its_place() {
        let ids = CountingIds::default();
        let intent = || ids.make_intent_id().unwrap();
        let (exit, entry) = (intent(), intent());
        let mut line = InLine::default();
        let mut first = line.join(entry, Urgency::Entry);
        let _exit = line.join(exit, Urgency::Exit);
        assert_eq!(line.entries(), [entry]);
        assert!(line.cancel(entry, canceller()).is_none());
        assert!(first.close().is_some(), "the cancellation was first");
        assert!(line.cancel(entry, canceller()).is_none());
        assert_eq!(line.leave(entry).len(), 1, "the second one was late");
        assert!(line.cancel(entry, canceller()).is_some());

        let mut second = line.join(entry, Urgency::Entry);
        assert!(second.close().is_none());
        assert_eq!(line.entries(), [entry], "it has its place, and no outcome");
        assert!(line.cancel(entry, canceller()).is_none());
        assert_eq!(line.leave(entry).len(), 1);
        assert!(line.entries().is_empty());
        assert!(line.cancel(exit, canceller()).is_none());
        assert!(line.leave(exit).is_empty(), "it was in time");
    }

    #[tokio::test]
    async fn a_closed_end_is_asked_nothing_more() {
        let intent = CountingIds::default().make_intent_id().unwrap();
        let mut line = InLine::default();
        let mut order = line.join(intent, Urgency::Entry);
        line.leave(intent);
        let asked = tokio::time::timeout(std::time::Duration::ZERO, order.asked());
        assert!(asked.await.is_err());
    }
}
