//! Semi-automatic keys that ask for orders, and people who decide on them.

use super::World;
use super::clients::TRIES;
use super::plan_waits::{KeyedWish, Verdict};
use openalgo::core::id::{IntentId, PendingOrderId, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::monitor::{Author, Surface};
use openalgo::core::port::Clock;
use openalgo::engine::Engine;
use openalgo::engine::service::{ApproveError, Approved, Requested};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a person was told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    /// It was let go, and this order came of it.
    Placed(IntentId),
    /// It was let go, and at that time there surely was no order.
    NotPlaced(Timestamp),
    Rejected,
}

/// What is known of a wish.
#[derive(Debug, Clone)]
pub(super) struct KeyedCall {
    pub(super) wish: KeyedWish,
    /// The rows that its client was told of.
    pub(super) rows: Vec<PendingOrderId>,
    /// Whether everything that its client was told says that nothing waits.
    pub(super) is_refused: bool,
    pub(super) unanswered: u32,
    is_over: bool,
    pub(super) told: Vec<Told>,
}

/// What every key asked for, and what its owner was told.
#[derive(Debug, Default)]
pub(super) struct Keyed(Mutex<BTreeMap<u32, KeyedCall>>);

impl Keyed {
    /// A wish comes up.
    pub(super) fn begin(&self, wish: &KeyedWish) {
        let call = KeyedCall {
            wish: wish.clone(),
            rows: Vec::new(),
            is_refused: true,
            unanswered: 0,
            is_over: false,
            told: Vec::new(),
        };
        self.lock().insert(wish.number, call);
    }

    /// Wishes whose clients will ask again: those who can say that it is the same order.
    pub(super) fn unfinished(&self) -> Vec<KeyedWish> {
        let calls = self.lock();
        let unfinished = calls.values().filter(|call| !call.is_over);
        let wishes = unfinished.map(|call| call.wish.clone());
        wishes
            .filter(|wish| wish.order.client_order_id.is_some())
            .collect()
    }

    pub(super) fn all(&self) -> Vec<KeyedCall> {
        self.lock().values().cloned().collect()
    }

    fn change(&self, number: u32, change: impl FnOnce(&mut KeyedCall)) {
        if let Some(call) = self.lock().get_mut(&number) {
            change(call);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, KeyedCall>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks until the order waits, or patience ends.
pub(super) async fn client(world: Arc<World>, engine: Arc<Engine>, wish: KeyedWish) {
    let (number, user) = (wish.number, world.user(wish.account));
    for _ in 0..TRIES {
        world.keyed.change(number, |call| call.unanswered += 1);
        let keyed = engine.keyed_orders();
        let requested = keyed.place(user, wish.order.clone()).await;
        world.note(|| match &requested {
            Ok(Requested::Waits(queued)) => format!("keyed-{number} waits: {}", queued.pending.id),
            Ok(Requested::Done(placed)) => {
                format!("keyed-{number} was placed: {}", placed.order.intent.id)
            }
            Err(error) => format!("keyed-{number} is refused: {error}"),
        });
        let is_heard = requested.is_ok();
        world.keyed.change(number, |call| {
            call.unanswered -= 1;
            call.is_refused &= !is_heard;
            if let Ok(Requested::Waits(queued)) = requested {
                call.rows.push(queued.pending.id);
            }
        });
        if is_heard || wish.order.client_order_id.is_none() {
            break;
        }
        let pause = world.throw(|dice| dice.millis(300, 20_000));
        tokio::time::sleep(pause).await;
    }
    world.keyed.change(number, |call| call.is_over = true);
}

/// Decides on the order of an earlier wish, if it is in the list.
pub(super) async fn decide(
    world: Arc<World>,
    engine: Arc<Engine>,
    (number, verdict): (u32, Verdict),
) {
    let call = world.keyed.lock().get(&number).cloned();
    let Some(wish) = call.map(|call| call.wish) else {
        return;
    };
    let user = world.user(wish.account);
    let Ok(list) = engine.approvals().list(user, None).await else {
        return;
    };
    let name = wish.strategy();
    let mut rows = list.iter().map(|view| &view.pending);
    let Some(row) = rows.find(|row| row.asked.order.strategy.as_ref() == Some(&name)) else {
        return;
    };
    let person = Person {
        world: &world,
        engine: &engine,
        user,
        number,
        row: row.id,
    };
    match verdict {
        Verdict::Approve => person.approve().await,
        Verdict::ApproveTwice => {
            tokio::join!(person.approve(), person.approve());
        }
        Verdict::Reject => person.reject().await,
        Verdict::ApproveAndReject => {
            tokio::join!(person.approve(), person.reject());
        }
    }
}

/// Somebody who decides on an order.
struct Person<'a> {
    world: &'a World,
    engine: &'a Engine,
    user: UserId,
    number: u32,
    row: PendingOrderId,
}

impl Person<'_> {
    fn author(&self) -> Author {
        Author {
            user: Some(self.user),
            surface: Surface::Embedded,
        }
    }

    async fn approve(&self) {
        let approvals = self.engine.approvals();
        let approved = approvals.approve(self.user, self.row, self.author()).await;
        let number = self.number;
        self.world.note(|| match &approved {
            Ok(approved) => format!("keyed-{number} is approved: {:?}", approved.came_of),
            Err(error) => format!("keyed-{number} is not approved: {error}"),
        });
        match approved {
            Ok(Approved { came_of, .. }) => {
                if let Some(order) = came_of.order() {
                    self.hear(Told::Placed(order.intent.id));
                }
            }
            Err(ApproveError::NotPlaced { .. }) => {
                self.hear(Told::NotPlaced(self.world.clock.now()));
            }
            Err(_) => {}
        }
    }

    async fn reject(&self) {
        let approvals = self.engine.approvals();
        let reason = (None, self.author());
        let rejected = approvals.reject(self.user, self.row, reason).await;
        let number = self.number;
        self.world.note(|| match &rejected {
            Ok(_) => format!("keyed-{number} is rejected"),
            Err(error) => format!("keyed-{number} is not rejected: {error}"),
        });
        if rejected.is_ok() {
            self.hear(Told::Rejected);
        }
    }

    fn hear(&self, told: Told) {
        self.world
            .keyed
            .change(self.number, |call| call.told.push(told));
    }
}
