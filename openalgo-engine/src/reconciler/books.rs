//! Whose order books are being read, and who waits for that.
//!
//! What is done about one account is done one after the other, so that what two readings of its
//! book say is never mixed up. Accounts are read side by side: a broker that does not answer keeps
//! nobody else waiting.

use super::keeper::{Keeper, Known};
use super::settle::{SettleError, Settlement};
use super::{Failures, ReconcileError, Tools};
use crate::brokers::Login;
use futures_util::stream::{FuturesUnordered, StreamExt};
use openalgo_core::order::Order;
use openalgo_core::port::StoreError;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};

/// How long a broker may take to show its order book.
const DEADLINE: Duration = Duration::from_secs(15);

/// The same where somebody waits for one account: a few seconds, since others wait for that one.
pub(crate) const HURRIED: Duration = Duration::from_secs(5);

/// Books that are read at a time; the others wait for their turn.
const AT_ONCE: usize = 16;

/// What a person says about an order, and who waits for it to be written down.
#[derive(Debug)]
pub(super) struct Settling {
    pub(super) order: Box<Order>,
    pub(super) settlement: Settlement,
    pub(super) done: oneshot::Sender<Result<Order, SettleError>>,
}

/// Something that is done about one account; it has the account's keeper meanwhile.
type Work = Pin<Box<dyn Future<Output = (Login, Keeper, Result<(), ReconcileError>)> + Send>>;

/// One account.
#[derive(Debug, Default)]
struct Account {
    /// Absent while something is done about the account.
    keeper: Option<Keeper>,
    /// Whether anything was ever done about it.
    is_known: bool,
    /// Who waits for the pass that is being made.
    served: Vec<u64>,
    /// Who waits for one that begins later.
    next: Vec<u64>,
    /// Whether one is due, whoever waits for just this account.
    is_due: bool,
    settling: VecDeque<Settling>,
}

/// Who waits for passes.
#[derive(Debug)]
struct Asked {
    /// The accounts of which none has ended yet.
    left: BTreeSet<Login>,
    failures: Failures,
    done: oneshot::Sender<Failures>,
}

/// The order books of all accounts.
pub(super) struct Books {
    tools: Tools,
    known: Known,
    accounts: BTreeMap<Login, Account>,
    working: FuturesUnordered<Work>,
    turns: Arc<Semaphore>,
    asked: BTreeMap<u64, Asked>,
    number: u64,
}

