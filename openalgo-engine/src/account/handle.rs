//! What the rest of the engine may ask the writer of an account.

use super::AccountError;
use super::in_line::Withdrawal;
use super::slots::{AccountStanding, Slot, Turn};
use crate::claims::{OrderClaim, PositionClaim};
use crate::guards::Stake;
use crate::laps::{Laps, Phase};
use crate::limits::Counted;
use openalgo_core::id::{BrokerOrderId, IntentId, TriggerId, UserId};
use openalgo_core::market::{Exchange, Instrument, InstrumentKey, Quote, Timestamp};
use openalgo_core::order::{NewOrder, Order, OrderIntent};
use openalgo_core::paper::{GttOrders, PaperDay, PaperJob, Reservation, Watch};
use openalgo_core::rule::governor::Urgency;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Commands that may wait for an account; further callers wait for room.
pub(super) const QUEUE: usize = 256;

pub(super) type Reply<T> = oneshot::Sender<Result<T, AccountError>>;

/// An order that has passed every check and knows its market.
#[derive(Debug)]
pub(crate) struct PlaceRequest {
    pub(crate) intent: OrderIntent,
    pub(crate) instrument: Arc<Instrument>,
    /// Its market; absent where a broker decides and no price can be had.
    pub(crate) quote: Option<Quote>,
    /// The claims on what it is known by: held until the order is durable, even if whoever asked
    /// for it goes away.
    pub(crate) claims: Vec<OrderClaim>,
    /// Present when the order was computed from what is held.
    pub(crate) computed: Option<Computed>,
    /// What limits of risk judge it by.
    pub(crate) stake: Stake,
    /// That it was counted, once the writer has taken it.
    pub(crate) counted: Option<Counted>,
    /// How it hears that it is cancelled, once the writer has let it join the line for a broker.
    pub(crate) withdrawal: Option<Withdrawal>,
    /// What waited for a price until now, of which it comes.
    pub(crate) reserved_for: Option<TriggerId>,
    /// Measures where the time of the order goes.
    pub(crate) laps: Laps,
}

impl PlaceRequest {
    /// What the order is for; those that take risk away go first.
    pub(crate) fn urgency(&self) -> Urgency {
        let computed = self.computed.as_ref();
        computed.map_or(Urgency::Entry, |computed| computed.urgency)
    }

    pub(super) fn slot(&self) -> Slot {
        let order = &self.intent.order;
        (order.instrument.clone(), order.product)
    }
}

/// That an order was computed from what is held, and how.
#[derive(Debug, Clone)]
pub(crate) struct Computed {
    /// How far the account was then: if it took another order for the same since, this one is
    /// refused with [`AccountError::Overtaken`], to be computed again.
    pub(crate) turn: Turn,
    /// Whether it only makes the position smaller.
    pub(crate) urgency: Urgency,
    /// Keeps everybody else from computing an order for the same until this one is decided.
    pub(crate) claim: PositionClaim,
}

/// What is kept until an order is decided.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) claims: Vec<OrderClaim>,
    pub(super) computed: Option<Computed>,
    pub(super) counted: Option<Counted>,
}

impl Computed {
    /// Whether the order only makes the position smaller.
    pub(crate) fn reduces(&self) -> bool {
        self.urgency == Urgency::Exit
    }
}

impl Kept {
    /// Lets the next in line have its turn; an order that is not stored does not count.
    pub(super) fn release(self, is_stored: bool) {
        if let Some(counted) = self.counted.filter(|_| is_stored) {
            counted.stands();
        }
        drop((self.claims, self.computed.map(|computed| computed.claim)));
    }
}

/// What may keep an order from new terms.
#[derive(Debug, Clone)]
pub(crate) enum JudgedBy {
    /// Nothing: they only take risk away.
    Nothing,
    /// What is held: with it, they surely only make the position smaller.
    Standing {
        /// How far the account was when that was read; if it took another order for the same since,
        /// the new terms are refused with [`AccountError::Overtaken`], to be judged again.
        turn: Turn,
        /// Keeps everybody else from computing an order for the same meanwhile.
        _claim: PositionClaim,
    },
    /// The kill switch; they put no more at stake, so limits have nothing to say.
    Switch,
    /// The kill switch and limits of risk, by this.
    Limits(Stake),
}

