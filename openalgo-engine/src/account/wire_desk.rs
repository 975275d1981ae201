//! Takes orders to a broker over a network: intent on disk, order on the wire, outcome on disk.

mod modify;

use super::AccountError;
use super::actor::{Outcome, Waiting, Work};
use super::handle::{CancelRequest, Command, Kept, Outlook, PlaceRequest, Reply};
use super::in_line::Withdrawal;
use crate::asking::ask;
use crate::brokers::{BrokerSessionError, Brokers, Login};
use crate::governor::{Governor, Place, Segment};
use crate::kill_switch::{HaltedError, KillSwitches};
use crate::laps::{Laps, Phase};
use crate::looks::Looks;
use crate::reconciler::Reconciler;
use openalgo_core::id::UserId;
use openalgo_core::journal::Journal;
use openalgo_core::market::{Exchange, Timestamp};
use openalgo_core::order::{
    JournaledIntent, Order, OrderEvent, OrderEventKind, OrderIntent, OrderState,
};
use openalgo_core::port::{
    Acknowledgement, BrokerSession, CancelError, Clock, OrderGateway, OrderRepository, SubmitError,
};
use openalgo_core::rule::governor::Urgency;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// How long a broker may take to answer before the outcome counts as unknown.
const DEADLINE: Duration = Duration::from_secs(15);

/// How long an order may take to be stored: with the broker's deadline, that is within the time of
/// grace after which its absence from a book counts.
const LATEST: chrono::Duration = chrono::Duration::seconds(10);

/// Why an order is over that was taken out of the line.
const CANCELLED_HERE: &str = "cancelled before it was sent";

/// What orders go out with.
#[derive(Debug, Clone)]
pub(super) struct WireTools {
    pub(super) brokers: Brokers,
    pub(super) orders: Arc<dyn OrderRepository>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) governor: Governor,
    pub(super) switches: KillSwitches,
    pub(super) reconciler: Reconciler,
}

/// Takes the orders of one account to its broker.
#[derive(Debug, Clone)]
pub(super) struct WireDesk {
    login: Login,
    tools: WireTools,
}

impl WireDesk {
    pub(super) fn new(login: Login, tools: WireTools) -> Self {
        Self { login, tools }
    }

    pub(super) fn handle(&mut self, command: Command) -> Option<(Waiting, Work)> {
        let desk = self.clone();
        match command {
            Command::Place(request, reply) => Some(desk.take(*request, reply)),
            Command::Modify(request, reply) => {
                let waiting = Waiting::Modified(request.order.intent.id, reply);
                let work = async move { desk.modify(*request).await };
                Some((waiting, Box::pin(work)))
            }
            Command::Cancel(request, reply) => {
                let work = async move { desk.cancel(request).await };
                Some((Waiting::Changed(reply), Box::pin(work)))
            }
            // Resting orders wait at the broker, not here.
            Command::Watches(reply) => {
                drop(reply.send(Ok(Vec::new())));
                None
            }
            Command::Resting(reply) => {
                drop(reply.send(Ok(Vec::new())));
                None
            }
            // Nor do positions.
            Command::Day(_, reply) => {
                drop(reply.send(Ok(None)));
                None
            }
            Command::Standing(standing, reply) => {
                drop(reply.send(Ok(*standing)));
                None
            }
            Command::Outlook(_, reply) => {
                drop(reply.send(Ok(Outlook::default())));
                None
            }
            Command::Wanted(_, reply) => {
                drop(reply.send(Ok(BTreeSet::new())));
                None
            }
            Command::Price(_, _, reply)
            | Command::Reserve(_, _, reply)
            | Command::Release(_, _, reply)
            | Command::DoJob(_, reply)
            | Command::SeenUntil(_, _, reply)
            | Command::GoOn(_, reply)
            | Command::Reset(_, reply) => {
                drop(reply.send(Ok(())));
                None
            }
        }
    }

    /// Takes an order, with what is kept until it is decided.
    fn take(self, request: PlaceRequest, reply: Reply<Order>) -> (Waiting, Work) {
        let urgency = request.urgency();
        let PlaceRequest {
            intent,
            claims,
            computed,
            counted,
            withdrawal,
            laps,
            ..
        } = request;
        let kept = Kept {
            claims,
            computed,
            counted,
        };
        let waiting = Waiting::Placed(intent.id, reply, kept);
        let work = async move { self.place(intent, withdrawal, (urgency, &laps)).await };
        (waiting, Box::pin(work))
    }