impl Books {
    pub(super) fn new(tools: Tools, known: Known) -> Self {
        Self {
            tools,
            known,
            accounts: BTreeMap::new(),
            working: FuturesUnordered::new(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            asked: BTreeMap::new(),
            number: 0,
        }
    }

    /// Reads every book, whether somebody waits for it or not.
    pub(super) fn read_all(&mut self) {
        for login in self.readable(None) {
            self.account(&login).is_due = true;
            self.begin(&login);
        }
    }

    /// Reads the book of one account, or all of them, from now on, and tells when that is done.
    pub(super) fn read(&mut self, of: Option<&Login>, done: oneshot::Sender<Failures>) {
        let left = self.readable(of);
        if left.is_empty() {
            drop(done.send(Failures::new()));
            return;
        }
        self.number = self.number.wrapping_add(1);
        let number = self.number;
        let asked = Asked {
            left: left.clone(),
            failures: Failures::new(),
            done,
        };
        self.asked.insert(number, asked);
        for login in left {
            let account = self.account(&login);
            account.next.push(number);
            account.is_due |= of.is_none();
            self.begin(&login);
        }
    }

    /// Writes down what a person says, between two passes.
    pub(super) fn settle(&mut self, settling: Settling) {
        let intent = &settling.order.intent;
        let login = (intent.user, intent.broker.clone());
        self.account(&login).settling.push_back(settling);
        self.begin(&login);
    }

    /// Waits for the end of something that is being done; for ever where nothing is.
    pub(super) async fn step(&mut self) {
        match self.working.next().await {
            Some((login, keeper, outcome)) => {
                self.end(&login, keeper, &outcome);
                self.begin(&login);
            }
            None => std::future::pending().await,
        }
    }

    /// Lets what is being done come to its end, and begins nothing more.
    pub(super) async fn finish(&mut self) {
        while let Some((login, keeper, outcome)) = self.working.next().await {
            self.end(&login, keeper, &outcome);
        }
    }

    /// The accounts that are logged in.
    fn readable(&self, of: Option<&Login>) -> BTreeSet<Login> {
        let live = self.tools.brokers.all_live().into_iter();
        let logins = live.map(|live| live.login);
        logins
            .filter(|login| of.is_none_or(|of| of == login))
            .collect()
    }

    fn account(&mut self, login: &Login) -> &mut Account {
        let account = self.accounts.entry(login.clone()).or_default();
        if !account.is_known {
            account.is_known = true;
            account.keeper = Some(Keeper::default());
        }
        account
    }

    /// Begins what is next about an account, unless something is being done about it.
    fn begin(&mut self, login: &Login) {
        let (tools, known) = (self.tools.clone(), self.known.clone());
        let turns = Arc::clone(&self.turns);
        let account = self.account(login);
        let Some(keeper) = account.keeper.take() else {
            return;
        };
        let login = login.clone();
        if let Some(settling) = account.settling.pop_front() {
            self.working.push(Box::pin(async move {
                settling.write_down(&tools, &known).await;
                (login, keeper, Ok(()))
            }));
        } else if account.is_due || !account.next.is_empty() {
            let deadline = if account.is_due { DEADLINE } else { HURRIED };
            account.is_due = false;
            account.served = std::mem::take(&mut account.next);
            self.working.push(Box::pin(async move {
                let _turn = turns.acquire().await;
                let (keeper, outcome) = pass(keeper, (&login, deadline), (&tools, &known)).await;
                (login, keeper, outcome)
            }));
        } else {
            account.keeper = Some(keeper);
        }
    }

    /// Something about an account is done. Those who waited for it and for nothing else are told.
    fn end(&mut self, login: &Login, keeper: Keeper, outcome: &Result<(), ReconcileError>) {
        let account = self.account(login);
        account.keeper = Some(keeper);
        let served = std::mem::take(&mut account.served);
        if let Err(error) = outcome {
            tracing::warn!(%error, "the outcome of orders could not be found out");
        }
        for number in served {
            let Some(asked) = self.asked.get_mut(&number) else {
                continue;
            };
            asked.left.remove(login);
            if let Err(error) = outcome {
                asked.failures.push((login.clone(), error.clone()));
            }
            if asked.left.is_empty()
                && let Some(asked) = self.asked.remove(&number)
            {
                // Whoever has gone away needs no answer.
                drop(asked.done.send(asked.failures));
            }
        }
    }
}

impl Settling {
    async fn write_down(self, tools: &Tools, known: &Known) {
        let settled = known.settle(tools, &self.order, self.settlement).await;
        drop(self.done.send(settled));
    }
}

/// Reads the book of an account, if it is still logged in.
async fn pass(
    mut keeper: Keeper,
    (login, deadline): (&Login, Duration),
    (tools, known): (&Tools, &Known),
) -> (Keeper, Result<(), ReconcileError>) {
    tools.store_answers().await;
    let Ok(session) = tools.brokers.live(login) else {
        return (keeper, Ok(()));
    };
    let outcome = match session.order_book.clone() {
        Some(reader) => {
            let pass = keeper.pass((login, &session), (&*reader, deadline), (tools, known));
            pass.await
        }
        None => end_days(tools, login).await.map_err(ReconcileError::from),
    };
    (keeper, outcome)
}

/// Ends what was left open of earlier days where no book can tell of it.
async fn end_days(tools: &Tools, login: &Login) -> Result<(), StoreError> {
    for order in tools.left_open(login).await? {
        tools.end_left_open(&order).await?;
    }
    Ok(())
}
