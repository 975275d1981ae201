//! Who asks for orders that wait for a price, and for changes of them.

use super::World;
use super::clients::TRIES;
use super::plan_waits::{GttChange, GttWish};
use openalgo::core::id::TriggerId;
use openalgo::core::order::{GttStatus, NewGtt};
use openalgo::core::port::Clock;
use openalgo::engine::Engine;
use openalgo::engine::service::{ChangeGttError, PlaceGttError, PlacedGtt};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is known of a wish.
#[derive(Debug, Clone)]
pub(super) struct GttCall {
    pub(super) wish: GttWish,
    /// The ids that were told, and how often as that of a new one.
    pub(super) ids: Vec<TriggerId>,
    pub(super) firsts: u32,
    /// Whether everything that was told says that there is none.
    pub(super) is_refused: bool,
    /// Requests without an answer: the process died, or works on it.
    pub(super) unanswered: u32,
    is_over: bool,
    /// Terms that it surely has, the latest last, and changes without a clear answer.
    pub(super) terms: Vec<NewGtt>,
    pub(super) unclear: u32,
    pub(super) cancels: u32,
}

/// What every client asked for and was told.
#[derive(Debug, Default)]
pub(super) struct Gtts(Mutex<BTreeMap<u32, GttCall>>);

impl Gtts {
    /// A wish comes up.
    pub(super) fn begin(&self, wish: &GttWish) {
        let call = GttCall {
            wish: wish.clone(),
            ids: Vec::new(),
            firsts: 0,
            is_refused: true,
            unanswered: 0,
            is_over: false,
            terms: Vec::new(),
            unclear: 0,
            cancels: 0,
        };
        self.lock().insert(wish.number, call);
    }

    /// Wishes whose clients will ask again: those who can say that it is the same.
    pub(super) fn unfinished(&self) -> Vec<GttWish> {
        let calls = self.lock();
        let unfinished = calls.values().filter(|call| !call.is_over);
        let wishes = unfinished.map(|call| call.wish.clone());
        wishes
            .filter(|wish| wish.asked.trigger_id.is_some())
            .collect()
    }

    pub(super) fn all(&self) -> Vec<GttCall> {
        self.lock().values().cloned().collect()
    }

    fn change(&self, number: u32, change: impl FnOnce(&mut GttCall)) {
        if let Some(call) = self.lock().get_mut(&number) {
            change(call);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u32, GttCall>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks until there is an answer, or patience ends.
pub(super) async fn client(world: Arc<World>, engine: Arc<Engine>, wish: GttWish) {
    let (number, user) = (wish.number, world.user(wish.account));
    for _ in 0..TRIES {
        world.gtts.change(number, |call| call.unanswered += 1);
        let placed = engine.gtts().place(user, wish.asked.clone()).await;
        world.note(|| match &placed {
            Ok(placed) => format!("gtt-{number} is placed: {}", placed.gtt.trigger_id),
            Err(error) => format!("gtt-{number} is not placed: {error}"),
        });
        let is_placed = placed.is_ok();
        world.gtts.change(number, |call| call.hear(placed));
        if is_placed || wish.asked.trigger_id.is_none() {
            break;
        }
        let pause = world.throw(|dice| dice.millis(300, 20_000));
        tokio::time::sleep(pause).await;
    }
    world.gtts.change(number, |call| call.is_over = true);
}

impl GttCall {
    fn hear(&mut self, placed: Result<PlacedGtt, PlaceGttError>) {
        self.unanswered -= 1;
        match placed {
            Ok(PlacedGtt { gtt, replayed }) => {
                self.is_refused = false;
                self.ids.push(gtt.trigger_id);
                self.firsts += u32::from(!replayed);
            }
            Err(PlaceGttError::Stopped) => self.is_refused = false,
            Err(_refused) => {}
        }
    }
}

/// Changes the one of an earlier wish, if its client knows of it.
pub(super) async fn change(
    world: Arc<World>,
    engine: Arc<Engine>,
    (number, change): (u32, GttChange),
) {
    let call = world.gtts.lock().get(&number).cloned();
    let Some((call, id)) = call.and_then(|call| Some((call.clone(), call.ids.first()?.clone())))
    else {
        return;
    };
    let user = world.user(call.wish.account);
    world.gtts.change(number, |call| call.unclear += 1);
    let gtts = engine.gtts();
    let changed = match &change {
        GttChange::Modify(asked) => gtts.modify(user, &id, (**asked).clone()).await,
        GttChange::Cancel => gtts.cancel(user, &id).await,
    };
    world.note(|| match &changed {
        Ok(gtt) => format!("gtt-{number} is changed: {}", gtt.status),
        Err(error) => format!("gtt-{number} is not changed: {error}"),
    });
    world.gtts.change(number, |call| match (changed, change) {
        (Ok(_), GttChange::Modify(asked)) => {
            call.unclear -= 1;
            call.terms.push(*asked);
        }
        (Ok(_), GttChange::Cancel) => {
            call.unclear -= 1;
            call.cancels += 1;
        }
        (Err(ChangeGttError::Stopped), _) => {}
        (Err(_refused), _) => call.unclear -= 1,
    });
}

/// How far prices fall and rise in the evening, in ticks: beyond every trigger.
const FAR: i64 = 2_000;

/// Prices come to whatever is waited for, and nothing may be left waiting.
pub(super) async fn meet_all(world: &World, engine: &Engine) {
    for shift in [-FAR, FAR] {
        world.market.shift(world.clock.now(), shift);
        // Each may be tried three times, with a pause after a try.
        for _ in 0..4 {
            if let Err(error) = engine.watch_gtts().await {
                world.accuse(format!("prices could not be looked at: {error}"));
            }
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
    }
    for gtt in super::check_gtts::stored(world).await {
        if gtt.status == GttStatus::Active {
            world.accuse(format!("{} was met and is lost: {gtt:?}", gtt.trigger_id));
        }
    }
}
