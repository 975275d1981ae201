//! The writer of an account: takes commands one by one and never waits for disk or broker.
//!
//! A command is decided at once, in memory; making it durable, or taking it to the broker, goes
//! on beside the next commands. So commands of one account share a flush, too. Whoever asked
//! gets the answer when it is true on disk.

use super::handle::{
    Command, JudgedBy, Kept, LineCommand, Message, ModifyRequest, PlaceRequest, Reply,
};
use super::in_line::{InLine, Withdrawal};
use super::paper_desk::{PaperDesk, refuse};
use super::slots::Slots;
use super::wire_desk::WireDesk;
use super::{AccountError, AccountHandle};
use crate::event::{Event, EventBus};
use crate::governor::LINE;
use crate::guards::Guards;
use crate::limits::Counted;
use futures_util::stream::{FuturesUnordered, StreamExt};
use openalgo_core::id::IntentId;
use openalgo_core::order::Order;
use std::future::Future;
use std::pin::Pin;
use tokio::sync::mpsc;

/// What may be under way at a time; further commands wait in the queue.
const MOST_COMMITS: usize = 256;

/// The same where orders stand in line for a broker: a full line must not keep exits from theirs.
const MOST_SENDINGS: usize = 16 * LINE;

/// The end of something that a command began: the orders that changed, once that is durable.
pub(super) type Outcome = Result<Vec<Order>, AccountError>;

/// Work that goes on beside the next commands.
pub(super) type Work = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Who waits for the end of it.
pub(super) enum Waiting {
    /// For the order that was placed, with what is kept until it is decided.
    Placed(IntentId, Reply<Order>, Kept),
    /// For the order that is modified at a broker.
    Modified(IntentId, Reply<Order>),
    /// For the order that was changed in another way.
    Changed(Reply<Order>),
    /// For the fact that it is done.
    Done(Reply<()>),
    /// Nobody.
    Nobody,
}

impl Waiting {
    pub(super) fn tell(self, outcome: Outcome) {
        // A caller that has gone away needs no answer; what it asked for is done all the same.
        match self {
            Self::Placed(_, reply, kept) => {
                let is_stored = matches!(outcome, Ok(_) | Err(AccountError::OutcomeNotStored(_)));
                drop(reply.send(only(outcome)));
                kept.release(is_stored);
            }
            Self::Modified(_, reply) | Self::Changed(reply) => drop(reply.send(only(outcome))),
            Self::Done(reply) => drop(reply.send(outcome.map(|_orders| ()))),
            Self::Nobody => {}
        }
    }
}

/// The order that a command was about.
fn only(outcome: Outcome) -> Result<Order, AccountError> {
    outcome.and_then(|orders| orders.into_iter().next().ok_or(AccountError::ReplyLost))
}

type Flight = Pin<Box<dyn Future<Output = (Waiting, Outcome)> + Send>>;

/// How the account takes orders.
pub(super) enum Desk {
    Paper(PaperDesk),
    Wire(WireDesk),
}

impl Desk {
    fn most_flights(&self) -> usize {
        match self {
            Self::Paper(_) => MOST_COMMITS,
            Self::Wire(_) => MOST_SENDINGS,
        }
    }
}

/// The one writer of an account.
pub(super) struct Actor {
    desk: Desk,
    inbox: mpsc::Receiver<Message>,
    flights: FuturesUnordered<Flight>,
    events: EventBus,
    guards: Guards,
    slots: Slots,
    in_line: InLine,
}

impl Actor {
    pub(super) fn new(desk: Desk, events: EventBus, guards: Guards) -> (Self, AccountHandle) {
        let (handle, inbox) = AccountHandle::new();
        (
            Self {
                desk,
                inbox,
                flights: FuturesUnordered::new(),
                events,
                guards,
                slots: Slots::default(),
                in_line: InLine::default(),
            },
            handle,
        )
    }

    /// Runs until every handle is gone and everything begun has ended.
    pub(super) async fn run(mut self) {
        loop {
            tokio::select! {
                biased;
                Some((waiting, outcome)) = self.flights.next() => self.land(waiting, outcome),
                message = self.inbox.recv(), if self.flights.len() < self.desk.most_flights() => match message {
                    Some(Message::Desk(command)) => self.handle(command).await,
                    Some(Message::Line(command)) => self.tell_of_line(command),
                    None => break,
                },
            }
        }
        self.land_all().await;
    }

    async fn handle(&mut self, command: Command) {
        let needs_reload = matches!(&self.desk, Desk::Paper(desk) if desk.is_closed());
        if needs_reload {
            // What was decided on the lost state must come to its end before a new one is read.
            self.land_all().await;
            self.slots.begin_anew();
        }
        command.begin();
        let mut started = Vec::new();
        let prepared = match &mut self.desk {
            Desk::Paper(desk) => desk.prepare(&command, &mut started).await,
            Desk::Wire(_) => Ok(false),
        };
        match prepared {
            Ok(changed) => {
                if changed {
                    // What was computed from what was held before does not hold any more.
                    self.slots.begin_anew();
                }
                if let Some(command) = self.admit(command) {
                    started = match &mut self.desk {
                        Desk::Paper(desk) => desk.handle(command, started).await,
                        Desk::Wire(desk) => desk.handle(command).into_iter().collect(),
                    };
                }
            }
            Err(error) => refuse(command, &error),
        }
        for (waiting, work) in started {
            self.flights
                .push(Box::pin(async move { (waiting, work.await) }));
        }
    }

