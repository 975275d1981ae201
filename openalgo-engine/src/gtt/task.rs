//! The task that watches prices: the only one that changes orders that wait for one.

use super::book::Book;
use super::firing::{Outcome, fire};
use super::{Change, GttWatchError, Tools};
use crate::hub::{MarketDataHub, NextTick, TickReader};
use crate::schedule::Schedule;
use crate::service::{ChangeGttError, PlaceGttError};
use futures_util::stream::{FuturesUnordered, StreamExt};
use openalgo_core::id::{GttId, TriggerId, UserId};
use openalgo_core::market::{FeedMode, InstrumentKey};
use openalgo_core::order::{Gtt, NewGtt, TriggerSide};
use openalgo_core::port::StoreError;
use openalgo_core::rule::gtt::met;
use openalgo_core::value::Price;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

/// Prices that are asked for at a time; the others wait for their turn.
const AT_ONCE: usize = 16;

/// Orders that are being placed at a time; what is met beyond that has its turn in the next pass.
const MOST_FIRING: usize = 64;

/// What can be asked of the task.
#[derive(Debug)]
pub(super) enum Ask {
    /// To keep a new one.
    Keep(
        Box<Gtt>,
        Box<NewGtt>,
        oneshot::Sender<Result<(Gtt, bool), PlaceGttError>>,
    ),
    /// To change one that waits.
    Change(
        (UserId, TriggerId),
        Change,
        oneshot::Sender<Result<Gtt, ChangeGttError>>,
    ),
    /// To look at prices.
    Pass(oneshot::Sender<Result<(), GttWatchError>>),
}

/// What goes on beside what is asked.
type Job<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What the task remembers.
pub(super) struct Task {
    tools: Tools,
    book: Book,
    /// Orders of legs that are being placed, and what becomes of them.
    firing: FuturesUnordered<Job<((GttId, TriggerSide), Outcome)>>,
    /// Last prices that are being asked for, one of each instrument, as far as they are known.
    prices: FuturesUnordered<Job<(InstrumentKey, Option<Price>)>>,
    turns: Arc<Semaphore>,
    /// The instruments whose prices those are.
    asked: BTreeSet<InstrumentKey>,
    /// Those of them of which somebody wants a price that is asked for later than that.
    again: BTreeSet<InstrumentKey>,
    /// Their prices as they come, where they are watched without being asked for.
    reader: Option<TickReader>,
    /// Who wants to know when all that was met is placed.
    waiting: Vec<oneshot::Sender<Result<(), GttWatchError>>>,
    /// Why the last pass could not tell everything.
    failure: Option<Arc<StoreError>>,
}

