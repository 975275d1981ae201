//! What brokers say about orders without being asked.
//!
//! What is said while a connection is lost is in the order book only, so that is read whenever a
//! stream is opened. A report on an order that is not known yet says nothing that the book would
//! not say again.

use super::{Reconciler, Tools};
use crate::brokers::Login;
use openalgo_core::account::SessionState;
use openalgo_core::port::{
    BrokerReadError, BrokerSession, OrderUpdates, ReportStream, StatusReport, StoreError,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The pause before a stream that was lost is opened again; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Listens to the updates of one session.
struct Listener {
    login: Login,
    session: Arc<BrokerSession>,
    updates: Arc<dyn OrderUpdates>,
    reconciler: Reconciler,
    tools: Tools,
}

/// Listens to every session that streams updates, from its login to its end, until it is told to
/// stop.
pub(super) async fn listen(
    tools: Tools,
    reconciler: Reconciler,
    mut stopped: watch::Receiver<bool>,
) {
    let mut logins = tools.brokers.logins();
    let mut listeners = JoinSet::new();
    let mut heard = BTreeMap::new();
    loop {
        for live in tools.brokers.all_live() {
            let Some(updates) = live.session.order_updates.clone() else {
                continue;
            };
            if heard.values().any(|login| *login == live.login) {
                continue;
            }
            let listener = Listener {
                login: live.login.clone(),
                session: live.session,
                updates,
                reconciler: reconciler.clone(),
                tools: tools.clone(),
            };
            let task = listeners.spawn(listener.listen(live.state));
            heard.insert(task.id(), live.login);
        }
        tokio::select! {
            biased;
            _ = stopped.changed() => break,
            _ = logins.changed() => {}
            Some(ended) = listeners.join_next_with_id() => {
                let task = match ended {
                    Ok((task, ())) => task,
                    Err(error) => {
                        tracing::error!(%error, "a listener ended early");
                        // An adapter that panics at once must not be asked for ever at once.
                        tokio::time::sleep(FIRST_PAUSE).await;
                        error.id()
                    }
                };
                // There may be another session by now.
                heard.remove(&task);
            }
        }
    }
    // What a listener was writing down is in the order book, too.
    listeners.shutdown().await;
}

impl Listener {
    /// Listens until the session is over.
    async fn listen(self, mut state: watch::Receiver<SessionState>) {
        tokio::select! {
            biased;
            // That nobody holds the session any more is its end, too.
            _ = state.wait_for(|state| !state.is_live()) => {}
            () = self.run() => {}
        }
    }

    async fn run(&self) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.updates.reports().await {
                Ok(stream) => {
                    pause = FIRST_PAUSE;
                    self.follow(stream).await;
                    tracing::info!(broker = %self.login.1, "the stream of order updates was lost");
                }
                Err(error) => {
                    tracing::warn!(broker = %self.login.1, %error, "order updates cannot be had");
                    if matches!(error, BrokerReadError::SessionExpired) {
                        let _over = self.tools.brokers.refuse(&self.login, &self.session);
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    async fn follow(&self, mut stream: Box<dyn ReportStream>) {
        // What a pass could not tell, it has said in the log.
        drop(self.reconciler.pass_at(&self.login).await);
        while let Some(report) = stream.next().await {
            if let Err(error) = self.write_down(&report).await {
                tracing::warn!(broker = %self.login.1, %error, "an order update was not stored");
            }
        }
    }

    /// An adapter may speak of the orders of its own user only, and of those of the day: ids
    /// return.
    async fn write_down(&self, report: &StatusReport) -> Result<(), StoreError> {
        let (user, broker) = &self.login;
        if (report.user, &report.broker) != (*user, broker) {
            tracing::warn!(%broker, "an order update is about somebody else's order");
            return Ok(());
        }
        let day = self.tools.settings.day_of(report.at)?;
        let (orders, id) = (&self.tools.ports.orders, &report.broker_order_id);
        match orders.find_at_broker(*user, broker, id).await? {
            Some(order) if order.intent.trading_day == day => {
                self.tools.report(&order, report).await
            }
            Some(_) | None => Ok(()),
        }
    }
}