impl JudgedBy {
    /// Whether a halt stands in their way.
    pub(super) fn heeds_halt(&self) -> bool {
        match self {
            Self::Nothing | Self::Standing { .. } => false,
            Self::Switch | Self::Limits(_) => true,
        }
    }
}

/// An order to be given other terms.
#[derive(Debug, Clone)]
pub(crate) struct ModifyRequest {
    /// The order as it stands.
    pub(crate) order: Order,
    pub(crate) broker_order_id: BrokerOrderId,
    /// The order as it should be.
    pub(crate) asked: NewOrder,
    /// What may keep the order from its new terms.
    pub(crate) judged_by: JudgedBy,
    pub(crate) instrument: Arc<Instrument>,
    /// Its market; absent where a broker decides and no price can be had.
    pub(crate) quote: Option<Quote>,
    pub(crate) at: Timestamp,
    /// Measures where the time of the request goes.
    pub(crate) laps: Laps,
}

impl ModifyRequest {
    /// What the new terms are for; those that put no more at stake make an order smaller or bring
    /// it out of harm's way.
    pub(super) fn urgency(&self) -> Urgency {
        match self.judged_by {
            JudgedBy::Nothing | JudgedBy::Standing { .. } | JudgedBy::Switch => Urgency::Exit,
            JudgedBy::Limits(_) => Urgency::Entry,
        }
    }

    pub(super) fn slot(&self) -> Slot {
        (self.asked.instrument.clone(), self.asked.product)
    }

    /// The order under its new terms.
    pub(crate) fn changed(&self) -> OrderIntent {
        OrderIntent {
            order: self.asked.clone(),
            ..self.order.intent.clone()
        }
    }
}

/// An order to be cancelled.
#[derive(Debug, Clone)]
pub(crate) struct CancelRequest {
    pub(crate) user: UserId,
    pub(crate) exchange: Exchange,
    pub(crate) broker_order_id: BrokerOrderId,
    pub(crate) at: Timestamp,
    /// Measures where the time of the request goes.
    pub(crate) laps: Laps,
}

/// What comes next in a paper account.
#[derive(Debug, Default)]
pub(crate) struct Outlook {
    /// What the resting orders wait for.
    pub(super) watches: Vec<Watch>,
    /// What is due first of that which is done at prices.
    pub(super) stop: Option<PaperJob>,
    /// When the account was started anew last.
    pub(crate) last_reset: Option<Timestamp>,
    /// What is reserved for orders that wait for a price.
    pub(crate) reservations: Vec<Reservation>,
}

/// A job that is due, and prices to do it at.
#[derive(Debug)]
pub(super) struct PricedJob {
    pub(super) job: PaperJob,
    pub(super) prices: Vec<(Arc<Instrument>, Quote)>,
    /// The instant at which that was found out.
    pub(super) now: Timestamp,
}

/// What the writer of an account is asked.
#[derive(Debug)]
pub(super) enum Message {
    /// What its desk carries out.
    Desk(Command),
    /// What is about the line for its broker.
    Line(LineCommand),
}

impl From<Command> for Message {
    fn from(command: Command) -> Self {
        Self::Desk(command)
    }
}

impl From<LineCommand> for Message {
    fn from(command: LineCommand) -> Self {
        Self::Line(command)
    }
}

/// What is asked about orders that have no outcome yet.
#[derive(Debug)]
pub(super) enum LineCommand {
    /// Cancel one before it is sent.
    Withdraw(IntentId, Reply<Order>),
    /// Name those that do not take risk away.
    Entries(Reply<Vec<IntentId>>),
}

