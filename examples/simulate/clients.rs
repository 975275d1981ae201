//! Who asks: scripts that ask again under the same id until they get an answer, and people who do
//! not.

use super::World;
use super::plan::{Account, Slot, Wish};
use openalgo::core::id::IntentId;
use openalgo::core::order::OrderStatus;
use openalgo::core::rule::modification::Modification;
use openalgo::engine::service::{ExitOrigin, PlaceOrderError, Placed, SmartOrder};
use openalgo::engine::{AccountError, Engine};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How often a script asks before it gives up.
pub(crate) const TRIES: u32 = 4;

/// What a client was told; the texts are for whoever reads the trace.
#[derive(Debug, Clone)]
#[expect(dead_code, reason = "the trace shows an answer by its `Debug`")]
pub(crate) enum Answer {
    /// The order was placed, now or before.
    Placed {
        intent: IntentId,
        status: OrderStatus,
        is_replay: bool,
    },
    /// It was not, for sure.
    Refused(String),
    /// Nobody knows.
    Maybe(String),
}

/// What is known of a wish.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) wish: Wish,
    pub(crate) answers: Vec<Answer>,
    /// Requests that were begun and got no answer: the process died, or works on it.
    pub(crate) unanswered: u32,
    /// Whether the client asks no more.
    pub(crate) is_over: bool,
}

/// What every client asked for and was told; clients outlive the process that they ask.
#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<BTreeMap<u32, Call>>);

impl Calls {
    /// A wish comes up.
    pub(crate) fn begin(&self, wish: &Wish) {
        let call = Call {
            wish: wish.clone(),
            answers: Vec::new(),
            unanswered: 0,
            is_over: false,
        };
        self.lock().insert(wish.number, call);
    }

    /// Wishes whose clients will ask again: those who can say that it is the same order.
    pub(crate) fn unfinished(&self) -> Vec<Wish> {
        let calls = self.lock();
        let unfinished = calls.values().filter(|call| !call.is_over);
        let wishes = unfinished.map(|call| call.wish.clone());
        wishes.filter(has_id).collect()
    }

    pub(crate) fn all(&self) -> Vec<Call> {
        self.lock().values().cloned().collect()
    }

    /// The order that a wish led to, as far as its client knows.
    pub(crate) fn intent(&self, number: u32) -> Option<(Account, IntentId)> {
        let calls = self.lock();
        let call = calls.get(&number)?;
        let intent = call.answers.iter().find_map(|answer| match answer {
            Answer::Placed { intent, .. } => Some(*intent),
            Answer::Refused(_) | Answer::Maybe(_) => None,
        });
        Some((call.wish.account, intent?))
    }

    fn ask(&self, number: u32) {
        self.change(number, |call| call.unanswered += 1);
    }

    fn answer(&self, number: u32, answer: Answer) {
        self.change(number, |call| {
            call.unanswered -= 1;
            call.answers.push(answer);
        });
    }

    fn give_up(&self, number: u32) {
        self.change(number, |call| call.is_over = true);
    }

    fn change(&self, number: u32, change: impl FnOnce(&mut Call)) {
        if let Some(call) = self.lock().get_mut(&number) {
            change(call);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Call>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn has_id(wish: &Wish) -> bool {
    wish.order.client_order_id.is_some()
}

/// Asks for an order until there is an answer to it, or patience ends.
pub(crate) async fn client(world: Arc<World>, engine: Arc<Engine>, wish: Wish) {
    for _ in 0..TRIES {
        world.calls.ask(wish.number);
        let user = world.user(wish.account);
        let answer = answer(engine.orders().place(user, wish.order.clone()).await);
        let is_placed = matches!(answer, Answer::Placed { .. });
        world.note(|| format!("op-{} is told {answer:?}", wish.number));
        world.calls.answer(wish.number, answer);
        if is_placed || !has_id(&wish) {
            break;
        }
        let pause = world.throw(|dice| dice.millis(300, 20_000));
        tokio::time::sleep(pause).await;
    }
    world.calls.give_up(wish.number);
}

pub(crate) fn answer(result: Result<Placed, PlaceOrderError>) -> Answer {
    match result {
        Ok(Placed { order, replayed }) => Answer::Placed {
            intent: order.intent.id,
            status: order.status(),
            is_replay: replayed,
        },
        Err(
            error @ PlaceOrderError::Account(
                AccountError::ReplyLost | AccountError::OutcomeNotStored(_),
            ),
        ) => Answer::Maybe(error.to_string()),
        Err(error) => Answer::Refused(error.to_string()),
    }
}

/// Cancels the order of an earlier wish, if its client knows of one.
pub(crate) async fn cancel(world: Arc<World>, engine: Arc<Engine>, number: u32) {
    let Some((account, intent)) = world.calls.intent(number) else {
        return;
    };
    let id = intent.local_order_id();
    let cancelled = engine.orders().cancel(world.user(account), &id).await;
    world.note(|| match cancelled {
        Ok(order) => format!("op-{number} is cancelled: {}", order.status()),
        Err(error) => format!("op-{number} is not cancelled: {error}"),
    });
}

/// Modifies the order of an earlier wish, if its client knows of one.
pub(crate) async fn modify(
    world: Arc<World>,
    engine: Arc<Engine>,
    (number, change): (u32, Modification),
) {
    let Some((account, intent)) = world.calls.intent(number) else {
        return;
    };
    let id = intent.local_order_id();
    let orders = engine.orders();
    let modified = orders.modify(world.user(account), &id, change).await;
    world.note(|| match modified {
        Ok(order) => format!("op-{number} is modified: {}", order.status()),
        Err(error) => format!("op-{number} is not modified: {error}"),
    });
}

/// Brings what is held to a net position.
pub(crate) async fn smart(
    world: Arc<World>,
    engine: Arc<Engine>,
    (account, order): (Account, SmartOrder),
) {
    let name = order.order.strategy.clone();
    let outcome = engine.orders().smart(world.user(account), order).await;
    world.note(|| format!("{name:?}: {:?}", outcome.map_err(|error| error.to_string())));
}

/// Closes what is held.
pub(crate) async fn close(
    world: Arc<World>,
    engine: Arc<Engine>,
    (account, slot, origin): (Account, Slot, ExitOrigin),
) {
    let name = origin.strategy.clone();
    let outcome = engine
        .orders()
        .close(world.user(account), slot, origin)
        .await;
    world.note(|| format!("{name:?}: {:?}", outcome.map_err(|error| error.to_string())));
}