    async fn place(
        &self,
        mut intent: OrderIntent,
        withdrawal: Option<Withdrawal>,
        (urgency, laps): (Urgency, &Laps),
    ) -> Outcome {
        if let Err(over) = self.tools.brokers.live(&self.login) {
            let error = AccountError::from(over);
            if let Some(canceller) = withdrawal.and_then(|mut withdrawal| withdrawal.close()) {
                drop(canceller.send(Err(error.clone())));
            }
            return Err(error);
        }
        laps.enter(Phase::Queue);
        let place = match self.stand_in_line(&intent, urgency, withdrawal).await {
            LeftLine::Place(place) => place?,
            LeftLine::Cancelled(canceller) => return self.withdraw(intent, canceller).await,
        };
        laps.enter(Phase::Own);
        self.tools.brokers.live(&self.login)?;
        // Broker and order book date it from here on; before, it stood in line.
        intent.at = self.tools.clock.now();
        let _awaited = self.tools.reconciler.await_answer(intent.id);
        let journal = Journal::new(Arc::clone(&self.tools.orders));
        let not_stored = |error| AccountError::NotStored(Arc::new(error));
        let intent = journal.record(intent).await.map_err(not_stored)?;
        let session = self.session_after(intent.intent().at, urgency == Urgency::Entry);
        laps.enter(Phase::Broker);
        let answer = match &session {
            Ok(session) => submit(&*session.orders, &intent, place).await,
            Err(over) => Err(SubmitError::NotSent(over.clone().into())),
        };
        laps.enter(Phase::Own);
        if let (Ok(session), Err(SubmitError::SessionExpired)) = (&session, &answer) {
            // The order is rejected with these words.
            let _over = self.tools.brokers.refuse(&self.login, session);
        }
        let kind = match &session {
            Ok(_) => outcome_of(answer),
            Err(late) => not_sent(late),
        };
        let at = self.tools.clock.now();
        let event = OrderEvent { at, kind };
        match journal.append(&intent, &event).await {
            Ok(order) if session.is_ok_and(|session| session.order_book.is_some()) => {
                Ok(vec![self.look_for(order, laps).await])
            }
            Ok(order) => Ok(vec![order]),
            Err(error) => {
                self.tools
                    .reconciler
                    .take_over(&self.login, (intent.order_id(), event))
                    .await;
                Err(AccountError::OutcomeNotStored(Arc::new(error)))
            }
        }
    }

    /// The session of this very moment, if what was decided at `begun` may still leave: while it was
    /// stored, time has gone by, and somebody may have halted trading or logged in anew.
    fn session_after(
        &self,
        begun: Timestamp,
        heeds_halt: bool,
    ) -> Result<Arc<BrokerSession>, TooLate> {
        if self.tools.clock.now() > begun.plus(LATEST) {
            return Err(TooLate::Stored);
        }
        if heeds_halt {
            self.tools.switches.pass_now(self.login.0)?;
        }
        Ok(self.tools.brokers.live(&self.login)?)
    }

    /// Waits for an order's turn, or for somebody who cancels it.
    async fn stand_in_line(
        &self,
        intent: &OrderIntent,
        urgency: Urgency,
        withdrawal: Option<Withdrawal>,
    ) -> LeftLine {
        let place = self.wait_for_place(intent, urgency);
        let Some(mut withdrawal) = withdrawal else {
            return LeftLine::Place(place.await);
        };
        let place = tokio::select! {
            biased;
            canceller = withdrawal.asked() => return LeftLine::Cancelled(canceller),
            place = place => place,
        };
        match withdrawal.close() {
            Some(canceller) => LeftLine::Cancelled(canceller),
            None => LeftLine::Place(place),
        }
    }

    /// Journals an order as cancelled that never left. Whoever placed it is told so, too.
    async fn withdraw(&self, mut intent: OrderIntent, canceller: Reply<Order>) -> Outcome {
        intent.at = self.tools.clock.now();
        let journal = Journal::new(Arc::clone(&self.tools.orders));
        let stored = journal.record_cancelled(&intent, CANCELLED_HERE).await;
        let outcome = stored.map_err(|error| AccountError::NotStored(Arc::new(error)));
        drop(canceller.send(outcome.clone()));
        Ok(vec![outcome?])
    }

    /// Waits for an order's turn. What waited was let into the account before: whoever has halted
    /// trading since means it, too.
    async fn wait_for_place(
        &self,
        intent: &OrderIntent,
        urgency: Urgency,
    ) -> Result<Place, AccountError> {
        let exchange = intent.order.instrument.exchange;
        let segment = self.segment(intent.user, exchange);
        let place = self.tools.governor.place(segment, urgency).await?;
        if urgency == Urgency::Entry {
            self.tools.switches.pass_now(intent.user)?;
            self.check_answers()?;
        }
        Ok(place)
    }

    /// Refuses what takes risk while too many answers of the broker wait to be stored.
    fn check_answers(&self) -> Result<(), AccountError> {
        match self.tools.reconciler.too_many_unstored(&self.login) {
            Some(waiting) => Err(AccountError::AnswersNotStored { waiting }),
            None => Ok(()),
        }
    }

    fn segment(&self, user: UserId, exchange: Exchange) -> Segment {
        Segment {
            user,
            broker: self.login.1.clone(),
            exchange,
        }
    }

