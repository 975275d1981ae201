//! The task that watches prices: the only one that changes orders that wait for one.

use super::book::Book;
use super::firing::{Outcome, fire};
use super::{Change, GttWatchError, Tools};
use crate::asking::ask;
use crate::service::{ChangeGttError, PlaceGttError};
use futures_util::stream::{self, FuturesUnordered, StreamExt};
use openalgo_core::id::{GttId, TriggerId, UserId};
use openalgo_core::market::InstrumentKey;
use openalgo_core::order::{Gtt, NewGtt, TriggerSide};
use openalgo_core::port::StoreError;
use openalgo_core::rule::gtt::met;
use openalgo_core::value::Price;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

/// Prices that are asked for at a time.
const AT_ONCE: usize = 16;

/// How long a price source may take to tell a price.
const DEADLINE: Duration = Duration::from_secs(5);

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
type Job = Pin<Box<dyn Future<Output = Done> + Send>>;

/// The end of it.
enum Done {
    /// The last prices, as far as they are known.
    Prices(BTreeMap<InstrumentKey, Price>),
    /// What became of the order of a leg.
    Fired(GttId, TriggerSide, Outcome),
}

/// What the task remembers.
pub(super) struct Task {
    tools: Tools,
    book: Book,
    jobs: FuturesUnordered<Job>,
    /// Whether prices are being asked for.
    pricing: bool,
    /// Whether somebody wants prices that are asked for later than that.
    again: bool,
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
            jobs: FuturesUnordered::new(),
            pricing: false,
            again: false,
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
        let mut ticks = every.map(|every| {
            let mut ticks = tokio::time::interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        loop {
            tokio::select! {
                biased;
                _ = stopped.changed() => break,
                Some(done) = self.jobs.next() => self.done(done).await,
                asked = inbox.recv() => match asked {
                    Some(asked) => self.answer(asked).await,
                    None => break,
                },
                () = tick(&mut ticks) => self.pass().await,
            }
            if self.jobs.is_empty() {
                self.tell();
            }
        }
        drop(inbox);
        while let Some(done) = self.jobs.next().await {
            if let Done::Fired(id, side, outcome) = done {
                self.settle((id, side), outcome).await;
            }
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
                self.again = self.pricing;
                self.pass().await;
            }
        }
    }

    /// Asks for the prices that are waited for, unless that is being done.
    async fn pass(&mut self) {
        if self.pricing {
            return;
        }
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
        let wanted = self.book.wanted(now);
        if wanted.is_empty() {
            return;
        }
        self.pricing = true;
        self.jobs.push(Box::pin(prices(self.tools.clone(), wanted)));
    }

    async fn done(&mut self, done: Done) {
        match done {
            Done::Prices(prices) => {
                self.pricing = false;
                self.meet(&prices).await;
                if std::mem::take(&mut self.again) {
                    self.pass().await;
                }
            }
            Done::Fired(id, side, outcome) => self.settle((id, side), outcome).await,
        }
    }

    /// Begins to place the orders of all legs that these prices meet.
    async fn meet(&mut self, prices: &BTreeMap<InstrumentKey, Price>) {
        let now = self.tools.ports.clock.now();
        for id in self.book.ready(now) {
            if self.jobs.len() >= MOST_FIRING {
                return;
            }
            let Some(side) = self.book.get(id).and_then(|gtt| {
                let last = prices.get(&gtt.instrument)?;
                met(gtt, *last)
            }) else {
                continue;
            };
            match self.book.claim((id, side), now).await {
                Ok(Some(gtt)) => {
                    let placing = fire(self.tools.orders.clone(), gtt, side);
                    let job = async move { Done::Fired(id, side, placing.await) };
                    self.jobs.push(Box::pin(job));
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

/// The last prices of these instruments. One that is not known now is missing.
async fn prices(tools: Tools, wanted: BTreeSet<InstrumentKey>) -> Done {
    let price = |key: InstrumentKey| {
        let market = Arc::clone(&tools.market);
        async move {
            let quote = ask(DEADLINE, market.quote(&key)).await;
            let quote = quote.ok().and_then(Result::ok);
            if quote.is_none() {
                // Which one it is would be a symbol in the log.
                tracing::debug!("an instrument that is waited for has no price");
            }
            quote.map(|quote| (key, quote.ltp))
        }
    };
    let prices = stream::iter(wanted).map(price).buffer_unordered(AT_ONCE);
    Done::Prices(prices.filter_map(|found| async { found }).collect().await)
}

/// The next turn of the schedule, if there is one.
async fn tick(ticks: &mut Option<tokio::time::Interval>) {
    match ticks {
        Some(ticks) => drop(ticks.tick().await),
        None => std::future::pending().await,
    }
}
