//! What brokers say about orders without being asked.
//!
//! What is said while a connection is lost is in the order book only, so that is read whenever a
//! stream is opened. A report on an order that is not known yet says nothing that the book would
//! not say again.

use super::{Reconciler, Tools};
use openalgo_core::id::BrokerName;
use openalgo_core::port::{OrderUpdates, ReportStream, StatusReport, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The pause before a stream that was lost is opened again; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Listens to the updates of one broker.
struct Listener {
    broker: BrokerName,
    updates: Arc<dyn OrderUpdates>,
    reconciler: Reconciler,
    tools: Tools,
}

/// Listens to every broker that streams updates, until it is told to stop.
pub(super) fn listen(
    tasks: &mut JoinSet<()>,
    tools: &Tools,
    (reconciler, stopped): (&Reconciler, &watch::Receiver<bool>),
) {
    for session in &tools.ports.brokers {
        let Some(updates) = session.order_updates.clone() else {
            continue;
        };
        let listener = Listener {
            broker: session.broker.clone(),
            updates,
            reconciler: reconciler.clone(),
            tools: tools.clone(),
        };
        let mut stopped = stopped.clone();
        tasks.spawn(async move {
            tokio::select! {
                biased;
                _ = stopped.changed() => {}
                () = listener.run() => {}
            }
        });
    }
}

impl Listener {
    async fn run(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.updates.reports().await {
                Ok(stream) => {
                    pause = FIRST_PAUSE;
                    self.follow(stream).await;
                    tracing::info!(broker = %self.broker, "the stream of order updates was lost");
                }
                Err(error) => {
                    tracing::warn!(broker = %self.broker, %error, "order updates cannot be had");
                }
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    async fn follow(&self, mut stream: Box<dyn ReportStream>) {
        // What a pass could not tell, it has said in the log.
        drop(self.reconciler.pass().await);
        while let Some(report) = stream.next().await {
            if let Err(error) = self.write_down(&report).await {
                tracing::warn!(broker = %self.broker, %error, "an order update was not stored");
            }
        }
    }

    async fn write_down(&self, report: &StatusReport) -> Result<(), StoreError> {
        let id = report.broker_order_id.as_str();
        match self.tools.ports.orders.find(report.user, id).await? {
            Some(order) if order.intent.broker == report.broker => {
                self.tools.report(&order, report).await
            }
            Some(_) | None => Ok(()),
        }
    }
}