#[derive(Debug)]
pub(super) enum Command {
    Place(Box<PlaceRequest>, Reply<Order>),
    Modify(Box<ModifyRequest>, Reply<Order>),
    Cancel(CancelRequest, Reply<Order>),
    /// A price that a resting order waited for.
    Price(Arc<Instrument>, Box<Quote>, Reply<()>),
    /// The orders that rest on paper.
    Resting(Reply<Vec<BrokerOrderId>>),
    /// What they wait for.
    Watches(Reply<Vec<Watch>>),
    /// What comes next in a paper account, by an instant.
    Outlook(Timestamp, Reply<Outlook>),
    /// The instruments of which a job needs a price.
    Wanted(PaperJob, Reply<BTreeSet<InstrumentKey>>),
    /// What an order that waits for a price may need is reserved.
    Reserve(Box<GttOrders>, Arc<Instrument>, Reply<()>),
    /// What is reserved for one is given back.
    Release(TriggerId, Timestamp, Reply<()>),
    /// A job that is due is done, at these prices.
    DoJob(Box<PricedJob>, Reply<()>),
    /// What the day has come to by an instant, on paper.
    Day(Timestamp, Reply<Option<PaperDay>>),
    /// What is known of an instrument and product.
    Standing(Box<AccountStanding>, Reply<AccountStanding>),
    /// Prices were looked through for this up to an instant.
    SeenUntil(Vec<Watch>, Timestamp, Reply<()>),
    /// The account goes on to an instant, under the terms of now.
    GoOn(Timestamp, Reply<()>),
    /// The account starts anew.
    Reset(Timestamp, Reply<()>),
}

impl Command {
    /// Says that the account has taken it out of its queue.
    pub(super) fn begin(&self) {
        match self {
            Self::Place(request, _) => request.laps.enter(Phase::Own),
            Self::Cancel(request, _) => request.laps.enter(Phase::Own),
            Self::Modify(request, _) => request.laps.enter(Phase::Own),
            Self::Price(..)
            | Self::Resting(_)
            | Self::Watches(_)
            | Self::Outlook(..)
            | Self::Wanted(..)
            | Self::Reserve(..)
            | Self::Release(..)
            | Self::DoJob(..)
            | Self::Day(..)
            | Self::Standing(..)
            | Self::SeenUntil(..)
            | Self::GoOn(..)
            | Self::Reset(..) => {}
        }
    }

    /// The instant at which it happens, where that matters.
    pub(super) fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Place(request, _) => Some(request.intent.at),
            Self::Modify(request, _) => Some(request.at),
            Self::Cancel(request, _) => Some(request.at),
            Self::Price(_, quote, _) => Some(quote.timestamp),
            Self::SeenUntil(_, at, _)
            | Self::Release(_, at, _)
            | Self::Day(at, _)
            | Self::GoOn(at, _)
            | Self::Reset(at, _) => Some(*at),
            Self::DoJob(priced, _) => Some(priced.job.at),
            Self::Reserve(orders, _, _) => Some(orders.at),
            Self::Resting(_)
            | Self::Watches(_)
            | Self::Outlook(..)
            | Self::Wanted(..)
            | Self::Standing(..) => None,
        }
    }
}

/// The way to the one writer of an account.
#[derive(Debug, Clone)]
pub(crate) struct AccountHandle(mpsc::Sender<Message>);