    /// Lets a command in. Orders are asked for here once more, after everything that took time: a
    /// halt that has been answered, or a limit, holds for every order that is not decided on yet.
    fn admit(&mut self, command: Command) -> Option<Command> {
        match command {
            Command::Place(mut request, reply) => match self.admit_order(&request) {
                Ok(counted) => {
                    request.counted = counted;
                    request.withdrawal = self.line_up(&request);
                    Some(Command::Place(request, reply))
                }
                Err(refusal) => {
                    drop(reply.send(Err(refusal)));
                    None
                }
            },
            Command::Standing(mut standing, reply) => {
                self.slots.tell(&mut standing);
                Some(Command::Standing(standing, reply))
            }
            Command::Modify(request, reply) => {
                if let Err(refusal) = self.admit_change(&request) {
                    drop(reply.send(Err(refusal)));
                    return None;
                }
                // What was computed from its old terms does not hold any more.
                self.slots.take(request.slot());
                Some(Command::Modify(request, reply))
            }
            reset @ Command::Reset(..) => {
                self.slots.begin_anew();
                Some(reset)
            }
            other @ (Command::Cancel(..)
            | Command::Price(..)
            | Command::Resting(_)
            | Command::Watches(_)
            | Command::Outlook(..)
            | Command::Wanted(..)
            | Command::Reserve(..)
            | Command::Release(..)
            | Command::DoJob(..)
            | Command::Day(..)
            | Command::SeenUntil(..)
            | Command::GoOn(..)) => Some(other),
        }
    }

    fn tell_of_line(&mut self, command: LineCommand) {
        match command {
            LineCommand::Withdraw(intent, reply) => {
                if let Some(reply) = self.in_line.cancel(intent, reply) {
                    drop(reply.send(Err(AccountError::NotInLine)));
                }
            }
            LineCommand::Entries(reply) => drop(reply.send(Ok(self.in_line.entries()))),
        }
    }

    /// Lets an order join the line for its broker; on paper there is none.
    fn line_up(&mut self, request: &PlaceRequest) -> Option<Withdrawal> {
        match self.desk {
            Desk::Paper(_) => None,
            Desk::Wire(_) => Some(self.in_line.join(request.intent.id, request.urgency())),
        }
    }

    fn admit_change(&mut self, request: &ModifyRequest) -> Result<(), AccountError> {
        let changed = request.changed();
        match &request.judged_by {
            JudgedBy::Limits(stake) => self.guards.admit_change(&changed, stake)?,
            JudgedBy::Switch => self.guards.switches.pass_now(changed.user)?,
            JudgedBy::Standing { turn, .. } if *turn != self.slots.turn(&request.slot()) => {
                return Err(AccountError::Overtaken);
            }
            JudgedBy::Nothing | JudgedBy::Standing { .. } => {}
        }
        // What the paper exchange takes is decided at once.
        if matches!(self.desk, Desk::Wire(_)) && !self.slots.begin_change(changed) {
            return Err(AccountError::ChangeUnderWay);
        }
        Ok(())
    }

    fn admit_order(&mut self, request: &PlaceRequest) -> Result<Option<Counted>, AccountError> {
        let counted = self.guards.admit(request)?;
        let slot = request.slot();
        let computed = request.computed.as_ref();
        if computed.is_some_and(|computed| computed.turn != self.slots.turn(&slot)) {
            return Err(AccountError::Overtaken);
        }
        self.slots.take(slot);
        // What the paper exchange takes is decided at once, and nothing flies.
        if matches!(self.desk, Desk::Wire(_)) {
            self.slots.take_off(&request.intent);
        }
        Ok(counted)
    }

    async fn land_all(&mut self) {
        while let Some((waiting, outcome)) = self.flights.next().await {
            self.land(waiting, outcome);
        }
    }

    fn land(&mut self, waiting: Waiting, outcome: Outcome) {
        match &waiting {
            Waiting::Placed(intent, ..) => {
                self.slots.land(*intent);
                for late in self.in_line.leave(*intent) {
                    drop(late.send(Err(AccountError::NotInLine)));
                }
            }
            Waiting::Modified(intent, _) => self.slots.end_change(*intent),
            Waiting::Changed(_) | Waiting::Done(_) | Waiting::Nobody => {}
        }
        match &outcome {
            Ok(orders) => {
                for order in orders {
                    self.events
                        .publish(Event::OrderChanged(Box::new(order.clone())));
                }
            }
            Err(error) => {
                tracing::warn!(
                    error = error.without_the_brokers_words(),
                    "an account could not finish a command"
                );
                if let Desk::Paper(desk) = &mut self.desk {
                    desk.close();
                }
            }
        }
        waiting.tell(outcome);
    }
}
