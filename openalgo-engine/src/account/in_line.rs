//! Orders that a writer took and that stand in line for their broker: they can be taken out of it.
//!
//! An order leaves the line in one of two ways, and of two that come at once one is first: with a
//! place, and then only the broker can cancel it, or with a request to cancel it, and then it is
//! journaled as cancelled and never sent.

use super::handle::Reply;
use openalgo_core::id::IntentId;
use openalgo_core::order::Order;
use openalgo_core::rule::governor::Urgency;
use std::collections::BTreeMap;
use tokio::sync::oneshot;

/// Whoever cancels an order in line waits for the order as it is then.
type Canceller = Reply<Order>;

/// The orders of an account that may stand in line.
#[derive(Debug, Default)]
pub(super) struct InLine(BTreeMap<IntentId, (Urgency, oneshot::Sender<Canceller>)>);

/// The end of an order in line that hears of its cancellation.
#[derive(Debug)]
pub(crate) struct Withdrawal(oneshot::Receiver<Canceller>);

impl InLine {
    /// An order joins.
    pub(super) fn join(&mut self, intent: IntentId, urgency: Urgency) -> Withdrawal {
        let (ask, asked) = oneshot::channel();
        self.0.insert(intent, (urgency, ask));
        Withdrawal(asked)
    }

    /// What became of an order is known.
    pub(super) fn leave(&mut self, intent: IntentId) {
        self.0.remove(&intent);
    }

    /// The orders in line that do not take risk away, those that came first first.
    pub(super) fn entries(&self) -> Vec<IntentId> {
        let waiting = self.0.iter().filter(|(_, (_, ask))| !ask.is_closed());
        let entries = waiting.filter(|(_, (urgency, _))| *urgency == Urgency::Entry);
        entries.map(|(intent, _)| *intent).collect()
    }

    /// Takes an order out of the line; gives `canceller` back if it is not there, or not any more.
    pub(super) fn cancel(&mut self, intent: IntentId, canceller: Canceller) -> Option<Canceller> {
        match self.0.remove(&intent) {
            Some((_, ask)) => ask.send(canceller).err(),
            None => Some(canceller),
        }
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
        assert!(line.cancel(entry, canceller()).is_some());

        let mut second = line.join(entry, Urgency::Entry);
        assert!(second.close().is_none());
        assert!(line.entries().is_empty(), "it has its place");
        assert!(line.cancel(entry, canceller()).is_some());
        assert!(line.cancel(exit, canceller()).is_none());
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