impl AccountHandle {
    pub(super) fn new() -> (Self, mpsc::Receiver<Message>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), receiver)
    }

    /// Places an order; returns when it is durable, whatever became of it.
    pub(crate) async fn place(&self, request: PlaceRequest) -> Result<Order, AccountError> {
        request.laps.enter(Phase::Queue);
        self.ask(|reply| Command::Place(Box::new(request), reply))
            .await
    }

    /// Gives an order other terms; returns when that is durable.
    pub(crate) async fn modify(&self, request: ModifyRequest) -> Result<Order, AccountError> {
        request.laps.enter(Phase::Queue);
        self.ask(|reply| Command::Modify(Box::new(request), reply))
            .await
    }

    /// Cancels an order; returns when that is durable.
    pub(crate) async fn cancel(&self, request: CancelRequest) -> Result<Order, AccountError> {
        request.laps.enter(Phase::Queue);
        self.ask(|reply| Command::Cancel(request, reply)).await
    }

    /// Cancels an order that stands in line for its broker; returns when that is durable. One that
    /// does not is refused with [`AccountError::NotInLine`]; one that has its place already as soon
    /// as it is known what became of it.
    pub(crate) async fn withdraw(&self, intent: IntentId) -> Result<Order, AccountError> {
        self.ask(|reply| LineCommand::Withdraw(intent, reply)).await
    }

    /// The entries that stand in line for their broker, or have just left it.
    pub(crate) async fn in_line(&self) -> Result<Vec<IntentId>, AccountError> {
        self.ask(LineCommand::Entries).await
    }

    /// Lets resting orders meet a price; returns when what it did is durable.
    pub(super) async fn price(
        &self,
        instrument: Arc<Instrument>,
        quote: Quote,
    ) -> Result<(), AccountError> {
        self.ask(|reply| Command::Price(instrument, Box::new(quote), reply))
            .await
    }

    /// The orders that rest in a paper account, those that arrived first first.
    pub(crate) async fn resting(&self) -> Result<Vec<BrokerOrderId>, AccountError> {
        self.ask(Command::Resting).await
    }

    /// What the resting orders wait for.
    pub(super) async fn watches(&self) -> Result<Vec<Watch>, AccountError> {
        self.ask(Command::Watches).await
    }

    /// What comes next in a paper account, by an instant.
    pub(crate) async fn outlook(&self, until: Timestamp) -> Result<Outlook, AccountError> {
        self.ask(|reply| Command::Outlook(until, reply)).await
    }

    /// Reserves in a paper account what an order that waits for a price may need; returns when
    /// that is durable.
    pub(crate) async fn reserve(
        &self,
        orders: GttOrders,
        instrument: Arc<Instrument>,
    ) -> Result<(), AccountError> {
        self.ask(|reply| Command::Reserve(Box::new(orders), instrument, reply))
            .await
    }

    /// Gives back what is reserved for one.
    pub(crate) async fn release(&self, gtt: TriggerId, at: Timestamp) -> Result<(), AccountError> {
        self.ask(|reply| Command::Release(gtt, at, reply)).await
    }

    /// The instruments of which a job of a paper account needs a price.
    pub(super) async fn wanted(
        &self,
        job: PaperJob,
    ) -> Result<BTreeSet<InstrumentKey>, AccountError> {
        self.ask(|reply| Command::Wanted(job, reply)).await
    }

    /// Lets a paper account do a job that is due, or what of it these prices allow; returns when
    /// that is durable.
    pub(super) async fn do_job(&self, priced: PricedJob) -> Result<(), AccountError> {
        self.ask(|reply| Command::DoJob(Box::new(priced), reply))
            .await
    }

    /// What the writer knows of an instrument and product.
    pub(crate) async fn standing(&self, slot: Slot) -> Result<AccountStanding, AccountError> {
        let asked = Box::new(AccountStanding::of(slot));
        self.ask(|reply| Command::Standing(asked, reply)).await
    }

    /// What the day has come to by an instant, where the exchange is in this process.
    pub(crate) async fn day(&self, at: Timestamp) -> Result<Option<PaperDay>, AccountError> {
        self.ask(|reply| Command::Day(at, reply)).await
    }

    /// Notes that prices up to `at` were looked through for what is watched, and that it was not
    /// met.
    pub(super) async fn seen_until(
        &self,
        watched: Vec<Watch>,
        at: Timestamp,
    ) -> Result<(), AccountError> {
        self.ask(|reply| Command::SeenUntil(watched, at, reply))
            .await
    }

    /// Lets a paper account go on to an instant under the terms of now; returns when what that
    /// changes is durable.
    pub(crate) async fn go_on(&self, at: Timestamp) -> Result<(), AccountError> {
        self.ask(|reply| Command::GoOn(at, reply)).await
    }

    /// Starts a paper account anew; returns when that is durable.
    pub(crate) async fn reset(&self, at: Timestamp) -> Result<(), AccountError> {
        self.ask(|reply| Command::Reset(at, reply)).await
    }

    /// Whether the writer has ended.
    pub(super) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    async fn ask<T, M: Into<Message>>(
        &self,
        command: impl FnOnce(Reply<T>) -> M,
    ) -> Result<T, AccountError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.0.send(command(reply).into()).await;
        sent.map_err(|_closed| AccountError::Stopped)?;
        answer.await.map_err(|_dropped| AccountError::ReplyLost)?
    }
}
