//! What the rest of the engine may ask the writer of an account.

use super::AccountError;
use crate::claims::Claim;
use openalgo_core::id::{BrokerOrderId, OrderId};
use openalgo_core::market::{Instrument, Quote, Timestamp};
use openalgo_core::order::{Order, OrderIntent};
use openalgo_core::paper::Watch;
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
    pub(crate) quote: Quote,
    /// Held until the order is durable, even if whoever asked for it goes away.
    pub(crate) claim: Option<Claim>,
}

/// An order to be cancelled, by both of its names.
#[derive(Debug, Clone)]
pub(crate) struct CancelRequest {
    pub(crate) order: OrderId,
    pub(crate) broker_order_id: BrokerOrderId,
    pub(crate) at: Timestamp,
}

#[derive(Debug)]
pub(super) enum Command {
    Place(Box<PlaceRequest>, Reply<Order>),
    Cancel(CancelRequest, Reply<Order>),
    /// A price that a resting order waited for.
    Price(Arc<Instrument>, Box<Quote>, Reply<()>),
    Watches(Reply<Vec<Watch>>),
    /// No price up to this instant concerns a resting order any more; a new session may begin.
    SeenUntil(Timestamp, Reply<()>),
}

/// The way to the one writer of an account.
#[derive(Debug, Clone)]
pub(crate) struct AccountHandle(mpsc::Sender<Command>);

impl AccountHandle {
    pub(super) fn new() -> (Self, mpsc::Receiver<Command>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), receiver)
    }

    /// Places an order; returns when it is durable, whatever became of it.
    pub(crate) async fn place(&self, request: PlaceRequest) -> Result<Order, AccountError> {
        self.ask(|reply| Command::Place(Box::new(request), reply))
            .await
    }

    /// Cancels an order; returns when that is durable.
    pub(crate) async fn cancel(&self, request: CancelRequest) -> Result<Order, AccountError> {
        self.ask(|reply| Command::Cancel(request, reply)).await
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

    /// What the resting orders wait for.
    pub(super) async fn watches(&self) -> Result<Vec<Watch>, AccountError> {
        self.ask(Command::Watches).await
    }

    /// Notes that prices up to `at` have been looked at.
    pub(super) async fn seen_until(&self, at: Timestamp) -> Result<(), AccountError> {
        self.ask(|reply| Command::SeenUntil(at, reply)).await
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, AccountError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.0.send(command(reply)).await;
        sent.map_err(|_closed| AccountError::Stopped)?;
        answer.await.map_err(|_dropped| AccountError::Stopped)?
    }
}