    /// Looks into the broker's order book for an order whose answer was lost, for a few seconds:
    /// most have arrived, and whoever placed one wants to know.
    async fn look_for(&self, mut order: Order, laps: &Laps) -> Order {
        let mut looks = Looks::begin_later();
        let is_lost = |order: &Order| matches!(order.state, OrderState::Unconfirmed { .. });
        while is_lost(&order) && self.look_into_book(&mut looks, laps).await {
            let id = order.intent.id.local_order_id();
            match self.tools.orders.find(order.intent.user, &id).await {
                Ok(Some(found)) => order = found,
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "an order could not be read again"),
            }
        }
        order
    }

    /// Waits a while and lets the book be read; `false` when it has been looked for long enough.
    async fn look_into_book(&self, looks: &mut Looks, laps: &Laps) -> bool {
        laps.enter(Phase::Queue);
        let goes_on = looks.again().await;
        if goes_on {
            laps.enter(Phase::Broker);
            // What a pass could not tell, it has said in the log.
            drop(self.tools.reconciler.pass_at(&self.login).await);
        }
        laps.enter(Phase::Own);
        goes_on
    }

    /// Asks the broker to cancel an order. That the broker has heard is not yet the end of the
    /// order, which may be filled meanwhile: only the broker's order book says how it ends.
    async fn cancel(&self, request: CancelRequest) -> Outcome {
        let segment = self.segment(request.user, request.exchange);
        request.laps.enter(Phase::Queue);
        let place = self.tools.governor.place(segment, Urgency::Exit).await?;
        let session = self.tools.brokers.live(&self.login)?;
        request.laps.enter(Phase::Broker);
        let cancel = session.orders.cancel(&request.broker_order_id);
        let cancelled = ask(DEADLINE, place.leave_with(cancel)).await;
        request.laps.enter(Phase::Own);
        let cancelled =
            cancelled.unwrap_or_else(|none| Err(CancelError::OutcomeUnknown(none.into())));
        cancelled.map_err(|error| {
            if matches!(error, CancelError::SessionExpired) {
                self.tools.brokers.refuse(&self.login, &session).into()
            } else {
                AccountError::Cancel(Arc::new(error))
            }
        })?;
        let not_loaded = |error| AccountError::NotLoaded(Arc::new(error));
        let (broker, id) = (&self.login.1, &request.broker_order_id);
        let order = self.tools.orders.find_at_broker(request.user, broker, id);
        Ok(order.await.map_err(not_loaded)?.into_iter().collect())
    }
}

/// Why nothing was sent although it was stored as sent.
#[derive(Debug, Clone, Error)]
enum TooLate {
    #[error("storing it took so long that it was not sent any more")]
    Stored,
    #[error(transparent)]
    Halted(#[from] HaltedError),
    #[error(transparent)]
    Session(#[from] BrokerSessionError),
}

/// How an order has left the line.
enum LeftLine {
    /// With a place, or without one for this reason.
    Place(Result<Place, AccountError>),
    /// Cancelled by somebody who waits for it.
    Cancelled(Reply<Order>),
}

/// The broker's answer. One that does not come in time, or an adapter that fails in a way it must
/// not, tells nothing about the order.
async fn submit(
    gateway: &dyn OrderGateway,
    intent: &JournaledIntent,
    place: Place,
) -> Result<Acknowledgement, SubmitError> {
    let answer = ask(DEADLINE, place.leave_with(gateway.submit(intent))).await;
    answer.unwrap_or_else(|none| Err(SubmitError::OutcomeUnknown(none.into())))
}

/// What the journal says about a broker's answer. Only an order that surely did not arrive
/// counts as rejected; a lost answer leaves the order unconfirmed.
fn outcome_of(answer: Result<Acknowledgement, SubmitError>) -> OrderEventKind {
    match answer {
        Ok(Acknowledgement {
            broker_order_id,
            awaits_trigger,
        }) => OrderEventKind::Accepted {
            broker_order_id,
            awaits_trigger,
        },
        Err(error @ SubmitError::OutcomeUnknown(_)) => OrderEventKind::OutcomeUnknown {
            reason: error.to_string(),
        },
        Err(
            error @ (SubmitError::Refused { .. }
            | SubmitError::SessionExpired
            | SubmitError::RateLimited { .. }
            | SubmitError::NotSent(_)),
        ) => OrderEventKind::Rejected {
            broker_order_id: None,
            reason: error.to_string(),
        },
        // An error of a kind that is not known here tells nothing about the order.
        Err(other) => OrderEventKind::OutcomeUnknown {
            reason: other.to_string(),
        },
    }
}

/// What is journaled of an order that was stored, and then not sent.
fn not_sent(why: &impl std::fmt::Display) -> OrderEventKind {
    OrderEventKind::Rejected {
        broker_order_id: None,
        reason: format!("the order was not sent: {why}"),
    }
}