impl Task {
    pub(super) fn new(tools: Tools) -> Self {
        Self {
            book: Book::new(tools.clone()),
            tools,
            firing: FuturesUnordered::new(),
            prices: FuturesUnordered::new(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            asked: BTreeSet::new(),
            again: BTreeSet::new(),
            reader: None,
            waiting: Vec::new(),
            failure: None,
        }
    }

    /// Works until it is told to stop, or until nobody can ask any more; then settles what was
    /// being placed.
    pub(super) async fn run(
        mut self,
        (mut inbox, mut stopped): (mpsc::Receiver<Ask>, watch::Receiver<bool>),
        every: Option<Duration>,
    ) {
        let mut schedule = Schedule::every(every);
        let follows = every.is_some() && self.tools.hub.has_feed();
        self.reader = follows.then(|| self.tools.hub.reader());
        loop {
            tokio::select! {
                biased;
                _ = stopped.changed() => break,
                Some((leg, outcome)) = self.firing.next() => self.settle(leg, outcome).await,
                Some((key, last)) = self.prices.next() => self.priced(key, last).await,
                tick = next(&mut self.reader) => self.told(tick).await,
                asked = inbox.recv() => match asked {
                    Some(asked) => self.answer(asked).await,
                    None => break,
                },
                () = schedule.turn() => self.pass().await,
            }
            if self.firing.is_empty() && self.prices.is_empty() {
                self.tell();
            }
        }
        drop(inbox);
        self.prices.clear();
        while let Some((leg, outcome)) = self.firing.next().await {
            self.settle(leg, outcome).await;
        }
    }

    /// A price came without being asked for.
    async fn told(&mut self, tick: NextTick) {
        match tick {
            NextTick::Tick(tick) => self.meet(&tick.instrument, tick.ltp).await,
            NextTick::TooSlow => {
                self.reader = Some(self.tools.hub.reader());
                self.follow();
            }
            NextTick::End => self.reader = None,
        }
    }

    /// Has prices come of what is waited for.
    fn follow(&self) {
        if let Some(reader) = &self.reader {
            let wanted = self.book.wanted(self.tools.ports.clock.now());
            let wanted = wanted.into_iter().map(|key| (key, FeedMode::Ltp));
            reader.set(&wanted.collect());
        }
    }

    async fn answer(&mut self, asked: Ask) {
        // Whoever has gone away needs no answer; what was asked for is done all the same.
        match asked {
            Ask::Keep(gtt, asked, done) => drop(done.send(self.book.keep(*gtt, &asked).await)),
            Ask::Change(which, change, done) => {
                drop(done.send(self.book.change(which, change).await));
            }
            Ask::Pass(done) => {
                self.waiting.push(done);
                self.again.clone_from(&self.asked);
                self.pass().await;
            }
        }
        self.follow();
    }

    /// Asks for the prices that are waited for.
    async fn pass(&mut self) {
        let now = self.tools.ports.clock.now();
        self.failure = match self.book.bring_up_to_date(now).await {
            Ok(()) => None,
            Err(error) => {
                if self.failure.is_none() {
                    tracing::warn!("orders that wait for a price cannot be read or stored");
                }
                Some(Arc::new(error))
            }
        };
        for key in self.book.wanted(now) {
            self.look_at(key);
        }
        self.follow();
    }

    /// Asks for the price of an instrument, unless that is being done. One that is late keeps no
    /// other waiting.
    fn look_at(&mut self, key: InstrumentKey) {
        if self.asked.insert(key.clone()) {
            let (hub, turns) = (self.tools.hub.clone(), Arc::clone(&self.turns));
            self.prices.push(Box::pin(price(hub, turns, key)));
        }
    }

    async fn priced(&mut self, key: InstrumentKey, last: Option<Price>) {
        self.asked.remove(&key);
        if let Some(last) = last {
            self.meet(&key, last).await;
        }
        if self.again.remove(&key) {
            self.look_at(key);
        }
    }

    /// Begins to place the orders of all legs that the price of an instrument meets.
    async fn meet(&mut self, key: &InstrumentKey, last: Price) {
        let now = self.tools.ports.clock.now();
        for id in self.book.ready(key, now) {
            if self.firing.len() >= MOST_FIRING {
                return;
            }
            let Some(side) = self.book.get(id).and_then(|gtt| met(gtt, last)) else {
                continue;
            };
            match self.book.claim((id, side), now).await {
                Ok(Some(gtt)) => {
                    let placing = fire(self.tools.orders.clone(), gtt, side);
                    let job = async move { ((id, side), placing.await) };
                    self.firing.push(Box::pin(job));
                }
                Ok(None) => {}
                Err(error) => self.failed(id, error),
            }
        }
    }

    async fn settle(&mut self, (id, side): (GttId, TriggerSide), outcome: Outcome) {
        let now = self.tools.ports.clock.now();
        if let Err(error) = self.book.settle((id, side), outcome, now).await {
            self.failed(id, error);
        }
    }

    fn failed(&mut self, id: GttId, error: StoreError) {
        tracing::warn!(gtt = %id, "an order that waits for a price could not be stored");
        self.failure = Some(Arc::new(error));
    }

    /// Tells those who wait that everything that was met is placed.
    fn tell(&mut self) {
        for done in self.waiting.drain(..) {
            let failure = self.failure.clone();
            drop(done.send(failure.map_or(Ok(()), |error| Err(GttWatchError::Store(error)))));
        }
    }
}

/// The last price of an instrument, if it is known now.
async fn price(
    hub: MarketDataHub,
    turns: Arc<Semaphore>,
    key: InstrumentKey,
) -> (InstrumentKey, Option<Price>) {
    let _turn = turns.acquire().await;
    let last = hub.quote(&key).await.ok().map(|quote| quote.ltp);
    if last.is_none() {
        // Which one it is would be a symbol in the log.
        tracing::debug!("an instrument that is waited for has no price");
    }
    (key, last)
}

/// The next price that comes by itself; none where there is nothing that it comes from.
async fn next(reader: &mut Option<TickReader>) -> NextTick {
    match reader {
        Some(reader) => reader.next().await,
        None => std::future::pending().await,
    }
}
